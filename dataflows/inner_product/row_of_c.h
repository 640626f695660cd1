// Where a row of C lies, and which of its lines other rows share.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dataflows/layout.h"

namespace heddle::inner_product {

/// Bytes [begin, end) of the address space, of C up to byte `c_end`.
struct RowOfC {
  std::uint64_t begin = 0, end = 0, c_end = 0;

  RowOfC(const Workload& workload, const Layout& layout, std::uint32_t row)
      : begin(layout.c.byte(workload.c_pointers[row])),
        end(layout.c.byte(workload.c_pointers[row + 1])),
        c_end(layout.c.byte(workload.nnz_c())) {}

  bool empty() const { return begin == end; }
  LineAddr first_line() const { return line_of(begin); }
  LineAddr last_line() const { return line_of(end - 1); }
  /// `line` is one of this row's: it also holds bytes of another row.
  bool shares(LineAddr line) const {
    return begin > line * kLineBytes || end < std::min(c_end, (line + 1) * kLineBytes);
  }
  std::uint32_t bytes_in(LineAddr line) const {
    return static_cast<std::uint32_t>(std::min(end, (line + 1) * kLineBytes) - std::max(begin, line * kLineBytes));
  }
  /// Bytes of the row in shared lines: only its first and last can be.
  std::uint64_t shared_bytes() const {
    if (empty()) return 0;
    const std::uint64_t first = shares(first_line()) ? bytes_in(first_line()) : 0;
    return first_line() == last_line() || !shares(last_line()) ? first : first + bytes_in(last_line());
  }
};

}  // namespace heddle::inner_product
