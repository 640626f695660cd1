// The partial fibers that arrays make of each row, on their way to the PEs that merge them. Rules W6 and W7 of
// dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "dataflows/dispatcher.h"
#include "sim/compute/task.h"

namespace heddle::row_wise {

class WindowRows final : public RowSource, public TaskListener {
 public:
  explicit WindowRows(const Csr& a) : a_(a), rows_(a.rows) {}
  /// `rouse` is called with the cycle in which a row becomes ready.
  void set_rouse(std::function<void(Cycle)> rouse) { rouse_ = std::move(rouse); }

  /// A row with nonzeros is cut into `windows` windows.
  void on_cut(std::uint32_t row, std::uint64_t windows);
  /// Where the row's partial fiber of window `index` lies from now on, and what is to be filled.
  PartialFiber& place(std::uint32_t row, std::uint32_t index, std::uint64_t first_byte);
  static std::uint64_t tag(std::uint32_t row, std::uint32_t index) { return std::uint64_t{row} << 32 | index; }

  void on_partial_end(std::uint64_t tag, Cycle at) override;
  void on_task_end(std::uint32_t, const Task&, Cycle) override {}

  FiberKind kind() const override { return FiberKind::partial; }
  std::uint64_t fiber_count(std::uint32_t row) const override { return rows_[row] ? rows_[row]->fibers.size() : 0; }
  void fill(std::uint32_t row, std::uint64_t first, std::span<FiberRef> fibers) const override;
  Cycle ready(std::uint32_t row) const override;
  void release(std::uint32_t row, std::uint64_t fibers) override;

 private:
  struct Fiber {
    PartialFiber out;
    std::uint64_t first_byte = 0;
  };
  struct Row {
    std::vector<Fiber> fibers;
    std::uint64_t ended = 0, released = 0;
    Cycle last_end = 0;
  };

  const Csr& a_;
  std::vector<std::unique_ptr<Row>> rows_;  // cut and not yet merged
  std::function<void(Cycle)> rouse_;
};

}  // namespace heddle::row_wise
