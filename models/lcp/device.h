// Devices and links of a cluster, each by a law of a few measured numbers. Times of a cluster replay are in
// microseconds: its kernel's clock is 1 MHz.
#pragma once

#include <cstdint>
#include <string>

#include "models/lcp/network.h"
#include "sim/base/describe.h"
#include "sim/base/units.h"

namespace heddle::lcp {

/// What one task computes.
struct Work {
  double operators = 0;  ///< kernels a framework starts
  double conv_macs = 0;
  double fc_weights = 0;  ///< weights of fully connected layers: each is read once per image
  double parameters = 0;  ///< held in memory
  Work& operator+=(const Work& other);
  /// Everything but the number of operators, times `share`.
  Work scaled(double share) const;
};
Work work_of(const Totals& totals);

/// T = operators * per_operator + conv_macs / conv_rate + fc_weights / fc_rate
struct DeviceConfig {
  std::string name = "device";
  double per_operator_ms = 0;
  double conv_rate = 1e9;
  double fc_rate = 1e9;
  Bytes memory{std::uint64_t{1} << 30};
  std::uint32_t bytes_per_parameter = 4;
  double power_active_w = 0;
  double power_idle_w = 0;
};
template <class V>
void describe(V& v, DeviceConfig& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("per_operator_ms", c.per_operator_ms, "ms", "to start one operator: conv, fc, pool, norm, add",
          in_range(0, 1e6));
  v.field("conv_rate", c.conv_rate, "MAC/s", "convolutions", in_range(1, 1e18));
  v.field("fc_rate", c.fc_rate, "weights/s", "fully connected layers at batch 1", in_range(1, 1e18));
  v.field("memory", c.memory, "bytes", "capacity for parameters; a placement that needs more is refused", at_least(1));
  v.field("bytes_per_parameter", c.bytes_per_parameter, "bytes", "of a weight in memory", in_range(1, 64));
  v.field("power_active_w", c.power_active_w, "W", "while computing", in_range(0, 1e6));
  v.field("power_idle_w", c.power_idle_w, "W", "while waiting during an inference", in_range(0, 1e6));
}

enum class Medium : std::uint8_t { shared, pairwise };
std::span<const EnumName<Medium>> enum_names(Medium);

/// A message of d kB takes d * ms_per_kb + latency_ms.
struct LinkConfig {
  Medium medium = Medium::shared;
  bool multicast = true;
  double ms_per_kb = 0;
  double latency_ms = 0;
};
template <class V>
void describe(V& v, LinkConfig& c) {
  v.field("medium", c.medium, "name", "what messages wait for");
  v.field("multicast", c.multicast, "bool", "one transmission of the same data reaches all its receivers");
  v.field("ms_per_kb", c.ms_per_kb, "ms", "per 1000 bytes of a message", in_range(0, 1e6));
  v.field("latency_ms", c.latency_ms, "ms", "per message", in_range(0, 1e6));
}

/// Delays drawn per message and per task, off by default.
struct StragglerConfig {
  double probability = 0;
  double mean_ms = 0;
  std::uint64_t seed = 1;
};
template <class V>
void describe(V& v, StragglerConfig& c) {
  v.field("probability", c.probability, "fraction", "messages and tasks that are late", in_range(0, 1));
  v.field("mean_ms", c.mean_ms, "ms", "mean of the exponential delay of those", in_range(0, 1e6));
  v.field("seed", c.seed, "", "same seed, same delays");
}

/// Microseconds, rounded to the nearest.
Cycle compute_time(const DeviceConfig& device, const Work& work);
Cycle message_time(const LinkConfig& link, double bytes);

}  // namespace heddle::lcp
