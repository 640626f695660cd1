// Context scores and what they become: shares of a module, then CPU quotas or real-time budgets (Hadidi et al., IEEE
// EDGE 2023, section IV; constants of the released code, hparch-resource-allocation at commit 685e710).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace heddle::robot {

/// w / sum of w over the modules alive; 0 for a dead one. None when the sum is 0: nothing is updated then.
std::optional<std::vector<double>> shares(std::span<const double> scores, const std::vector<bool>& alive);

/// N * share, rounded to one decimal as `docker update --cpus` is called.
double quota_cpus(double share, std::uint32_t cpus);

/// Of a period of 1 s, 100 ms of it reserved: truncated to whole microseconds.
std::uint64_t rt_runtime_us(double share);

struct Acceleration {
  double x = 0, y = 0, z = 0;
};

/// "Moving": mean length of the steps between the last 5 samples of the accelerometer, at least 0.2. The mean divides
/// by 5 although 5 samples make 4 steps, as released.
class MotionDetector {
 public:
  static constexpr std::size_t kWindow = 5;
  static constexpr double kThreshold = 0.2;
  /// The state after this sample; none until the window is full.
  std::optional<bool> add(const Acceleration& sample);

 private:
  std::deque<Acceleration> window_;
};

}  // namespace heddle::robot
