// With phases `pipelined`: from which cycle on the partial fibers of a row are all in the partial-sum buffer. Rule O4
// of dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "dataflows/outer_product/column_index.h"
#include "sim/base/ring.h"

namespace heddle::outer_product {

class CompleteRows {
 public:
  /// `rouse` is called with the cycle in which a row becomes ready, once that is known. O(nnz(A) + rows log rows).
  CompleteRows(const Csr& a, const ColumnIndex& index, std::function<void(Cycle)> rouse);

  /// Line number `line` of the log is accepted in `at`. Each line once, in any order.
  void accept(std::uint64_t line, Cycle at);
  /// kNever: not known yet.
  Cycle ready(std::uint32_t row) const { return ready_[row]; }

 private:
  struct LastLine {
    std::uint64_t line = 0;  // with the last byte of the row's last partial fiber
    std::uint32_t row = 0;
    friend auto operator<=>(const LastLine&, const LastLine&) = default;
  };

  std::function<void(Cycle)> rouse_;
  std::vector<LastLine> waiting_;  // ascending
  std::size_t next_ = 0;           // of these, the first whose row is not ready
  std::vector<Cycle> ready_;       // by row
  Ring<Cycle> accepted_;           // of lines first_, first_ + 1, ...; kNever: not known yet
  std::uint64_t first_ = 0;        // all lines before it have been accepted, ...
  Cycle latest_ = 0;               // ... the last of them in this cycle
};

}  // namespace heddle::outer_product
