#include "models/robot/robot_run.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "models/robot/context.h"
#include "models/robot/module.h"
#include "sim/base/random.h"

namespace heddle::robot {
namespace {

/// Accelerometer samples: noise around rest of at most 0.05 per axis, ten times that while moving. Only whether the
/// mean step passes the detector's threshold matters.
Acceleration sample(bool moving, Random& random) {
  const double amplitude = moving ? 1.5 : 0.05;
  const auto axis = [&] { return amplitude * (2 * random.uniform_real() - 1); };
  return {axis(), axis(), axis()};
}

double mean_share(const std::vector<ShareUpdate>& log, std::size_t module, double end_s) {
  double sum = 0;
  for (std::size_t i = 0; i < log.size() && log[i].at_s < end_s; ++i) {
    const double until = std::min(end_s, i + 1 < log.size() ? log[i + 1].at_s : end_s);
    sum += log[i].shares[module] * (until - log[i].at_s);
  }
  return end_s > 0 ? sum / end_s : 0;
}

double residency(const std::vector<ShareUpdate>& log, double score, double end_s) {
  double sum = 0;
  for (std::size_t i = 0; i < log.size() && log[i].at_s < end_s; ++i) {
    const double until = std::min(end_s, i + 1 < log.size() ? log[i + 1].at_s : end_s);
    if (log[i].scores.front() == score) sum += until - log[i].at_s;
  }
  return end_s > 0 ? sum / end_s : 0;
}

double moving_fraction(const std::vector<MotionChange>& changes, double seconds) {
  double sum = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!changes[i].moving || changes[i].at_s >= seconds) continue;
    const double until = i + 1 < changes.size() ? changes[i + 1].at_s : seconds;
    sum += std::min(until, seconds) - changes[i].at_s;
  }
  return sum / seconds;
}

RunOutcome summarise(const RobotSetup& setup, const RunRequest& request, const RobotModule::World& world) {
  RunOutcome outcome;
  outcome.updates_log = world.controller.log();
  outcome.controller_steps = world.controller.steps();
  outcome.updates = outcome.updates_log.empty() ? 0 : outcome.updates_log.size() - 1;
  outcome.moving_fraction = moving_fraction(world.motion, request.seconds);
  outcome.least_gap_s = std::numeric_limits<double>::max();
  for (std::size_t i = 2; i < outcome.updates_log.size(); ++i)
    outcome.least_gap_s = std::min(outcome.least_gap_s, outcome.updates_log[i].at_s - outcome.updates_log[i - 1].at_s);
  if (outcome.updates < 2) outcome.least_gap_s = 0;
  for (std::size_t m = 0; m < world.modules.size(); ++m) {
    ModuleResult result = world.modules[m]->result();
    result.mean_share = mean_share(outcome.updates_log, m, result.end_s);
    const double end = request.knobs.sum_of_task_times ? outcome.total_s + result.task_seconds
                                                       : std::max(outcome.total_s, result.end_s);
    outcome.total_s = end;
    outcome.modules.push_back(std::move(result));
  }
  outcome.high_weight_residency =
      residency(outcome.updates_log, setup.modules.front().score_active, outcome.modules.front().end_s);
  return outcome;
}

}  // namespace

std::vector<MotionChange> motion_changes(const TimelineConfig& timeline) {
  Random random(timeline.imu_seed);
  MotionDetector detector;
  std::vector<MotionChange> changes = {{0, false}};
  std::size_t interval = 0;
  const auto samples = static_cast<std::uint64_t>(timeline.duration_s * timeline.imu_rate);
  for (std::uint64_t i = 0; i < samples; ++i) {
    const double now = double(i) / timeline.imu_rate;
    while (interval < timeline.moving.size() && timeline.moving[interval].to_s <= now) ++interval;
    const bool truth = interval < timeline.moving.size() && timeline.moving[interval].from_s <= now;
    const std::optional<bool> seen = detector.add(sample(truth, random));
    if (seen && *seen != changes.back().moving) changes.push_back({now, *seen});
  }
  return changes;
}

RunOutcome replay_robot(const RobotSetup& setup, const RunRequest& request, ActivitySink* timeline) {
  Kernel kernel;
  KernelConfig kernel_config = setup.kernel;
  kernel_config.interference = std::max(kernel_config.interference, request.knobs.interference);
  CpuScheduler scheduler(kernel_config, setup.platform.cpus, timeline);
  Controller controller(kernel, scheduler, setup, request.policy);
  RobotModule::World world{kernel, scheduler, controller, MemoryPool(setup.platform.memory.count), {}, {}, 0, false};
  world.motion = motion_changes(setup.timeline);
  std::vector<std::unique_ptr<RobotModule>> modules;
  std::vector<ScheduledModule> scheduled;
  for (std::size_t m = 0; m < setup.modules.size(); ++m) {
    modules.push_back(std::make_unique<RobotModule>(world, setup, request, m));
    modules.back()->id = kernel.add(*modules.back());
    world.modules.push_back(modules.back().get());
    scheduled.push_back(modules.back()->scheduled());
  }
  const AgentId self = kernel.add(controller, true);
  world.scheduler_id = kernel.add(scheduler);
  controller.install(std::move(scheduled), self, world.scheduler_id);
  scheduler.close(kernel.run());
  return summarise(setup, request, world);
}

}  // namespace heddle::robot
