// Where A, B, C, their pointers and partials lie in the simulated address space.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "matrices/workload.h"
#include "sim/base/describe.h"
#include "sim/memory/memory.h"

namespace heddle {

enum class CLayout : std::uint8_t { exact, upper_bound };
constexpr EnumName<CLayout> kCLayoutNames[] = {
    {CLayout::exact, "exact", "rows follow one another: nonzeros of each are known before the run"},
    {CLayout::upper_bound, "upper_bound",
     "each row begins a line and has room for its products, or a full row if that is less"}};
constexpr std::span<const EnumName<CLayout>> enum_names(CLayout) {
  return kCLayoutNames;
}

struct LayoutConfig {
  std::uint32_t pointer_bytes = 4;  ///< DESIGN: pointers are an array of their own
  std::uint32_t coordinate_bytes = 4;
  std::uint32_t value_bytes = 8;
  CLayout c_layout = CLayout::exact;
  std::uint32_t element_bytes() const { return coordinate_bytes + value_bytes; }
};
template <class V>
void describe(V& v, LayoutConfig& c) {
  v.field("pointer_bytes", c.pointer_bytes, "bytes", "one row or column offset", in_range(1, 16));
  v.field("coordinate_bytes", c.coordinate_bytes, "bytes", "coordinate of one nonzero", in_range(1, 16));
  v.field("value_bytes", c.value_bytes, "bytes", "value of one nonzero", in_range(1, 16));
  option(v, "c_layout", c.c_layout, CLayout::exact, "name", "where rows of C lie");
}

/// One array in memory: `stride` bytes per entry from byte address `base`, packed; an entry may straddle two lines.
struct Array {
  std::uint64_t base = 0;
  std::uint32_t stride = 1;
  std::uint64_t byte(std::uint64_t index) const { return base + index * stride; }
};

/// The rows of C. The workload's row offsets must outlive it.
class RowsOfC {
 public:
  RowsOfC() = default;
  RowsOfC(const Workload& workload, const LayoutConfig& config, std::uint64_t base);

  /// Bytes [begin(row), end(row)) of the address space.
  std::uint64_t begin(std::uint32_t row) const {
    return apart() ? first_bytes_[row] : elements_.byte((*pointers_)[row]);
  }
  std::uint64_t end(std::uint32_t row) const {
    return begin(row) + ((*pointers_)[row + std::size_t{1}] - (*pointers_)[row]) * elements_.stride;
  }
  std::uint64_t base() const { return elements_.base; }
  /// One past the last byte that C may take.
  std::uint64_t end() const { return apart() ? first_bytes_.back() : elements_.byte(pointers_->back()); }
  /// No line holds bytes of two rows.
  bool apart() const { return !first_bytes_.empty(); }

 private:
  Array elements_;
  const std::vector<std::uint64_t>* pointers_ = nullptr;
  std::vector<std::uint64_t> first_bytes_;  // upper_bound: rows + 1
};

/// Disjoint regions, each starting at a multiple of kRegionAlignment, in this order. Partials come last, without end.
struct Layout {
  static constexpr std::uint64_t kRegionAlignment = 4096;
  Array a_pointers, a, b_pointers, b, c_pointers;
  RowsOfC c;
  Array converted_pointers, converted;  ///< A in CSC (outer product) or B in CSC (inner product)
  std::uint64_t partial_base = 0;
};

/// `converted_rows`, `converted_nnz`: shape of the operand a dataflow converts to the other orientation; 0, 0 for none.
Layout make_layout(const Workload& workload, const LayoutConfig& config, std::uint64_t converted_rows,
                   std::uint64_t converted_nnz);

/// Lines that hold elements of C, each counted once. O(rows).
std::uint64_t lines_of_c(const Workload& workload, const LayoutConfig& config);

/// What a run takes for granted about rows of C, for its report.
std::string assumption(CLayout layout);

/// Compulsory traffic: A, the touched part of B, C, and the three pointer arrays, each byte once (DESIGN section 3).
std::uint64_t compulsory_bytes(const Workload& workload, const LayoutConfig& config);

constexpr std::uint64_t divide_up(std::uint64_t n, std::uint64_t d) {
  return n / d + (n % d != 0 ? 1 : 0);
}
/// Lines that `bytes` bytes from a line's first one on take.
constexpr std::uint64_t packed_lines(std::uint64_t bytes) {
  return divide_up(bytes, kLineBytes);
}

/// Lines that hold bytes [first, last) of the address space: from line_of(first) to line_of(last - 1).
constexpr LineAddr line_of(std::uint64_t byte) {
  return byte / kLineBytes;
}
constexpr std::uint64_t lines_spanned(std::uint64_t first, std::uint64_t last) {
  return first == last ? 0 : line_of(last - 1) - line_of(first) + 1;
}

}  // namespace heddle
