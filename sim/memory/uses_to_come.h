// How often each line of a range will be read by those who have said so. Rules 11 and 25 of sim/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/errors.h"
#include "sim/memory/memory.h"

namespace heddle {

class UsesToCome {
 public:
  /// Of no line.
  UsesToCome() = default;
  UsesToCome(LineAddr first, std::uint64_t lines) : first_(first), uses_(lines) {}

  /// One more of each line that bytes [first, end), not empty, of the range lie in; of nothing if the range is empty.
  void announce(std::uint64_t first, std::uint64_t end) {
    if (uses_.empty()) return;
    for (LineAddr line = first / kLineBytes; line <= (end - 1) / kLineBytes; ++line) ++uses_[line - first_];
  }
  /// One of those announced has come.
  void take(LineAddr line) {
    if (uses_.empty()) return;
    HEDDLE_DCHECK(of(line) != 0);
    --uses_[line - first_];
  }
  /// 0 for lines outside the range.
  std::uint32_t of(LineAddr line) const { return line - first_ < uses_.size() ? uses_[line - first_] : 0; }

 private:
  LineAddr first_ = 0;
  std::vector<std::uint32_t> uses_;
};

}  // namespace heddle
