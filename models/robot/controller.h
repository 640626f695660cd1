// The event-driven controller: scores in, quotas and budgets out. Without an event it does nothing.
#pragma once

#include <vector>

#include "models/robot/robot_run.h"

namespace heddle::robot {

/// A module's handles in the scheduler.
struct ScheduledModule {
  GroupId group = 0;
  std::vector<ThreadId> threads;
};

class Controller : public Agent {
 public:
  Controller(Kernel& kernel, CpuScheduler& scheduler, const RobotSetup& setup, Policy policy);

  /// After all modules are known: the initial policy, from the scores at the start.
  void install(std::vector<ScheduledModule> modules, AgentId self, AgentId scheduler);

  /// A module's score changed. Nothing happens before the end of the window.
  void observe(std::size_t module, double score, Cycle now);
  /// A module ended; seen at the next look at the containers.
  void observe_end(std::size_t module, Cycle now);

  Cycle step(Cycle now) override;
  bool done() const override { return true; }
  std::string waiting_for() const override { return "events"; }

  std::uint64_t steps() const { return steps_; }
  const std::vector<ShareUpdate>& log() const { return log_; }

 private:
  void update(Cycle now);
  void apply();
  void apply_to(const ScheduledModule& module, double share);
  Cycle next() const;

  Kernel& kernel_;
  CpuScheduler& scheduler_;
  const RobotSetup& setup_;
  Policy policy_;
  std::vector<ScheduledModule> modules_;
  AgentId self_ = 0, scheduler_id_ = 0;
  std::vector<double> scores_;
  std::vector<bool> alive_, ended_;
  std::vector<double> shares_;  ///< last computed
  Cycle window_at_ = kNever, apply_at_ = kNever, poll_at_ = kNever;
  std::uint64_t steps_ = 0;
  std::vector<ShareUpdate> log_;
};

}  // namespace heddle::robot
