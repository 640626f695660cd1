#include "dataflows/outer_product/column_index.h"

#include <algorithm>

#include "dataflows/matrix_counts.h"

namespace heddle::outer_product {

ColumnIndex::ColumnIndex(const Workload& workload, const Config& config, const Layout& layout)
    : b_(workload.b.get()),
      a_(layout.converted),
      b_elements_(layout.b),
      columns_(workload.a->cols),
      element_bytes_(config.layout.element_bytes()),
      header_bytes_(config.outer_product.header_bytes),
      segment_elements_(heddle::segment_elements(config)),
      pointers_(std::size_t{workload.a->cols} + 1, 0),
      log_(std::size_t{workload.a->cols} + 1, layout.partial_base) {
  for (const Coordinate k : workload.a->coordinates) ++pointers_[k + std::size_t{1}];
  for (std::uint32_t k = 0; k < columns_; ++k) {
    const std::uint64_t p = pointers_[k + std::size_t{1}];
    pointers_[k + std::size_t{1}] += pointers_[k];
    log_[k + std::size_t{1}] = log_[k] + p * (segments(k) * header_bytes_ + row_nnz(k) * element_bytes_);
  }
}

bool ColumnLines::advance() {
  while (k_ < index_.columns()) {
    const std::uint64_t p = index_.column_nnz(k_);
    const std::uint64_t repetitions = p == 0 ? 0 : std::max<std::uint64_t>(1, index_.segments(k_));
    if (repetition_ == repetitions) {
      ++k_;
      repetition_ = 0;
      continue;
    }
    ++repetition_;
    line_ = line_of(index_.column_byte(k_, 0));
    end_ = line_of(index_.column_byte(k_, p) - 1) + 1;
    if (line_ == last_) ++line_;
    if (line_ != end_) return true;
  }
  return false;
}

bool ColumnLines::next(LineAddr& line) {
  if (line_ == end_ && !advance()) return false;
  line = last_ = line_++;
  return true;
}

bool RowLines::next(LineAddr& line) {
  for (; line_ == end_; ++k_) {
    if (k_ == index_.columns()) return false;
    if (!index_.forms_products(k_)) continue;
    line_ = line_of(index_.row_byte(k_, 0));
    end_ = line_of(index_.row_byte(k_, index_.row_nnz(k_)) - 1) + 1;
    if (line_ == last_) ++line_;
  }
  line = last_ = line_++;
  return true;
}

}  // namespace heddle::outer_product
