// Where the columns of A lie in A' (A in CSC) and where the partial fibers lie in the log: prefix sums over k, nothing
// per product. Rule O2 of dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/config.h"
#include "dataflows/layout.h"
#include "sim/memory/stream.h"

namespace heddle::outer_product {

/// One segment of row k of B: elements [first, first + elements) of the row.
struct Segment {
  std::uint64_t first = 0;
  std::uint64_t elements = 0;
};

class ColumnIndex {
 public:
  ColumnIndex(const Workload& workload, const Config& config, const Layout& layout);

  std::uint32_t columns() const { return columns_; }
  /// p: nonzeros of column k of A.
  std::uint64_t column_nnz(std::uint32_t k) const { return pointers_[k + 1] - pointers_[k]; }
  /// q: nonzeros of row k of B.
  std::uint64_t row_nnz(std::uint32_t k) const { return b_->row_nnz(k); }
  bool forms_products(std::uint32_t k) const { return column_nnz(k) != 0 && row_nnz(k) != 0; }

  std::uint64_t segments(std::uint32_t k) const {
    const std::uint64_t q = row_nnz(k);
    return q <= segment_elements_ ? (q != 0 ? 1 : 0) : (q + segment_elements_ - 1) / segment_elements_;
  }
  Segment segment(std::uint32_t k, std::uint64_t number) const {
    const std::uint64_t first = number * segment_elements_;
    const std::uint64_t rest = row_nnz(k) - first;
    return {first, rest < segment_elements_ ? rest : segment_elements_};
  }

  /// First byte of element `i` of column k in A', and of element `j` of row k of B.
  std::uint64_t column_byte(std::uint32_t k, std::uint64_t i) const { return a_.byte(pointers_[k] + i); }
  std::uint64_t row_byte(std::uint32_t k, std::uint64_t j) const { return b_elements_.byte(b_->pointers[k] + j); }
  /// One past the last byte of A'.
  std::uint64_t column_end() const { return a_.byte(pointers_.back()); }

  /// First byte (of the header) of the partial fiber of `segment` of row k and element `i` of column k.
  std::uint64_t fiber_byte(std::uint32_t k, const Segment& segment, std::uint64_t i) const {
    const std::uint64_t before = segment.first == 0 ? 0 : segment.first / segment_elements_;
    return log_[k] + column_nnz(k) * (before * header_bytes_ + segment.first * element_bytes_) +
           i * (header_bytes_ + segment.elements * element_bytes_);
  }
  std::uint64_t log_begin() const { return log_.front(); }
  std::uint64_t log_end() const { return log_.back(); }

  std::uint32_t element_bytes() const { return element_bytes_; }
  std::uint32_t header_bytes() const { return header_bytes_; }

 private:
  const Csr* b_;
  Array a_, b_elements_;
  std::uint32_t columns_;
  std::uint32_t element_bytes_, header_bytes_;
  std::uint64_t segment_elements_;
  std::vector<std::uint64_t> pointers_;  // of A'
  std::vector<std::uint64_t> log_;       // first byte of k's partial fibers
};

/// Element lines of A' in the order of use: each column once per segment of its row of B, once if that row is empty.
class ColumnLines final : public LineSequence {
 public:
  explicit ColumnLines(const ColumnIndex& index) : index_(index) {}
  bool next(LineAddr& line) override;

 private:
  bool advance();

  const ColumnIndex& index_;
  std::uint32_t k_ = 0;
  std::uint64_t repetition_ = 0;
  LineAddr line_ = 0, end_ = 0;
  LineAddr last_ = ~LineAddr{0};  // handed out last
};

/// Element lines of the rows of B that meet a column of A.
class RowLines final : public LineSequence {
 public:
  explicit RowLines(const ColumnIndex& index) : index_(index) {}
  bool next(LineAddr& line) override;

 private:
  const ColumnIndex& index_;
  std::uint32_t k_ = 0;
  LineAddr line_ = 0, end_ = 0;
  LineAddr last_ = ~LineAddr{0};
};

}  // namespace heddle::outer_product
