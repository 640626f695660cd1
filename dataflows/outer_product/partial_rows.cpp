#include "dataflows/outer_product/partial_rows.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle::outer_product {

PartialRows::PartialRows(const Workload& workload, const ColumnIndex& index, bool carry_values,
                         const CompleteRows* complete)
    : a_(*workload.a),
      b_(*workload.b),
      index_(index),
      carry_values_(carry_values),
      complete_(complete),
      above_(workload.a->cols, 0) {}

std::uint64_t PartialRows::fiber_count(std::uint32_t row) const {
  std::uint64_t count = 0;
  for (const Coordinate k : a_.row(row).coordinates) count += index_.segments(k);
  return count;
}

void PartialRows::add_fibers(Coordinate k, double a_value) const {
  const std::uint64_t i = above_[k]++;
  for (std::uint64_t number = 0; number < index_.segments(k); ++number) {
    const Segment segment = index_.segment(k, number);
    const std::uint64_t first = b_.pointers[k] + segment.first;
    FiberRef fiber;
    fiber.coordinates = b_.coordinates.data() + first;
    if (carry_values_) fiber.values = b_.values.data() + first;
    fiber.scale = a_value;
    fiber.first_byte = index_.fiber_byte(k, segment, i);
    fiber.elements = static_cast<std::uint32_t>(segment.elements);
    fiber.header_bytes = index_.header_bytes();
    fibers_.push_back(fiber);
  }
}

/// Rows that were passed over have no fibers of their own but count in their columns.
void PartialRows::load(std::uint32_t row) const {
  if (row + 1 == next_row_) return;
  HEDDLE_CHECK(row >= next_row_);
  for (; next_row_ <= row; ++next_row_) {
    fibers_.clear();
    const Fiber a_row = a_.row(next_row_);
    for (std::size_t i = 0; i < a_row.coordinates.size(); ++i) add_fibers(a_row.coordinates[i], a_row.values[i]);
  }
}

void PartialRows::fill(std::uint32_t row, std::uint64_t first, std::span<FiberRef> fibers) const {
  load(row);
  std::copy_n(fibers_.begin() + static_cast<std::ptrdiff_t>(first), fibers.size(), fibers.begin());
}

}  // namespace heddle::outer_product
