#include "sim/report/report.h"

#include <algorithm>

namespace heddle {

std::string_view stall_key(Tensor tensor, Cause cause) {
  static const std::array<std::string, kTensorCount* kCauseCount> kKeys = [] {
    std::array<std::string, kTensorCount * kCauseCount> keys;
    for (std::size_t i = 0; i < keys.size(); ++i)
      keys[i] = std::string(kTensorNames[i / kCauseCount]) + "." + std::string(kCauseNames[i % kCauseCount]);
    return keys;
  }();
  return kKeys[static_cast<std::size_t>(tensor) * kCauseCount + static_cast<std::size_t>(cause)];
}

std::string_view activity_name(const Activity& activity) {
  switch (activity.kind) {
    case Activity::Kind::busy:
      return "busy";
    case Activity::Kind::no_work:
      return "no_work";
    case Activity::Kind::idle:
      return "idle";
    case Activity::Kind::stall:
      break;
  }
  return stall_key(activity.tensor, activity.cause);
}

void GroupStalls::add(const CycleAccount& account) {
  ++agents;
  busy += account.busy_cycles();
  no_work += account.no_work_cycles();
  idle += account.idle_cycles();
  max_busy = std::max(max_busy, account.busy_cycles());
  for (std::size_t tensor = 0; tensor < kTensorCount; ++tensor)
    for (std::size_t cause = 0; cause < kCauseCount; ++cause)
      stalls[tensor][cause] += account.stall_cycles(Tensor(tensor), Cause(cause));
}

std::uint64_t GroupStalls::total() const {
  std::uint64_t sum = busy + no_work + idle;
  for (const auto& causes : stalls)
    for (const std::uint64_t cycles : causes) sum += cycles;
  return sum;
}

std::uint64_t Bounds::lower() const {
  return std::max({compute_cycles, merge_cycles, bandwidth_cycles});
}

}  // namespace heddle
