#include "models/lcp/device.h"

#include <cmath>

namespace heddle::lcp {
namespace {

constexpr EnumName<Medium> kMedia[] = {
    {Medium::shared, "shared", "one message at a time in the whole cluster, as on one radio channel"},
    {Medium::pairwise, "pairwise", "one message at a time per sender"}};

}  // namespace

std::span<const EnumName<Medium>> enum_names(Medium) {
  return kMedia;
}

Work& Work::operator+=(const Work& other) {
  operators += other.operators;
  conv_macs += other.conv_macs;
  fc_weights += other.fc_weights;
  parameters += other.parameters;
  return *this;
}

Work Work::scaled(double share) const {
  return {operators, conv_macs * share, fc_weights * share, parameters * share};
}

Work work_of(const Totals& totals) {
  return {double(totals.operators), double(totals.conv_macs), double(totals.fc_weights), double(totals.parameters)};
}

Cycle compute_time(const DeviceConfig& device, const Work& work) {
  const double seconds = work.operators * device.per_operator_ms / 1e3 + work.conv_macs / device.conv_rate +
                         work.fc_weights / device.fc_rate;
  return static_cast<Cycle>(std::llround(seconds * 1e6));
}

Cycle message_time(const LinkConfig& link, double bytes) {
  return static_cast<Cycle>(std::llround((bytes / 1e3 * link.ms_per_kb + link.latency_ms) * 1e3));
}

}  // namespace heddle::lcp
