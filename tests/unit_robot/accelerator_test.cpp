// Requests on one accelerator: exact schedules of three requests by hand, and laws over random streams.
#include "models/robot/accelerator.h"

#include <gtest/gtest.h>

namespace heddle::robot_test {
namespace {

using namespace heddle::robot;

/// long: 2 layers of 100; short: 1 layer of 20.
std::vector<RequestModel> two_models() {
  return {{"long", {{100, 100}}}, {"short", {{20}}}};
}

Request at(std::size_t model, Cycle arrival, std::uint32_t priority = 1, std::size_t sample = 0) {
  return {model, sample, priority, arrival};
}

TEST(Accelerator, FirstComeFirstServedByHand) {
  // long 0-200, short (10) 200-220, short (30) 220-240
  const std::vector<Request> requests = {at(0, 0), at(1, 10), at(1, 30)};
  const DispatchResult result = run_requests(two_models(), requests, Dispatch::fcfs, {});
  EXPECT_EQ(result.end, 240u);
  EXPECT_DOUBLE_EQ(result.antt, (1 + 210.0 / 20 + 210.0 / 20) / 3);
  EXPECT_DOUBLE_EQ(result.violation_rate, 2.0 / 3) << "10 x 20 cycles are 200";
  EXPECT_DOUBLE_EQ(result.stp, 1);
}

TEST(Accelerator, ShortestFirstPreemptsBetweenLayers) {
  // long 0-100, short 100-120, short 120-140, long 140-240
  const std::vector<Request> requests = {at(0, 0), at(1, 10), at(1, 30)};
  const DispatchResult result = run_requests(two_models(), requests, Dispatch::sjf, {});
  EXPECT_DOUBLE_EQ(result.antt, (240.0 / 200 + 110.0 / 20 + 110.0 / 20) / 3);
  EXPECT_EQ(result.switches, 3u);
  EXPECT_EQ(result.violation_rate, 0);
}

TEST(Accelerator, SwitchesCost) {
  DispatchConfig config;
  config.switch_cycles = 7;
  const std::vector<Request> requests = {at(0, 0), at(1, 10), at(1, 30)};
  const DispatchResult result = run_requests(two_models(), requests, Dispatch::sjf, config);
  EXPECT_EQ(result.end, 240u + 3 * 7);
  EXPECT_EQ(result.switching, 21u);
  EXPECT_EQ(result.busy, 240u);
}

TEST(Accelerator, EdfTakesTheEarlierDeadline) {
  DispatchConfig config;
  config.slo_multiple = 1.5;  // long: due 300; short at 10: due 40, at 250: due 280
  const std::vector<Request> requests = {at(0, 0), at(0, 5), at(1, 10)};
  // at 100 the short one goes first, then the long ones in order of their deadlines
  const DispatchResult result = run_requests(two_models(), requests, Dispatch::edf, config);
  EXPECT_DOUBLE_EQ(result.antt, (220.0 / 200 + 415.0 / 200 + 110.0 / 20) / 3);
}

TEST(Accelerator, PremaLetsHighPriorityPass) {
  // At 100: tokens 1 (long, running), 1 + 1 x 90/20 = 5.5 (short), 9 + ... (urgent long): threshold 9, urgent runs to
  // 300.
  const std::vector<Request> requests = {at(0, 0), at(1, 10), at(0, 20, 9)};
  const DispatchResult prema = run_requests(two_models(), requests, Dispatch::prema, {});
  const DispatchResult sjf = run_requests(two_models(), requests, Dispatch::sjf, {});
  EXPECT_GT(prema.antt, sjf.antt);
}

TEST(Accelerator, DystaLearnsThatAnInputIsSparse) {
  // Two samples; the table's mean is 110 per layer. A request that ran its first layer in 20 is expected to end soon,
  // so it goes on although a short one of 60 waits; by the table alone the short one would go first.
  const std::vector<RequestModel> models = {{"net", {{20, 20}, {200, 200}}}, {"short", {{60}}}};
  const std::vector<Request> requests = {at(0, 0, 1, 0), at(1, 5)};
  DispatchConfig config;
  config.dysta_beta = 0;
  EXPECT_DOUBLE_EQ(run_requests(models, requests, Dispatch::dysta, config).antt, (40.0 / 40 + 95.0 / 60) / 2);
  EXPECT_DOUBLE_EQ(run_requests(models, requests, Dispatch::sjf, config).antt, (100.0 / 40 + 75.0 / 60) / 2);
}

TEST(Accelerator, CfsServesGroupsByPriority) {
  // Two streams of equal requests that never run dry: the one of priority 3 gets three times the cycles.
  const std::vector<RequestModel> models = {{"a", {{10}}}, {"b", {{10}}}};
  std::vector<Request> requests;
  for (int i = 0; i < 400; ++i) requests.push_back(at(static_cast<std::size_t>(i % 2), 0, i % 2 == 0 ? 1 : 3));
  DispatchConfig config;
  config.cfs_slice_cycles = 10;
  config.slo_multiple = 400.0 * 2 / 3;  // 2667 cycles: when b's 200 have ended, a's share is a third of them
  const DispatchResult result = run_requests(models, requests, Dispatch::cfs, config);
  EXPECT_NEAR(result.violation_rate, (400 - 267) / 400.0, 0.01);
  EXPECT_EQ(result.end, 4000u);
}

TEST(Accelerator, EveryPolicyServesEverythingOnce) {
  const std::vector<RequestModel> models = {{"x", {{50, 60}, {80, 90}}}, {"y", {{10, 10, 10}, {30, 20, 10}}}};
  ArrivalConfig arrivals;
  arrivals.requests = 300;
  const std::vector<Request> requests = draw_requests(models, arrivals, 3);
  std::uint64_t work = 0;
  for (const Request& r : requests)
    for (const std::uint64_t cycles : models[r.model].samples[r.sample]) work += cycles;
  for (const auto& policy : enum_names(Dispatch{})) {
    const DispatchResult result = run_requests(models, requests, policy.value, {});
    EXPECT_EQ(result.busy, work) << policy.name;
    EXPECT_GE(result.antt, 1) << policy.name;
    EXPECT_LE(result.stp, 1 + 1e-9) << policy.name;
  }
}

TEST(Accelerator, StreamsAreSeeded) {
  const std::vector<RequestModel> models = two_models();
  const auto a = draw_requests(models, {}, 1), b = draw_requests(models, {}, 1), c = draw_requests(models, {}, 2);
  ASSERT_EQ(a.size(), 1000u);
  EXPECT_EQ(a.back().arrival, b.back().arrival);
  EXPECT_NE(a.back().arrival, c.back().arrival);
  const double mean = double(a.back().arrival) / 1000;
  EXPECT_NEAR(mean, 110 / 0.9, 15);
}

}  // namespace
}  // namespace heddle::robot_test
