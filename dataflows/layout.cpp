#include "dataflows/layout.h"

#include <algorithm>

#include "dataflows/matrix_counts.h"

namespace heddle {
namespace {

/// Hands out regions one after the other.
class Regions {
 public:
  Array take(std::uint64_t entries, std::uint32_t stride) {
    const Array array{next_, stride};
    end(array.byte(entries));
    return array;
  }
  /// The region that begins at next() ends before byte `last`.
  void end(std::uint64_t last) {
    next_ = (last + Layout::kRegionAlignment - 1) / Layout::kRegionAlignment * Layout::kRegionAlignment;
  }
  std::uint64_t next() const { return next_; }

 private:
  std::uint64_t next_ = 0;
};

}  // namespace

RowsOfC::RowsOfC(const Workload& workload, const LayoutConfig& config, std::uint64_t base)
    : elements_{base, config.element_bytes()}, pointers_(&workload.c_pointers) {
  if (config.c_layout == CLayout::exact) return;
  first_bytes_.reserve(workload.c_pointers.size());
  for (std::uint32_t row = 0; row < workload.a->rows; ++row) {
    first_bytes_.push_back(base);
    const std::uint64_t most = std::min<std::uint64_t>(row_products(workload, row), workload.b->cols);
    base += packed_lines(most * config.element_bytes()) * kLineBytes;
  }
  first_bytes_.push_back(base);
}

std::uint64_t lines_of_c(const Workload& workload, const LayoutConfig& config) {
  const std::uint64_t element_bytes = config.element_bytes();
  if (config.c_layout == CLayout::exact) return packed_lines(workload.nnz_c() * element_bytes);
  const std::vector<std::uint64_t>& pointers = workload.c_pointers;
  std::uint64_t lines = 0;
  for (std::size_t row = 0; row + 1 < pointers.size(); ++row)
    lines += packed_lines((pointers[row + 1] - pointers[row]) * element_bytes);
  return lines;
}

std::string assumption(CLayout layout) {
  if (layout == CLayout::exact) return "C's row offsets are known before the run (c_layout: exact)";
  return "C's rows have room for all their products, on lines of their own, found in no time (c_layout: upper_bound)";
}

Layout make_layout(const Workload& workload, const LayoutConfig& config, std::uint64_t converted_rows,
                   std::uint64_t converted_nnz) {
  const std::uint32_t element_bytes = config.element_bytes();
  Regions regions;
  Layout layout;
  layout.a_pointers = regions.take(workload.a->rows + std::uint64_t{1}, config.pointer_bytes);
  layout.a = regions.take(workload.a->nnz(), element_bytes);
  layout.b_pointers = regions.take(workload.b->rows + std::uint64_t{1}, config.pointer_bytes);
  layout.b = regions.take(workload.b->nnz(), element_bytes);
  layout.c_pointers = regions.take(workload.a->rows + std::uint64_t{1}, config.pointer_bytes);
  layout.c = RowsOfC(workload, config, regions.next());
  regions.end(layout.c.end());
  layout.converted_pointers = regions.take(converted_rows + 1, config.pointer_bytes);
  layout.converted = regions.take(converted_nnz, element_bytes);
  layout.partial_base = regions.next();
  return layout;
}

std::uint64_t compulsory_bytes(const Workload& workload, const LayoutConfig& config) {
  const std::uint64_t elements = workload.a->nnz() + workload.touched_b_nnz + workload.nnz_c();
  const std::uint64_t pointers = 2 * (workload.a->rows + std::uint64_t{1}) + workload.b->rows + 1;
  return elements * config.element_bytes() + pointers * config.pointer_bytes;
}

}  // namespace heddle
