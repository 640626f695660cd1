#include "models/robot/controller.h"

#include <algorithm>
#include <cmath>

#include "models/robot/context.h"

namespace heddle::robot {
namespace {

constexpr std::uint64_t kReservePeriodUs = 100'000;

Cycle microseconds(double milliseconds) {
  return static_cast<Cycle>(std::llround(milliseconds * 1e3));
}
/// The first multiple of `period` after `now`.
Cycle next_multiple(Cycle now, Cycle period) {
  return (now / period + 1) * period;
}

}  // namespace

Controller::Controller(Kernel& kernel, CpuScheduler& scheduler, const RobotSetup& setup, Policy policy)
    : kernel_(kernel), scheduler_(scheduler), setup_(setup), policy_(policy) {
  for (const ModuleConfig& module : setup.modules) scores_.push_back(module.score_start);
  alive_.assign(scores_.size(), true);
  ended_.assign(scores_.size(), false);
}

void Controller::install(std::vector<ScheduledModule> modules, AgentId self, AgentId scheduler) {
  modules_ = std::move(modules);
  self_ = self;
  scheduler_id_ = scheduler;
  const auto initial = shares(scores_, alive_);
  if (!initial) return;
  shares_ = *initial;
  log_.push_back({0, scores_, shares_});
  for (std::size_t m = 0; m < modules_.size(); ++m) apply_to(modules_[m], shares_[m]);
}

void Controller::observe(std::size_t module, double score, Cycle now) {
  if (policy_ == Policy::cfs || scores_[module] == score) return;
  scores_[module] = score;
  if (window_at_ == kNever) window_at_ = next_multiple(now, microseconds(setup_.controller.window_ms));
  kernel_.wake(self_, window_at_);
}

void Controller::observe_end(std::size_t module, Cycle now) {
  if (policy_ == Policy::cfs) return;
  ended_[module] = true;
  if (poll_at_ == kNever) poll_at_ = next_multiple(now, microseconds(setup_.controller.liveness_s * 1e3));
  kernel_.wake(self_, poll_at_);
}

Cycle Controller::next() const {
  return std::min({window_at_, apply_at_, poll_at_});
}

Cycle Controller::step(Cycle now) {
  if (next() > now) return next();
  ++steps_;
  bool changed = false;
  if (window_at_ <= now) window_at_ = kNever, changed = true;
  if (poll_at_ <= now) {
    poll_at_ = kNever;
    for (std::size_t m = 0; m < ended_.size(); ++m)
      if (ended_[m] && alive_[m]) alive_[m] = false, changed = true;
  }
  if (changed) update(now);
  if (apply_at_ <= now) apply();
  return next();
}

void Controller::update(Cycle now) {
  const auto computed = shares(scores_, alive_);
  if (!computed) return;
  shares_ = *computed;
  log_.push_back({double(now) / 1e6, scores_, shares_});
  apply_at_ = now + microseconds(setup_.controller.update_ms);
}

void Controller::apply() {
  apply_at_ = kNever;
  for (std::size_t m = 0; m < modules_.size(); ++m)
    if (alive_[m]) apply_to(modules_[m], shares_[m]);
  kernel_.wake(scheduler_id_, kernel_.now());
}

/// A quota of 0 would mean no quota to the container engine; its least is 0.01 CPU.
void Controller::apply_to(const ScheduledModule& module, double share) {
  switch (policy_) {
    case Policy::cfs:
      return;
    case Policy::cfs_ca:
      scheduler_.set_quota(module.group, std::max(0.01, quota_cpus(share, setup_.platform.cpus)));
      return;
    case Policy::rt_ca:
      scheduler_.set_rt_runtime(module.group, rt_runtime_us(share));
      return;
    case Policy::deadline_ca:
      break;
  }
  const double all = 0.95 * share * setup_.platform.cpus * double(kReservePeriodUs);
  const double each = std::clamp(all / double(module.threads.size()), 1.0, double(kReservePeriodUs));
  for (const ThreadId thread : module.threads)
    scheduler_.set_reservation(thread, static_cast<std::uint64_t>(each), kReservePeriodUs);
}

}  // namespace heddle::robot
