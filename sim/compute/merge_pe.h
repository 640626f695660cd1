// A processing element: loader, merger and writer. Rules 17 to 20 of sim/SEMANTICS.md.
//
// One agent that is stepped only when its port can issue a request, a line of the output is due, a task ends or a wait
// may end. Between those the merge runs ahead in closed form, as far as the replies it has decide.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "sim/compute/fiber_loader.h"
#include "sim/compute/line_writer.h"
#include "sim/compute/merge_plan.h"
#include "sim/compute/merger.h"
#include "sim/compute/task.h"
#include "sim/kernel/account.h"
#include "sim/kernel/kernel.h"

namespace heddle {

struct MergePeStats {
  std::uint64_t tasks = 0;
  std::uint64_t consumed = 0;          ///< elements that entered the merger
  std::uint64_t products = 0;          ///< of these, from fibers that were multiplied here (kind b)
  std::uint64_t c_elements = 0;        ///< emitted into rows of C
  std::uint64_t partial_elements = 0;  ///< emitted into partial fibers
};

/// What a PE is wired to; all must outlive it.
struct MergePeNeighbours {
  Cache& cache;
  Memory& dram;
  CombiningBuffer& combining;
  MergePlanner& planner;
  TaskListener& listener;
  Kernel& kernel;
};

class MergePe final : public Agent, public ReplySink {
 public:
  /// Registers with the kernel, asleep.
  MergePe(const MergePeConfig& config, std::uint32_t number, const MergePeNeighbours& neighbours);
  MergePe(const MergePe&) = delete;

  /// Operands of the next task, to be filled in before push(). At most fetch_ahead + 1 tasks are held.
  std::span<FiberRef> reserve(std::uint32_t fibers) { return loader_.reserve(fibers); }
  /// Dispatch the task whose fibers were reserved. It is seen from the next cycle on.
  void push(const Task& task, Cycle now);
  std::uint32_t tasks() const { return loader_.tasks(); }

  Cycle step(Cycle now) override;
  bool done() const override { return loader_.tasks() == 0 && writer_.idle(); }
  std::string waiting_for() const override { return loader_.waiting_for() + "; " + writer_.waiting_for(); }
  void on_reply(Reply& reply) override;

  CycleAccount& account() { return account_; }
  const CycleAccount& account() const { return account_; }
  const MergePeStats& stats() const { return stats_; }
  /// The last cycle in which it requested, consumed, issued or ended anything; 0 if none.
  Cycle last_work() const { return std::max({last_end_, loader_.last_issue(), writer_.last_issue()}); }

 private:
  bool merge_wanted(Cycle now) const;
  void merge(Cycle now);
  void go_on(Cycle now);
  void end_task(Cycle now);
  Cycle next_merge(Cycle now) const;
  void look_at(Cycle at, Cycle& what);

  Cycle merge_at_ = kNever, write_at_ = kNever, port_at_ = kNever;  // when each has something to do next
  FiberLoader loader_;
  Merger merger_;
  LineWriter writer_;
  Cycle last_end_ = 0;   // of a task
  Cycle free_from_ = 0;  // the next element can be consumed
  bool waits_for_task_ = true;
  const std::uint32_t number_;
  AgentId id_;
  TaskListener& listener_;
  Kernel& kernel_;
  CycleAccount account_;
  MergePeStats stats_;
};

}  // namespace heddle
