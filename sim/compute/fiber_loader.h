// The front of a PE: its tasks and the port through which their pointers and lines are requested. Rule 19 of
// sim/SEMANTICS.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/base/ring.h"
#include "sim/compute/task.h"
#include "sim/machine.h"
#include "sim/memory/cache.h"
#include "sim/memory/memory.h"

namespace heddle {

/// What the PEs of one machine, or of one cluster of it, have in common.
struct MergePeConfig {
  PeConfig pe;
  std::uint32_t element_bytes = 12;
  std::uint32_t pointer_bytes = 4;
  EndsOfC c;
  std::uint32_t cluster = 0;  ///< of the SRAM, through which they read
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
  const Task& task() const { return first_->task; }
  std::span<const FiberRef> fibers() const { return {first_->refs.data(), first_->task.fibers}; }
  bool empty_task() const { return first_->elements == 0; }
  /// Lines of a burst, and whether any fiber has more than two bursts.
  std::uint32_t burst_lines() const { return first_->burst_lines; }
  bool has_refills() const { return first_->refills; }
  /// All pointers and heads are in from this cycle on; kNever while that is not decided.
  Cycle operands_in() const { return first_->undecided != 0 ? kNever : std::max(first_->head.at, first_->pointer.at); }
  /// How far the requests for a b fiber of the current task have come, its pointers first.
  bool pointers_requested(std::uint32_t fiber) const { return fiber < first_->with_pointers; }
  Cycle pointers_in(std::uint32_t fiber) const { return first_->pointers[first_->fibers[fiber].pointer_request].at; }
  bool head_requested(std::uint32_t fiber) const { return fiber < first_->next_head; }
  bool refill_queued(std::uint32_t fiber, std::uint32_t burst) const;
  /// Charge the wait for operands_in() as rule 20 says.
  void charge_start(CycleAccount& account) const;
  /// Burst 2 or later of a fiber of the current task: its reply, answered or not.
  const Reply& refill_reply(std::uint32_t fiber, std::uint32_t burst) const {
    return refill_replies_[2 * fiber + burst % 2];
  }
  /// The half of the fiber's buffer that held burst - 2 is free in cycle `ready`.
  void queue_refill(std::uint32_t fiber, std::uint32_t burst, Cycle ready);
  /// The current task has ended.
  void pop();

  /// Issue the request of cycle `now`, if there is one. True if its reply may decide when the current task starts or
  /// goes on.
  bool issue(Cycle now);
  /// The next cycle, `from` at the earliest, in which a request can be issued as far as is known; kNever if that takes
  /// a reply, a task or the end of a task.
  Cycle next_issue(Cycle from);
  /// A reply of this loader has been decided. True if it may let the port issue in cycle reply.at.
  bool on_reply(const Reply& reply);

  Cycle last_issue() const { return last_issue_; }
  std::string waiting_for() const;

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kRefillTag = 1u << 30;
  struct FiberState {
    std::uint32_t lines = 0;
    std::uint32_t pointer_request = 0;  // within the task, if it has been made
  };
  struct TaskState {
    Task task;
    std::vector<FiberRef> refs;
    std::vector<FiberState> fibers;
    std::vector<Milestones> pointers;  // of the pointer requests made
    std::uint64_t elements = 0;
    std::uint32_t burst_lines = 1;
    std::uint32_t next_head = 0;           // the first fiber with elements whose head has not been requested
    std::uint32_t with_pointers = 0;       // fibers whose pointers have been requested
    std::uint32_t pointer_requests = 0;    // that were needed for these
    std::uint32_t undecided = 0;           // fibers whose pointers, and heads whose replies, are not decided
    std::uint32_t held_lines = 0;          // of the operand buffers
    bool refills = false;                  // some fiber has more than two bursts
    std::uint32_t head_fiber = kNone;      // of `head`
    std::uint32_t pointer_number = kNone;  // of `pointer`
    Milestones head;                       // of the latest head
    Milestones pointer;                    // the latest pointer request
  };
  /// A request for a head or for pointers. Reused when its reply's cycle has come.
  struct Slot {
    BurstReply reply;
    TaskState* task = nullptr;
    std::uint32_t number = 0;  // of the head's fiber or of the pointer request
    std::uint32_t fibers = 0;  // that the pointer request serves; 0: a head
  };
  struct Refill {
    std::uint32_t fiber = 0, burst = 0;
    Cycle ready = 0;
  };
  /// How far a stage has come among the tasks held.
  struct Stage {
    std::uint64_t task = 0;  // number of the task since the beginning of the run
    TaskState* state = nullptr;
  };

  TaskState* after(TaskState* state) { return state == &task_ring_.back() ? task_ring_.data() : state + 1; }
  std::uint32_t visible(Cycle t) const { return tasks_ - (last_push_ >= t && tasks_ != 0 ? 1 : 0); }
  void pass_empty_fibers(TaskState& task) const;
  TaskState* head_task(Cycle t);
  TaskState* pointer_task(Cycle t);
  Cycle head_ready(const TaskState& task, Cycle t) const;
  std::uint32_t head_lines(const TaskState& task, std::uint32_t fiber) const {
    return std::min(task.fibers[fiber].lines, 2 * task.burst_lines);
  }

  std::uint32_t free_slot(Cycle now);
  Cycle slot_free(Cycle from);
  bool issue_refill(Cycle now);
  void issue_head(TaskState& task, Cycle now);
  void issue_pointer(TaskState& task, Cycle now);
  void issued(std::uint32_t slot, std::uint32_t lines, Cycle now);
  void request(const TaskState& task, std::uint32_t fiber, std::uint32_t first, std::uint32_t lines, Cycle now,
               BurstReply& reply);
  void answered(const Slot& slot);

  // What every step looks at comes first, so that it lies together in the host's cache.
  Cycle port_free_ = 0;  // a request can be issued from this cycle on
  Cycle last_issue_ = 0;
  Ring<Refill> refills_;
  Stage heads_, pointers_;
  std::uint32_t tasks_ = 0;
  std::uint64_t popped_ = 0;  // tasks ended
  Cycle last_push_ = 0;
  TaskState* first_;  // the current task, or where the next one will be
  TaskState* next_push_;
  std::uint32_t operand_lines_used_ = 0;
  std::uint32_t next_slot_ = 0;   // where to look for a free one first
  std::vector<Cycle> slot_over_;  // reply.at of every slot
  std::vector<Slot> slots_;
  Cache& cache_;
  const MergePeConfig config_;
  BurstReply refill_reply_;                 // not answered
  std::vector<BurstReply> refill_replies_;  // two per fiber of the current task
  std::vector<TaskState> task_ring_;
};

}  // namespace heddle
