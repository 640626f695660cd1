// Everything a robot replay is told: timeline, modules, schedulers, knobs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/robot/cpu_scheduler.h"
#include "models/robot/task_model.h"
#include "sim/base/describe.h"

namespace heddle::robot {

struct Interval {
  double from_s = 0, to_s = 0;
  std::string place;
};
template <class V>
void describe(V& v, Interval& c) {
  v.field("from", c.from_s, "s", "first moment", in_range(0, 1e6));
  v.field("to", c.to_s, "s", "last moment", in_range(0, 1e6));
}
void read_value(const ConfigPlace& at, Interval& value);

struct TimedEvent {
  double at_s = 0, for_s = 0;
  std::string place;
};
template <class V>
void describe(V& v, TimedEvent& c) {
  v.field("at", c.at_s, "s", "when it begins", in_range(0, 1e6));
  v.field("for", c.for_s, "s", "how long its module is scored as active", in_range(0, 1e6));
}
void read_value(const ConfigPlace& at, TimedEvent& value);

/// What happens to the robot, the same for every scheduler. Times in order.
struct TimelineConfig {
  std::string source;
  double duration_s = 180;
  std::uint64_t imu_seed = 1;
  double imu_rate = 200;
  std::vector<Interval> moving;
  std::vector<TimedEvent> speech;
  std::vector<TimedEvent> signs;
};
template <class V>
void describe(V& v, TimelineConfig& c) {
  v.field("source", c.source, "text", "where the events come from");
  v.field("duration_s", c.duration_s, "s", "of the footage", in_range(0.1, 1e4));
  v.field("imu_seed", c.imu_seed, "", "of the noise of the accelerometer");
  v.field("imu_rate", c.imu_rate, "Hz", "samples of the accelerometer", in_range(1, 1000));
  v.field("moving", c.moving, "", "when the robot moves");
  v.field("speech", c.speech, "", "clips the microphone hears");
  v.field("signs", c.signs, "", "signs the camera sees");
}

enum class Trigger : std::uint8_t { frames, speech, signs };
std::span<const EnumName<Trigger>> enum_names(Trigger);

/// A container with its score.
struct ModuleConfig {
  std::string name;
  Trigger trigger = Trigger::frames;
  double frames_per_second = 20;
  double late_limit_s = 0;
  double score_active = 1, score_idle = 0.1, score_start = 0.1;
  std::vector<std::string> vetoed_while;
  TaskConfig task;
  std::string place;
};
template <class V>
void describe(V& v, ModuleConfig& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("trigger", c.trigger, "name", "what starts its task; frames are scored by motion");
  v.field("frames_per_second", c.frames_per_second, "Hz", "of a module of frames", in_range(0.01, 1e4));
  v.field("late_limit_s", c.late_limit_s, "s", "an event that would begin later is skipped; 0: never skipped",
          in_range(0, 1e6));
  v.field("score_active", c.score_active, "", "while moving, or while its event lasts", in_range(0, 1e6));
  v.field("score_idle", c.score_idle, "", "otherwise", in_range(0, 1e6));
  v.field("score_start", c.score_start, "", "before the first event", in_range(0, 1e6));
  v.field("vetoed_while", c.vetoed_while, "names", "contexts in which events are ignored with `elision`: moving");
  v.section("task", c.task, "what one event asks for");
}
void read_value(const ConfigPlace& at, ModuleConfig& value);

enum class Policy : std::uint8_t { cfs, cfs_ca, rt_ca, deadline_ca };
std::span<const EnumName<Policy>> enum_names(Policy);

/// Effects the paper does not describe but its results may contain; all off by default.
struct KnobConfig {
  double interference = 1.0;
  bool elision = false;
  double map_growth = 0;
  bool sum_of_task_times = false;
};
template <class V>
void describe(V& v, KnobConfig& c) {
  v.field("interference", c.interference, "factor", "slowdown while two modules run at once", in_range(1, 100));
  v.field("elision", c.elision, "bool", "context-aware policies ignore events that the context vetoes");
  v.field("map_growth", c.map_growth, "1/minute", "frames take so much longer per minute: the map grows",
          in_range(0, 100));
  v.field("sum_of_task_times", c.sum_of_task_times, "bool", "total time is the sum over the modules, not the last end");
}

struct ControllerConfig {
  double window_ms = 100;
  double liveness_s = 1;
  double update_ms = 10;
};
template <class V>
void describe(V& v, ControllerConfig& c) {
  v.field("window_ms", c.window_ms, "ms", "scores are gathered so long; the latest of each module counts",
          in_range(1, 1e6));
  v.field("liveness_s", c.liveness_s, "s", "how often it is seen that a module has ended", in_range(0.001, 1e6));
  v.field("update_ms", c.update_ms, "ms", "from the scores to the kernel", in_range(0, 1e6));
}

/// One run is a policy on the first `seconds` of the timeline.
struct RobotSetup {
  TimelineConfig timeline;
  PlatformConfig platform;
  KernelConfig kernel;
  ControllerConfig controller;
  std::vector<ModuleConfig> modules;
};

/// Throws InputError: events out of order or beyond the end, impossible constraints, names that repeat, unknown
/// contexts.
void validate(const RobotSetup& setup);

}  // namespace heddle::robot
