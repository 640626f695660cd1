// One replay of a timeline under one policy: modules, controller and CPUs as agents on the kernel, a tick a
// microsecond.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/robot/robot_config.h"

namespace heddle::robot {

struct RunRequest {
  Policy policy = Policy::cfs;
  double seconds = 180;
  KnobConfig knobs;
  double host_speed = 1;  ///< all slices are so much shorter: the logged runs were on a faster computer
};

struct ModuleResult {
  std::string name;
  std::uint64_t events = 0;       ///< frames, clips or signs of the timeline
  std::uint64_t handled = 0;      ///< whose task finished
  std::uint64_t skipped = 0;      ///< too late to begin
  std::uint64_t vetoed = 0;       ///< ignored for the context
  std::uint64_t late_frames = 0;  ///< frames that took longer than their period
  double turnaround_ms = 0;       ///< mean, from the event to the end of its task
  double task_seconds = 0;        ///< sum of the turnarounds
  double cpu_seconds = 0;
  double last_cpu_s = 0;  ///< when its last task began
  double end_s = 0;
  double mean_share = 0;  ///< of the controller, over the time the module lives
};

struct ShareUpdate {
  double at_s = 0;
  std::vector<double> scores, shares;  ///< by module
};

struct RunOutcome {
  double total_s = 0;
  std::uint64_t updates = 0;           ///< scores turned into shares
  std::uint64_t controller_steps = 0;  ///< every time the controller did anything
  double least_gap_s = 0;              ///< between updates
  double moving_fraction = 0;          ///< of the first `seconds`, as the detector sees it
  double high_weight_residency = 0;    ///< of the first module's life with its active score
  std::vector<ModuleResult> modules;
  std::vector<ShareUpdate> updates_log;
};

/// What the motion detector makes of the accelerometer: changes, the first at 0 (still).
struct MotionChange {
  double at_s = 0;
  bool moving = false;
};
std::vector<MotionChange> motion_changes(const TimelineConfig& timeline);

/// `setup` is valid. Tracks of `timeline`: "cpu".
RunOutcome replay_robot(const RobotSetup& setup, const RunRequest& request, ActivitySink* timeline = nullptr);

}  // namespace heddle::robot
