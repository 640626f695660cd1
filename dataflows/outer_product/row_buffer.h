// Rows of B on chip, for rows that are asked for in an order known ahead: which accesses go to memory (rule M5 of
// dataflows/SEMANTICS.md).
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "matrices/csr.h"

namespace heddle::outer_product {

/// Number of the next access to the same row, by access; kNoUse after the last.
inline constexpr std::uint64_t kNoUse = ~std::uint64_t{0};
std::vector<std::uint64_t> next_uses(const std::vector<Coordinate>& accesses, std::uint32_t rows);

/// Holds whole rows of up to `lines` lines in all; gives up the one used again last.
class RowBuffer {
 public:
  RowBuffer(std::uint32_t rows, std::uint64_t lines) : use_(rows, kNotHeld), lines_(rows, 0), room_(lines) {}

  /// Row k, `lines` long, is used, and next in access `next`. True if it was held.
  bool access(Coordinate k, std::uint64_t lines, std::uint64_t next) {
    const bool held = use_[k] != kNotHeld;
    if (held) drop(k);
    if (next == kNoUse) return held;
    while (lines > room_ && !by_use_.empty() && by_use_.rbegin()->first > next) drop(by_use_.rbegin()->second);
    if (lines > room_) return held;
    use_[k] = next;
    lines_[k] = lines;
    room_ -= lines;
    by_use_.emplace(next, k);
    return held;
  }

 private:
  static constexpr std::uint64_t kNotHeld = ~std::uint64_t{0} - 1;
  void drop(Coordinate k) {
    by_use_.erase({use_[k], k});
    room_ += lines_[k];
    use_[k] = kNotHeld;
  }
  std::set<std::pair<std::uint64_t, Coordinate>> by_use_;
  std::vector<std::uint64_t> use_, lines_;
  std::uint64_t room_;
};

}  // namespace heddle::outer_product
