// The front of a PE: its tasks and the port through which their pointers and lines are requested. Rule 19 of
// sim/SEMANTICS.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/base/ring.h"
#include "sim/compute/in_flight.h"
#include "sim/compute/task.h"
#include "sim/machine.h"
#include "sim/memory/cache.h"
#include "sim/memory/memory.h"

namespace heddle {

/// What the PEs of one machine have in common.
struct MergePeConfig {
  PeConfig pe;
  std::uint32_t element_bytes = 12;
  std::uint32_t pointer_bytes = 4;
  bool prefetch = true;
  std::uint64_t c_last_byte = 0;  ///< one past the last byte of C
};

class FiberLoader {
 public:
  /// Replies decided later go to `owner`, with a tag to be handed to on_reply().
  FiberLoader(const MergePeConfig& config, Cache& cache, ReplySink& owner);

  /// Operands of the next task, to be filled in before push(). At most fetch_ahead + 1 tasks are held.
  std::span<FiberRef> reserve(std::uint32_t fibers);
  /// The task whose fibers were reserved is dispatched in `now` and seen from the next cycle on.
  void push(const Task& task, Cycle now);
  std::uint32_t tasks() const { return tasks_; }
  bool sees_task(Cycle now) const { return visible(now) != 0; }

  /// Of the current task; a task must be there.
  const Task& task() const { return first().task; }
  std::span<const FiberRef> fibers() const { return {first().refs.data(), first().task.fibers}; }
  bool empty_task() const { return first().elements == 0; }
  /// All pointers and head lines are in from this cycle on; kNever while that is not decided.
  Cycle operands_in() const {
    const TaskState& task = first();
    return task.undecided != 0 ? kNever : std::max(task.head.at, task.pointer.at);
  }
  /// Charge the wait for operands_in() as rule 20 says.
  void charge_start(CycleAccount& account) const;
  /// Line 2 or later of a fiber of the current task: its reply, answered or not.
  const Reply& refill_reply(std::uint32_t fiber, std::uint32_t line) const {
    return first().refills[2 * fiber + line % 2];
  }
  /// The buffer of line - 2 is free in cycle `ready`.
  void queue_refill(std::uint32_t fiber, std::uint32_t line, Cycle ready);
  /// The current task has ended.
  void pop();

  /// Pass fibers that need no request as far as cycle `t` allows. Once in a cycle before the merge.
  void settle(Cycle t) {
    if (settled_for_ == t) return;
    settled_for_ = t;
    if (line_ready(t) && pointer_settled_ && tasks_seen_ == popped_ + visible(t)) {
      stage_issue_ = t;
      line_goes_ = true;
    } else {
      settle_stages(t);
    }
  }
  /// Issue the request of cycle `now`, if there is one. True if its reply may decide when the current task starts or
  /// goes on.
  bool issue(Cycle now);
  /// The next cycle, `from` at the earliest, in which a request can be issued as far as is known; kNever if that takes
  /// a reply, a task or the end of a task.
  Cycle next_issue(Cycle from);
  /// A reply of this loader has been decided. True if it may let the port issue in cycle reply.at.
  bool on_reply(Reply& reply);

  Cycle last_issue() const { return last_issue_; }
  std::string waiting_for() const;

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct TaskState;
  struct FiberState {
    std::uint32_t lines = 0;
    std::uint32_t records[2] = {kNone, kNone};  // pointer lines
    std::uint32_t number = 0;                   // within the task
    bool pointers_known = false;
    std::uint32_t refilled = 1;  // the last line whose refill has been queued
    Cycle refill_ready[2] = {};  // of the last even and the last odd line, when
    Cycle pointers_in = 0;
    TaskState* task = nullptr;
    FiberState* next_waiter = nullptr;
  };
  struct TaskState {
    Task task;
    std::vector<FiberRef> refs;
    std::vector<FiberState> fibers;
    std::vector<Reply> refills;  // two per fiber
    std::uint64_t first_ordinal = 0;
    std::uint64_t elements = 0;
    std::uint64_t undecided = 0;  // fibers whose pointers, and head lines whose replies, are not decided
    std::uint32_t buffers = 0;
    bool long_fibers = false;
    Reply head, head_pointer;              // the latest head line and its fiber's later pointer line
    Reply pointer;                         // the latest pointer line of a fiber without elements
    std::uint32_t head_number = kNone;     // of `head`, in loader order
    std::uint32_t pointer_number = kNone;  // of the fiber of `pointer`
  };
  /// A pointer line requested and the fibers that wait to know when it comes.
  struct PointerRecord {
    Reply reply;
    FiberState* waiters = nullptr;
  };
  enum class Use : std::uint8_t { head, fetch, pointer };
  struct Slot {
    Reply reply;    // of a head line or a fetch
    Reply pointer;  // of a head line's fiber
    Use use = Use::fetch;
    std::uint32_t number = 0;  // head: in loader order; pointer: record
    TaskState* task = nullptr;
  };
  struct RefillRequest {
    std::uint32_t fiber = 0, line = 0;
    Cycle ready = 0;
  };
  /// A stage's place among the fibers of the tasks held.
  struct Place {
    std::uint64_t task = 0;  // number of the task since the beginning of the run
    TaskState* state = nullptr;
    std::uint32_t fiber = 0;
    std::uint64_t ordinal = 0;  // of the fiber since the beginning of the run
  };

