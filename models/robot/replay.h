// kind: robot_context. One timeline under several policies, lengths and knobs.
#pragma once

#include <string>
#include <vector>

#include "models/replay/result.h"
#include "models/robot/robot_run.h"

namespace heddle::robot {

struct NamedKnobs {
  std::string name;
  KnobConfig knobs;
};
template <class V>
void describe(V& v, NamedKnobs& c) {
  v.field("name", c.name, "text", "keys of results contain it");
  describe(v, c.knobs);
}

struct PublishedSpeedup {
  Policy policy = Policy::cfs_ca;
  double seconds = 180;
  double speedup = 1;
  double tolerance = 0;
};
template <class V>
void describe(V& v, PublishedSpeedup& c) {
  v.field("policy", c.policy, "name", "against cfs on the same timeline");
  v.field("seconds", c.seconds, "s", "of the footage", in_range(0.1, 1e5));
  v.field("speedup", c.speedup, "x", "of total execution time", in_range(0.01, 100));
  v.field("tolerance", c.tolerance, "fraction", "0: shown, not judged", in_range(0, 10));
}

/// Published averages of the logged runs of the released code.
struct PublishedLog {
  double seconds = 180;
  double host_speed = 1;
  double updates = 0, updates_tolerance = 0;
  double residency = 0, residency_tolerance = 0;
  std::vector<double> mean_shares;
  double shares_tolerance = 0;
};
template <class V>
void describe(V& v, PublishedLog& c) {
  v.field("seconds", c.seconds, "s", "of the footage that was logged", in_range(0.1, 1e5));
  v.field("host_speed", c.host_speed, "factor", "of the computer that was logged over the platform",
          in_range(0.01, 1000));
  v.field("updates", c.updates, "count", "0: none", at_least(0));
  v.field("updates_tolerance", c.updates_tolerance, "fraction", "0: shown, not judged", in_range(0, 10));
  v.field("residency", c.residency, "fraction", "of the first module with its active score; 0: none", in_range(0, 1));
  v.field("residency_tolerance", c.residency_tolerance, "fraction", "0: shown, not judged", in_range(0, 10));
  v.field("mean_shares", c.mean_shares, "fraction", "by module, while it lives");
  v.field("shares_tolerance", c.shares_tolerance, "fraction", "0: shown, not judged", in_range(0, 10));
}

struct ContextConfig {
  RobotSetup setup;
  std::vector<Policy> policies;
  std::vector<double> seconds;
  std::vector<NamedKnobs> knobs;
  std::vector<PublishedSpeedup> published;
  PublishedLog log;
};
template <class V>
void describe(V& v, ContextConfig& c) {
  v.section("timeline", c.setup.timeline, "what happens to the robot");
  v.section("platform", c.setup.platform, "its computer");
  v.section("kernel", c.setup.kernel, "times of the CPU schedulers");
  v.section("controller", c.setup.controller, "of the context-aware policies");
  v.field("modules", c.setup.modules, "", "containers; the first is the one whose residency is reported");
  v.field("policies", c.policies, "names", "run beside cfs, the baseline");
  v.field("seconds", c.seconds, "s", "lengths of the runs", in_range(0.1, 1e5));
  v.field("knobs", c.knobs, "", "sets of effects; the first is the one shown in detail");
  v.field("published", c.published, "", "speed-ups");
  v.section("log", c.log, "averages of logged runs");
}
ReplayResult replay_context(const ContextConfig& config, ActivitySink* timeline);
void validate(const ContextConfig& config);

}  // namespace heddle::robot
