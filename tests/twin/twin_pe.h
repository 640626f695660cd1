// One PE: merger, writer and loader, in this order in every cycle (rules 17 to 20). The merger looks at the heads of
// all fibers for the smallest coordinate, element by element.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <vector>

#include "sim/machine.h"
#include "tests/twin/twin_cache.h"
#include "tests/twin/twin_combining_buffer.h"
#include "tests/twin/twin_task.h"

namespace heddle::twin {

/// Deviations from the rules on purpose: the tests show that each is noticed.
struct PeMutation {
  bool pointers_before_lines = false;
  bool lines_before_refills = false;
  bool port_before_merge = false;
  bool newest_refill_first = false;
};

struct PeContext {
  PeConfig config;
  std::uint64_t element_bytes;
  Array b_pointers;
  bool prefetch;
  PeMutation mutation;
};

class TwinPe {
 public:
  TwinPe(const PeContext& context, TwinCache& cache, TwinCombiningBuffer& combining, TwinMemory& memory, WorkLog& log)
      : context_(context), config_(context_.config), cache_(cache), combining_(combining), memory_(memory), log_(log) {}

  /// From the dispatcher in cycle t; seen from t + 1 on.
  void give(std::shared_ptr<TwinTask> task, Cycle t);
  /// Tasks held, the one given in this cycle included.
  std::uint64_t held() const { return tasks_.size() + inbox_.size(); }
  void step(Cycle t);
  bool done() const;

  TwinAccount account;
  std::uint64_t products = 0;  ///< elements of rows of B consumed
  std::uint64_t emitted = 0;   ///< elements of C

 private:
  struct Line {
    LineAddr line = 0;
    const Reply* reply = nullptr;  // once requested by read or take
    bool refill_queued = false;
  };
  struct FiberState {
    const TwinFiber* fiber = nullptr;
    std::uint64_t number = 0;  // in the order of the loader, over all tasks
    std::vector<Line> lines;
    std::uint64_t consumed = 0;
    std::vector<LineAddr> pointer_lines;
    std::vector<const Reply*> pointers;  // replies to them, as far as requested
    std::uint64_t next_line = 0;         // of the line stage
    bool passed = false;                 // by the line stage
  };
  struct TaskState {
    std::shared_ptr<TwinTask> task;
    std::list<FiberState> fibers;
    std::vector<Coordinate> output;
    bool started = false;
    std::uint64_t inputs_left = 0;
    std::uint64_t outputs_done = 0;
  };
  struct WriteLine {
    LineAddr line = 0;
    std::shared_ptr<TwinTask> task;
    std::uint64_t bytes = 0;
    std::optional<Cycle> issue_at;  // known once its last byte is under way
    const Reply* reply = nullptr;
  };
  struct Refill {
    FiberState* fiber;
    std::uint64_t index;
  };

  // merger
  void merge(Cycle t);
  void end_empty_tasks(Cycle t);
  bool can_start(const TaskState& task, Cycle t) const;
  void start(TaskState& task, Cycle t);
  FiberState& smallest_head(TaskState& task) const;
  bool last_input_of_output(const TaskState& task, const FiberState& of) const;
  std::vector<const Line*> lines_of_element(const FiberState& fiber) const;
  std::vector<LineAddr> new_write_lines(const TaskState& task) const;
  bool try_consume(TaskState& task, Cycle t);
  void consume(TaskState& task, FiberState& fiber, Cycle t);
  void emit(TaskState& task, Cycle t);
  void end_current(Cycle t);
  ByteRange bytes_of(const FiberState& fiber) const;
  ByteRange bytes_of(const TaskState& task, std::uint64_t element) const;
  ByteRange output_of(const TaskState& task) const;
  std::uint64_t write_lines_taken(Cycle t) const;
  void queue_refill(FiberState& fiber, std::uint64_t index);
  // account
  void wait(Cycle t) { waiting_.push_back(t); }
  void charge_start(const TaskState& task);
  void charge_element(const TaskState& task, const std::vector<const Line*>& lines);
  // writer
  void issue_writes(Cycle t);
  // loader
  void port(Cycle t);
  void pass_what_needs_no_request(Cycle t);
  FiberState* line_stage_fiber();
  std::uint64_t line_stage_number();
  bool issue_refill(Cycle t);
  bool issue_line(Cycle t);
  bool issue_pointer(Cycle t);
  FiberState* pointer_stage_fiber();
  void request(FiberState& fiber, std::uint64_t index, Cycle t);
  bool pointers_in(const FiberState& fiber, Cycle t) const;
  std::uint64_t operand_lines_held() const;

  PeContext context_;
  const PeConfig& config_;
  TwinCache& cache_;
  TwinCombiningBuffer& combining_;
  TwinMemory& memory_;
  WorkLog& log_;

  std::deque<std::pair<std::shared_ptr<TwinTask>, Cycle>> inbox_;
  std::list<TaskState> tasks_;  // the first is current
  std::optional<Cycle> last_consumed_;
  std::vector<Cycle> waiting_;             // cycles of the present wait, not yet charged
  std::optional<Cycle> write_room_since_;  // when the element that waits found its write lines free
  std::vector<WriteLine> write_lines_;
  std::deque<Refill> refills_;
  std::vector<const Reply*> outstanding_;
  std::uint64_t next_number_ = 0;
  std::optional<LineAddr> last_pointer_line_;
  const Reply* last_pointer_reply_ = nullptr;
};

}  // namespace heddle::twin
