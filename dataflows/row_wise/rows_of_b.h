// The fibers that make rows of C: the rows of B that the nonzeros of A name. Rule R2 of dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <span>

#include "dataflows/dispatcher.h"
#include "dataflows/layout.h"
#include "matrices/workload.h"
#include "sim/memory/cache.h"

namespace heddle::row_wise {

class RowsOfB final : public RowSource {
 public:
  /// All must outlive it. `cache`: through which they are read.
  RowsOfB(const Workload& workload, const Layout& layout, bool carry_values, Cache& cache)
      : a_(*workload.a), b_(*workload.b), layout_(layout), carry_values_(carry_values), cache_(cache) {
    cache.expect_reads(line_of(layout.b.base), lines_spanned(layout.b.base, layout.b.byte(b_.nnz())));
  }

  /// The row of B that element number `element` of A, in row order, names, for whom will read it: its lines are
  /// announced to the cache (rule 25 of sim/SEMANTICS.md).
  FiberRef hand_out(std::uint64_t element) const {
    const Coordinate k = a_.coordinates[element];
    const std::uint64_t begin = b_.pointers[k], end = b_.pointers[k + std::size_t{1}];
    if (begin != end) cache_.announce(layout_.b.byte(begin), layout_.b.byte(end));
    return {.coordinates = b_.coordinates.data() + begin,
            .values = b_.values.data() + begin,
            .scale = carry_values_ ? a_.values[element] : 1.0,
            .first_byte = layout_.b.byte(begin),
            .pointer_byte = layout_.b_pointers.byte(k),
            .elements = static_cast<std::uint32_t>(end - begin)};
  }

  FiberKind kind() const override { return FiberKind::b; }
  std::uint64_t fiber_count(std::uint32_t row) const override { return a_.row_nnz(row); }
  std::uint64_t first_element(std::uint32_t row) const override { return a_.pointers[row]; }
  void fill(std::uint32_t row, std::uint64_t first, std::span<FiberRef> fibers) const override {
    const std::uint64_t element = a_.pointers[row] + first;
    for (std::size_t f = 0; f < fibers.size(); ++f) fibers[f] = hand_out(element + f);
  }

 private:
  const Csr& a_;
  const Csr& b_;
  const Layout& layout_;
  const bool carry_values_;
  Cache& cache_;
};

}  // namespace heddle::row_wise
