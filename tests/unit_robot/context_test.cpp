// Weights into shares, quotas and budgets: the eight states of the released code.
#include "models/robot/context.h"

#include <gtest/gtest.h>

namespace heddle::robot_test {
namespace {

using namespace heddle::robot;

TEST(Context, TheEightStatesBitExact) {
  struct State {
    double w[3], share[3], cpus[3];
    std::uint64_t runtime[3];
  };
  const State states[] = {{{5, 0.1, 0.35}, {.9174, .0183, .0642}, {3.7, 0.1, 0.3}, {825688, 16513, 57798}},
                          {{5, 1, 0.35}, {.7874, .1575, .0551}, {3.1, 0.6, 0.2}, {708661, 141732, 49606}},
                          {{5, 0.1, 2.5}, {.6579, .0132, .3289}, {2.6, 0.1, 1.3}, {592105, 11842, 296052}},
                          {{5, 1, 2.5}, {.5882, .1176, .2941}, {2.4, 0.5, 1.2}, {529411, 105882, 264705}},
                          {{0.5, 0.1, 0.35}, {.5263, .1053, .3684}, {2.1, 0.4, 1.5}, {473684, 94736, 331578}},
                          {{0.5, 1, 0.35}, {.2703, .5405, .1892}, {1.1, 2.2, 0.8}, {243243, 486486, 170270}},
                          {{0.5, 0.1, 2.5}, {.1613, .0323, .8065}, {0.6, 0.1, 3.2}, {145161, 29032, 725806}},
                          {{0.5, 1, 2.5}, {.125, .25, .625}, {0.5, 1.0, 2.5}, {112500, 225000, 562500}}};
  for (const State& state : states) {
    const auto share = shares(state.w, {true, true, true});
    ASSERT_TRUE(share);
    double sum = 0;
    for (int m = 0; m < 3; ++m) {
      sum += (*share)[m];
      EXPECT_NEAR((*share)[m], state.share[m], 0.5e-4);
      EXPECT_EQ(quota_cpus((*share)[m], 4), state.cpus[m]);
      EXPECT_EQ(rt_runtime_us((*share)[m]), state.runtime[m]);
    }
    EXPECT_NEAR(sum, 1, 1e-15);
  }
}

TEST(Context, DeadModulesGetNothing) {
  const double w[] = {5, 1, 2.5};
  const auto share = shares(w, {true, false, true});
  ASSERT_TRUE(share);
  EXPECT_EQ((*share)[1], 0);
  EXPECT_DOUBLE_EQ((*share)[0] + (*share)[2], 1);
  EXPECT_FALSE(shares(w, {false, false, false}));
  const double zero[] = {0, 0, 0};
  EXPECT_FALSE(shares(zero, {true, true, true}));
}

TEST(Context, MotionNeedsFiveSamplesAndAThreshold) {
  MotionDetector detector;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(detector.add({i * 0.3, 0, 0}));
  EXPECT_EQ(detector.add({4 * 0.3, 0, 0}), true) << "4 steps of 0.3 / 5 = 0.24";
  MotionDetector slow;
  for (int i = 0; i < 4; ++i) slow.add({i * 0.24, 0, 0});
  EXPECT_EQ(slow.add({4 * 0.24, 0, 0}), false) << "4 steps of 0.24 / 5 = 0.192";
}

}  // namespace
}  // namespace heddle::robot_test
