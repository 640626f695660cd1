// Gives rows of C, as tasks, to the PEs, and the partial fibers of rows with more fibers than the radix to parent
// tasks. Rules 21 to 24 of sim/SEMANTICS.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <vector>

#include "dataflows/config.h"
#include "dataflows/layout.h"
#include "dataflows/row_streams.h"
#include "dataflows/task_tree.h"
#include "sim/compute/merge_pe.h"
#include "sim/compute/task.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/memory.h"

namespace heddle {

/// The operand fibers of each row of C.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Kind of all fibers it gives out.
  virtual FiberKind kind() const = 0;
  virtual std::uint64_t fiber_count(std::uint32_t row) const = 0;
  /// Fill in fibers first, first + 1, ... of `row`, for a task that is dispatched now.
  virtual void fill(std::uint32_t row, std::uint64_t first, std::span<FiberRef> fibers) const = 0;
  /// Number of the row's first fiber among all elements of A in row order; asked for with streams only.
  virtual std::uint64_t first_element(std::uint32_t) const { return 0; }
  /// The row can be opened from this cycle on; kNever while that is not known: then Dispatcher::begin() is called when
  /// it is.
  virtual Cycle ready(std::uint32_t) const { return 0; }
  /// The task that merged `fibers` fibers of the row has ended.
  virtual void release(std::uint32_t /*row*/, std::uint64_t /*fibers*/) {}
};

struct DispatcherSpec {
  std::uint32_t rows = 0;
  std::span<const std::uint64_t> c_pointers;
  Array c_pointer_array;
  RowsOfC c;
  std::uint32_t element_bytes = 12;
  std::uint32_t radix = 2;
  std::uint32_t write_lines = 2;
  std::uint32_t places = 1;  ///< tasks a PE can hold
  Scheduler scheduler = Scheduler::dynamic_tasks;
  std::uint64_t partial_base = 0;          ///< at a line boundary
  std::uint32_t* c_coordinates = nullptr;  ///< of all of C, when values are carried
  double* c_values = nullptr;
};

class Dispatcher final : public Agent, public ReplySink, public TaskListener {
 public:
  /// Registers with the kernel, asleep. `streams` may be nullptr.
  Dispatcher(const DispatcherSpec& spec, RowSource& source, RowStreams* streams, Memory& dram, Kernel& kernel);
  /// The PEs register with the kernel later; once, before begin().
  void set_pes(std::vector<MergePe*> pes);
  void set_partial_base(std::uint64_t byte) { next_partial_ = byte; }
  /// Dispatch from cycle `at` on.
  void begin(Cycle at);

  Cycle step(Cycle now) override;
  bool done() const override { return finished_ && live_trees_ == 0; }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override { kernel_.wake(id_, reply.at); }
  void on_task_end(std::uint32_t pe, const Task& task, Cycle now) override;
  void on_partial_end(std::uint64_t tag, Cycle at) override;

  /// The last cycle in which it dispatched, passed a row, wrote or requested a line; 0 if none.
  Cycle last_work() const { return last_work_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  /// A parent task whose children have ended, or will have by `ready`.
  struct ReadyParent {
    Cycle ready = 0;
    std::uint32_t row = 0, level = 0, index = 0;
    std::uint64_t tag = 0;
    friend auto operator<=>(const ReadyParent&, const ReadyParent&) = default;
  };

  void pass_rows(Cycle now);
  bool open_row(Cycle now);
  bool dispatch_leaf(Cycle now);
  bool pass_row(Cycle now);
  bool write_pointers(std::uint64_t end_line, Cycle now);
  void dispatch_parent(Cycle now);
  void start_tree(std::uint64_t fibers);
  std::uint32_t pe_with_room() const;
  void dispatch(std::uint32_t pe, const Task& task, Cycle now);
  void set_load(std::uint32_t pe, std::uint32_t load);
  std::uint64_t take_partial_lines(std::span<const FiberRef> fibers);
  void aim(Task& task, std::uint32_t row) const;
  void ask(Cycle at) { next_ = std::min(next_, at); }

  DispatcherSpec spec_;
  RowSource& source_;
  RowStreams* streams_;
  Memory& dram_;
  Kernel& kernel_;
  AgentId id_;
  std::uint64_t next_partial_;

  std::vector<MergePe*> pes_;
  std::vector<std::uint32_t> loads_;                     // tasks each PE holds
  std::vector<std::vector<std::uint64_t>> pes_by_load_;  // a bit per PE
  std::uint64_t dispatched_ = 0;

  std::uint32_t row_ = 0;                // the next to be passed
  bool row_open_ = false;                // its pointers are in
  std::uint32_t leaf_ = 0, leaves_ = 0;  // tasks of row_ dispatched, and of how many
  TaskTree* open_tree_ = nullptr;        // of row_, if it needs one
  std::uint64_t open_slot_ = 0;

  std::vector<std::unique_ptr<TaskTree>> trees_;  // slots, the high half of a task's tag
  std::vector<std::uint32_t> free_trees_;
  std::uint64_t live_trees_ = 0;
  std::priority_queue<ReadyParent, std::vector<ReadyParent>, std::greater<>> ready_;

  std::vector<Reply> pointer_writes_;
  std::uint64_t pointer_lines_written_ = 0;
  bool wrote_pointers_ = false;  // in this cycle
  bool finished_ = false;        // all rows passed
  Cycle next_ = kNever;          // when to step again
  Cycle last_work_ = 0;
};

}  // namespace heddle
