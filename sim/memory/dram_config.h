// Off-chip memory: `flat` or `banked`, behind one interface.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/describe.h"
#include "sim/base/units.h"

namespace heddle {

enum class DramKind : std::uint8_t { flat, banked };
constexpr EnumName<DramKind> kDramKindNames[] = {
    {DramKind::flat, "flat", "fixed latency and bandwidth per channel, first come first served"},
    {DramKind::banked, "banked", "command-level timing of channels, banks, rows, refresh; FR-FCFS"}};
constexpr std::span<const EnumName<DramKind>> enum_names(DramKind) { return kDramKindNames; }

/// Flat mode. Line n is in channel n mod channels; each channel moves bandwidth / channels.
struct FlatDramConfig {
  std::uint32_t channels = 16;
  Bandwidth bandwidth{128'000'000'000};
  std::uint32_t latency = 80;
};
template <class V>
void describe(V& v, FlatDramConfig& c) {
  v.field("channels", c.channels, "count", "independent channels, interleaved by line", in_range(1, 1024));
  v.field("bandwidth", c.bandwidth, "bytes/s", "peak, all channels together", at_least(1));
  v.field("latency", c.latency, "cycles", "service of a line begins to the line being delivered, of an idle channel",
          in_range(1, 1'000'000));
}

/// Banked mode: a named part. The presets and their timings are in sim/memory/dram_presets.cpp.
struct BankedDramConfig {
  std::string preset = "hbm2_1g";
};
template <class V>
void describe(V& v, BankedDramConfig& c) {
  v.field("preset", c.preset, "name", "part whose organisation and timings are used");
}

struct DramConfig {
  DramKind kind = DramKind::banked;
  FlatDramConfig flat;
  BankedDramConfig banked;
};
template <class V>
void describe(V& v, DramConfig& c) {
  v.field("kind", c.kind, "name", "timing model");
  v.section("flat", c.flat, "used when kind is flat");
  v.section("banked", c.banked, "used when kind is banked");
}

}  // namespace heddle