  TaskState* after(TaskState* state) { return state == &task_ring_.back() ? task_ring_.data() : state + 1; }
  TaskState& first() { return *first_; }
  const TaskState& first() const { return *first_; }
  std::uint32_t visible(Cycle t) const { return tasks_ - (last_push_ >= t && tasks_ != 0 ? 1 : 0); }

  void settle_stages(Cycle t);
  /// In cycle `t`. The merge runs ahead, so the last two refills may be queued in a cycle to come.
  static bool refill_queued(const FiberState& fiber, std::uint32_t line, Cycle t) {
    return line <= fiber.refilled && (line + 2 <= fiber.refilled || fiber.refill_ready[line % 2] <= t);
  }
  Cycle settle_line_stage(Cycle t);
  void unsettle() { settled_for_ = kNever; }
  bool settle_pointer_stage(Cycle t);
  /// The line stage is at a line that waits for nothing; the quick answer of settle_line_stage() in most cycles.
  bool line_ready(Cycle t) const {
    if (!in_fiber_ || line_ >= line_end_) return false;
    if (line_ < 2) return operand_lines_used_ != config_.pe.operand_lines;
    return line_stage_.state != first_ || !refill_queued(line_stage_.state->fibers[line_stage_.fiber], line_, t);
  }
  bool issue_line(Cycle now);
  void issue_pointer(Cycle now);
  bool issue_refill(Cycle now);
  LineAddr pointer_line(const FiberRef& fiber, std::uint32_t which) const;
  std::uint32_t bytes_in_line(const FiberRef& fiber, std::uint32_t line) const;
  void request(const TaskState& task, const FiberRef& fiber, std::uint32_t line, Cycle now, Reply& reply);
  void pass_pointers(FiberState& fiber);
  void resolve_pointers(FiberState& fiber);
  const Reply& later_pointer(const FiberState& fiber) const;
  static void head_known(TaskState& task, const Reply& reply, const Reply& pointer, std::uint32_t number);
  void pointer_known(PointerRecord& record);
  void issued(std::uint32_t slot, Cycle at, Cycle now);
  static constexpr std::uint32_t kRefillTag = 1u << 30;

  // What every step looks at comes first, so that it lies together in the host's cache.
  Cycle settled_for_ = kNever;  // cycle the stages have been settled for
  Cycle stage_issue_ = kNever;  // and the first in which one of them can issue, as far as known
  std::uint32_t line_ = 0, line_end_ = 0;
  bool in_fiber_ = false;         // the line stage has found the pointers of its fiber in
  bool line_goes_ = false;        // the line stage has a request to issue in settled_for_
  bool pointer_goes_ = false;     // the pointer stage has
  bool pointer_settled_ = false;  // nothing it depends on has changed since that was found out
  bool second_pointer_ = false;   // its fiber's pointer k is covered, k + 1 is not
  std::uint32_t tasks_ = 0;
  std::uint64_t tasks_seen_ = 0;  // when the pointer stage was settled
  std::uint64_t popped_ = 0;      // tasks ended
  Cycle last_push_ = 0;
  TaskState* first_;  // the current task, or where the next one will be
  Place line_stage_;
  Ring<RefillRequest> refills_;
  InFlight in_flight_;  // requests of the stages
  Pool<Slot> slots_;    // of requests whose replies are not decided
  std::uint32_t operand_lines_used_ = 0;
  Cycle last_issue_ = 0;
  Cache& cache_;
  ReplySink& owner_;
  const MergePeConfig config_;

  Place pointer_stage_;
  std::uint32_t next_record_ = 0, last_record_ = kNone;
  LineAddr last_pointer_line_ = 0;
  std::vector<PointerRecord> records_;

  std::vector<TaskState> task_ring_;
  TaskState* next_push_;
  std::uint64_t ordinals_ = 0;
};

}  // namespace heddle
