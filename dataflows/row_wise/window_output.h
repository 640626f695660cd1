// The output of a group of lanes: products leave it in order, their sums go into partial fibers. Rule W5d of
// dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/base/ring.h"
#include "sim/compute/fiber_loader.h"
#include "sim/compute/line_writer.h"
#include "sim/compute/merge_plan.h"
#include "sim/kernel/kernel.h"

namespace heddle::row_wise {

/// What outputs are wired to; all must outlive them.
struct WindowOutputNeighbours {
  const MergePeConfig& config;
  Cache& cache;
  Memory& dram;
  CombiningBuffer& combining;
  TaskListener& listener;
  MergePlanner& planner;
  Kernel& kernel;
};

class WindowOutput final : public ReplySink {
 public:
  WindowOutput(const WindowOutputNeighbours& neighbours, AgentId array);
  WindowOutput(const WindowOutput&) = delete;

  /// The group will have the products of these fibers, of which some have elements, after those begun before. `task`
  /// says where their sum goes.
  void begin(const Task& task, std::span<const FiberRef> fibers);
  /// `count` more products of the earliest window begun leave in cycle `now`, if there are write lines.
  bool leave(std::uint64_t count, Cycle now);

  Cycle next_due() const { return writer_.next_due(); }
  void issue(Cycle now) { writer_.issue(now); }
  bool done() const { return sums_.empty() && writer_.idle(); }
  Cycle last_issue() const { return writer_.last_issue(); }
  std::string waiting_for() const { return writer_.waiting_for(); }

  void on_reply(Reply& reply) override;

 private:
  struct Sum {
    Task task;
    MergePlan plan;
    std::size_t next_event = 0;
    std::uint64_t left = 0;  // products that have left
  };
  bool take_lines(std::uint32_t count, Cycle now);

  const std::uint32_t element_bytes_;
  const Cycle latency_;
  MergePlanner& planner_;
  Kernel& kernel_;
  const AgentId array_;
  LineWriter writer_;
  Ring<Sum> sums_;
};

}  // namespace heddle::row_wise
