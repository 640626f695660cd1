// Whole runs of small robots: closed-loop frames, late clips, vetoes, an idle controller, the same events for all
// policies.
#include "models/robot/robot_run.h"

#include <gtest/gtest.h>

#include "sim/base/config_tree.h"
#include "sim/base/errors.h"
#include "sim/base/yaml_reader.h"

namespace heddle::robot_test {
namespace {

using namespace heddle::robot;

ModuleConfig module(const std::string& name, Trigger trigger, double slice_ms, std::uint32_t cores = 1) {
  ModuleConfig config;
  config.name = name;
  config.trigger = trigger;
  SubtaskConfig subtask;
  subtask.name = "work";
  subtask.slice_ms = slice_ms;
  subtask.cores = cores;
  config.task.subtasks = {subtask};
  if (trigger == Trigger::frames) config.score_active = 5, config.score_idle = 0.5, config.score_start = 2.5;
  if (trigger == Trigger::speech) config.late_limit_s = 0.25, config.vetoed_while = {"moving"};
  return config;
}

RobotSetup small_robot() {
  RobotSetup setup;
  setup.timeline.duration_s = 10;
  setup.timeline.moving = {{4, 10, ""}};
  for (const double at : {1.0, 2.0, 2.1, 5.0, 8.0}) setup.timeline.speech.push_back({at, 0.5, ""});
  setup.modules = {module("slam", Trigger::frames, 30), module("speech", Trigger::speech, 200, 4)};
  return setup;
}

RunRequest request(Policy policy) {
  RunRequest request;
  request.policy = policy;
  request.seconds = 10;
  return request;
}

TEST(Robot, FramesThatFitKeepTheRateAndLongerOnesStretchTheRun) {
  RobotSetup setup;
  setup.timeline.duration_s = 10;
  setup.modules = {module("slam", Trigger::frames, 30)};
  EXPECT_NEAR(replay_robot(setup, request(Policy::cfs)).total_s, 199 * 0.050 + 0.030, 1e-6);
  setup.modules[0].task.subtasks[0].slice_ms = 80;
  const RunOutcome slow = replay_robot(setup, request(Policy::cfs));
  EXPECT_NEAR(slow.total_s, 200 * 0.080, 1e-6);
  EXPECT_EQ(slow.modules[0].late_frames, 200u);
}

TEST(Robot, WithoutEventsTheControllerDoesNothing) {
  RobotSetup setup;
  setup.timeline.duration_s = 10;
  setup.modules = {module("slam", Trigger::frames, 30)};
  setup.modules[0].score_start = setup.modules[0].score_idle;  // else the first look at the accelerometer is an event
  const RunOutcome outcome = replay_robot(setup, request(Policy::cfs_ca));
  EXPECT_EQ(outcome.updates, 0u);
  EXPECT_EQ(outcome.controller_steps, 1u) << "that the container has ended is an event";
}

TEST(Robot, UpdatesAreAtLeastAWindowApart) {
  const RunOutcome outcome = replay_robot(small_robot(), request(Policy::cfs_ca));
  EXPECT_GT(outcome.updates, 4u);
  EXPECT_GE(outcome.least_gap_s, 0.1 - 1e-9);
  for (const ShareUpdate& update : outcome.updates_log) {
    double sum = 0;
    for (const double share : update.shares) sum += share;
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST(Robot, AllPoliciesSeeTheSameEvents) {
  const RobotSetup setup = small_robot();
  for (const Policy policy : {Policy::cfs, Policy::cfs_ca, Policy::rt_ca, Policy::deadline_ca}) {
    const RunOutcome outcome = replay_robot(setup, request(policy));
    EXPECT_EQ(outcome.modules[0].events, 200u);
    EXPECT_EQ(outcome.modules[0].handled, 200u);
    EXPECT_EQ(outcome.modules[1].events, 5u);
    EXPECT_EQ(outcome.modules[1].handled + outcome.modules[1].skipped, 5u);
    EXPECT_EQ(replay_robot(setup, request(policy)).total_s, outcome.total_s);
  }
}

TEST(Robot, LateClipsAreSkippedAndCounted) {
  RobotSetup setup = small_robot();
  setup.modules[1].task.subtasks[0].slice_ms = 600;  // the clip at 2.0 s runs beyond 2.6 s: that of 2.1 s is late
  EXPECT_EQ(replay_robot(setup, request(Policy::cfs)).modules[1].skipped, 1u);
}

TEST(Robot, VetoedClipsTakeNoCpu) {
  const RobotSetup setup = small_robot();
  RunRequest vetoing = request(Policy::cfs_ca);
  vetoing.knobs.elision = true;
  const ModuleResult speech = replay_robot(setup, vetoing).modules[1];
  EXPECT_EQ(speech.vetoed, 2u);
  EXPECT_LT(speech.last_cpu_s, 4);
  EXPECT_NEAR(speech.cpu_seconds, 0.8 * double(speech.handled), 1e-3);
  vetoing.policy = Policy::cfs;
  EXPECT_EQ(replay_robot(setup, vetoing).modules[1].vetoed, 0u) << "the baseline knows no context";
}

TEST(Robot, MotionIsSeenWithinTheDetectorsWindow) {
  const std::vector<MotionChange> changes = motion_changes(small_robot().timeline);
  ASSERT_GE(changes.size(), 2u);
  EXPECT_FALSE(changes[0].moving);
  for (std::size_t i = 1; i < changes.size(); ++i) EXPECT_NEAR(changes[i].at_s, 4.0, 0.03);
  EXPECT_TRUE(changes.back().moving);
}

TEST(Robot, SubtasksFollowTheirGraph) {
  RobotSetup setup;
  setup.timeline.duration_s = 2;
  ModuleConfig speech = module("speech", Trigger::speech, 10);
  speech.task.kind = TaskKind::compound;
  SubtaskConfig keyword, recognise;
  keyword.name = "keyword", keyword.slice_ms = 30, keyword.after = {"work"};
  recognise.name = "recognise", recognise.slice_ms = 250, recognise.cores = 4, recognise.after = {"keyword"};
  speech.task.subtasks.push_back(keyword);
  speech.task.subtasks.push_back(recognise);
  setup.modules = {speech};
  setup.timeline.speech = {{1, 0.5, ""}};
  EXPECT_NEAR(replay_robot(setup, request(Policy::cfs)).modules[0].turnaround_ms, 10 + 30 + 250, 1e-6);
}

TEST(Robot, MemoryThatIsTakenMakesOthersWait) {
  RobotSetup setup;
  setup.timeline.duration_s = 2;
  setup.platform.memory = Bytes{1000};
  setup.modules = {module("speech", Trigger::speech, 100), module("sign", Trigger::signs, 100)};
  for (ModuleConfig& m : setup.modules) m.task.subtasks[0].memory = Bytes{600};
  setup.timeline.speech = {{1, 0.1, ""}};
  setup.timeline.signs = {{1, 0.1, ""}};
  const RunOutcome outcome = replay_robot(setup, request(Policy::cfs));
  EXPECT_NEAR(outcome.modules[0].turnaround_ms, 100, 1e-3);
  EXPECT_NEAR(outcome.modules[1].turnaround_ms, 200, 1e-3);
}

TEST(Robot, JsonIsATimelineToo) {
  TimelineConfig timeline;
  read_config(
      parse_config(R"({"duration_s": 5, "moving": [{"from": 1, "to": 2}], "speech": [{"at": 3, "for": 1}]})", "t.json"),
      timeline);
  EXPECT_EQ(timeline.moving.at(0).to_s, 2);
  EXPECT_EQ(timeline.speech.at(0).at_s, 3);
  EXPECT_EQ(timeline.speech.at(0).place, "t.json:1");
}

}  // namespace
}  // namespace heddle::robot_test
