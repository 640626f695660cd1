#include "models/robot/context.h"

#include <cmath>

#include "sim/base/errors.h"

namespace heddle::robot {
namespace {

constexpr double kRtPeriodUs = 1'000'000;
constexpr double kRtReservedUs = 100'000;

double distance(const Acceleration& a, const Acceleration& b) {
  return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

}  // namespace

std::optional<std::vector<double>> shares(std::span<const double> scores, const std::vector<bool>& alive) {
  HEDDLE_CHECK(scores.size() == alive.size());
  double sum = 0;
  for (std::size_t m = 0; m < scores.size(); ++m) sum += alive[m] ? scores[m] : 0;
  if (sum <= 0) return std::nullopt;
  std::vector<double> result;
  for (std::size_t m = 0; m < scores.size(); ++m) result.push_back(alive[m] ? scores[m] / sum : 0);
  return result;
}

double quota_cpus(double share, std::uint32_t cpus) {
  return std::nearbyint(cpus * share * 10) / 10;
}

std::uint64_t rt_runtime_us(double share) {
  return static_cast<std::uint64_t>(share * (kRtPeriodUs - kRtReservedUs));
}

std::optional<bool> MotionDetector::add(const Acceleration& sample) {
  window_.push_back(sample);
  if (window_.size() > kWindow) window_.pop_front();
  if (window_.size() < kWindow) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 1; i < window_.size(); ++i) sum += distance(window_[i - 1], window_[i]);
  return sum / double(kWindow) >= kThreshold;
}

}  // namespace heddle::robot
