#include "dataflows/layout.h"

namespace heddle {
namespace {

/// Hands out regions one after the other.
class Regions {
 public:
  Array take(std::uint64_t entries, std::uint32_t stride) {
    const Array array{next_, stride};
    const std::uint64_t end = array.byte(entries);
    next_ = (end + Layout::kRegionAlignment - 1) / Layout::kRegionAlignment * Layout::kRegionAlignment;
    return array;
  }
  std::uint64_t next() const { return next_; }

 private:
  std::uint64_t next_ = 0;
};

}  // namespace

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
  layout.c = regions.take(workload.nnz_c(), element_bytes);
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
