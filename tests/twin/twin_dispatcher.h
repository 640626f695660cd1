// Rows become tasks, tasks go to PEs, passed rows complete C's pointers (rules 21 to 25).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "dataflows/config.h"
#include "tests/twin/twin_pe.h"

namespace heddle::twin {

/// Deviations from the rules on purpose: the tests show that each is noticed.
struct DispatcherMutation {
  bool highest_pe_first = false;
  bool youngest_parent_first = false;
  bool rows_before_parents = false;
  bool announces_one_fiber = false;
};

/// Where the rows come from: what must be here before a row is known or a task can go, and who is told.
struct RowSource {
  std::uint64_t rows = 0;
  std::function<std::vector<TwinFiber>(std::uint64_t row)> fibers;
  std::function<bool(std::uint64_t row, Cycle t)> row_known;
  /// Fibers [first, last) of the row may be dispatched.
  std::function<bool(std::uint64_t row, std::uint64_t first, std::uint64_t last, Cycle t)> operands_in;
  std::function<void(std::uint64_t row, std::uint64_t last)> dispatched;
  std::function<void(std::uint64_t row)> passed;
};

class TwinDispatcher {
 public:
  TwinDispatcher(RowSource source, const Config& config, Scheduler scheduler, const std::vector<ByteRange>& c_rows,
                 Array c_pointers, std::uint64_t partial_base, std::vector<TwinPe>& pes, TwinCache& cache,
                 TwinMemory& memory, WorkLog& log, DispatcherMutation mutation = {});

  void step(Cycle t);
  bool done() const;

 private:
  using TaskPtr = std::shared_ptr<TwinTask>;

  std::optional<Cycle> ready_since(const TwinTask& parent) const;
  TaskPtr first_ready_parent(Cycle t) const;
  void step_rows(Cycle t);
  bool dispatch_of_row(Cycle t);
  void make_tree(std::uint64_t row, std::vector<TwinFiber> fibers);
  TwinPe* choose_pe();
  void dispatch(const TaskPtr& task, TwinPe& pe, Cycle t);
  void announce(const TwinTask& task);
  bool try_pass(Cycle t);
  std::uint64_t pointer_lines_unaccepted(Cycle t) const;
  void write_pointer_line(LineAddr line, Cycle t);

  RowSource source_;
  PeConfig pe_config_;
  std::uint64_t element_bytes_;
  Scheduler scheduler_;
  std::vector<ByteRange> c_rows_;
  Array c_pointers_;
  std::uint64_t next_partial_;  // address
  std::vector<TwinPe>& pes_;
  TwinCache& cache_;
  TwinMemory& memory_;
  WorkLog& log_;
  DispatcherMutation mutation_;

  std::uint64_t row_ = 0;                     // the first not passed
  std::vector<TaskPtr> row_tasks_;            // of row_: the row or its leaves; built when the row's turn comes
  std::vector<std::uint64_t> row_task_ends_;  // past the last fiber of each
  std::uint64_t row_tasks_sent_ = 0;
  std::vector<TaskPtr> parents_;
  std::uint64_t tasks_sent_ = 0;
  std::vector<const Reply*> pointer_writes_;
  std::optional<Cycle> pointer_line_written_in_;
  bool empty_c_written_ = false;
};

}  // namespace heddle::twin
