#include "dataflows/outer_product/complete_rows.h"

#include <algorithm>
#include <utility>

namespace heddle::outer_product {

CompleteRows::CompleteRows(const Csr& a, const ColumnIndex& index, std::function<void(Cycle)> rouse)
    : rouse_(std::move(rouse)), ready_(a.rows, 0) {
  std::vector<std::uint64_t> above(a.cols, 0);  // nonzeros of a column in rows before the present one
  for (std::uint32_t row = 0; row < a.rows; ++row) {
    std::uint64_t last_byte = 0;
    for (const Coordinate k : a.row(row).coordinates) {
      const std::uint64_t i = above[k]++;
      if (index.row_nnz(k) == 0) continue;
      const Segment segment = index.segment(k, index.segments(k) - 1);
      last_byte = index.fiber_byte(k, segment, i) + index.header_bytes() + segment.elements * index.element_bytes() - 1;
    }
    if (last_byte == 0) continue;
    waiting_.push_back({line_of(last_byte) - line_of(index.log_begin()), row});
    ready_[row] = kNever;
  }
  std::sort(waiting_.begin(), waiting_.end());
}

void CompleteRows::accept(std::uint64_t line, Cycle at) {
  while (accepted_.size() <= line - first_) accepted_.push_back(kNever);
  accepted_[line - first_] = at;
  for (; !accepted_.empty() && accepted_.front() != kNever; accepted_.pop_front()) {
    latest_ = std::max(latest_, accepted_.front());
    ++first_;
    for (; next_ < waiting_.size() && waiting_[next_].line < first_; ++next_) {
      ready_[waiting_[next_].row] = latest_ + 1;
      rouse_(latest_ + 1);
    }
  }
}

}  // namespace heddle::outer_product
