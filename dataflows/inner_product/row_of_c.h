// Where a row of C lies, and which of its lines other rows share.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dataflows/layout.h"

namespace heddle::inner_product {

/// Bytes [begin, end) of the address space; no other row has bytes in [end, others_from).
struct RowOfC {
  std::uint64_t begin = 0, end = 0, others_from = 0;

  RowOfC(const RowsOfC& c, std::uint32_t row)
      : begin(c.begin(row)), end(c.end(row)), others_from(c.apart() || end == c.end() ? kNoOthers : end) {}

  bool empty() const { return begin == end; }
  LineAddr first_line() const { return line_of(begin); }
  LineAddr last_line() const { return line_of(end - 1); }
  /// `line` is one of this row's: it also holds bytes of another row.
  bool shares(LineAddr line) const { return begin > line * kLineBytes || others_from < (line + 1) * kLineBytes; }
  std::uint32_t bytes_in(LineAddr line) const {
    return static_cast<std::uint32_t>(std::min(end, (line + 1) * kLineBytes) - std::max(begin, line * kLineBytes));
  }
  /// Bytes of the row in shared lines: only its first and last can be.
  std::uint64_t shared_bytes() const {
    if (empty()) return 0;
    const std::uint64_t first = shares(first_line()) ? bytes_in(first_line()) : 0;
    return first_line() == last_line() || !shares(last_line()) ? first : first + bytes_in(last_line());
  }

 private:
  static constexpr std::uint64_t kNoOthers = ~std::uint64_t{0};
};

}  // namespace heddle::inner_product
