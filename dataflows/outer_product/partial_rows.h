// The partial fibers of each row of C: one per nonzero A(r,k) and segment of row k of B, in log order. Rule O5 of
// dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataflows/dispatcher.h"
#include "dataflows/outer_product/column_index.h"
#include "dataflows/outer_product/complete_rows.h"

namespace heddle::outer_product {

/// Rows are filled in ascending order; each row's fibers are worked out once, when its first task is.
class PartialRows final : public RowSource {
 public:
  /// `complete`: rows wait for it; nullptr: they are all ready.
  PartialRows(const Workload& workload, const ColumnIndex& index, bool carry_values, const CompleteRows* complete);

  FiberKind kind() const override { return FiberKind::partial; }
  std::uint64_t fiber_count(std::uint32_t row) const override;
  void fill(std::uint32_t row, std::uint64_t first, std::span<FiberRef> fibers) const override;
  Cycle ready(std::uint32_t row) const override { return complete_ == nullptr ? 0 : complete_->ready(row); }

 private:
  void load(std::uint32_t row) const;
  void add_fibers(Coordinate k, double a_value) const;

  const Csr& a_;
  const Csr& b_;
  const ColumnIndex& index_;
  bool carry_values_;
  const CompleteRows* complete_;
  // What is known of the row at work; rows before it have been counted in `above_`.
  mutable std::uint32_t next_row_ = 0;
  mutable std::vector<FiberRef> fibers_;
  mutable std::vector<std::uint32_t> above_;  // by k: nonzeros of column k of A in rows before next_row_
};

}  // namespace heddle::outer_product
