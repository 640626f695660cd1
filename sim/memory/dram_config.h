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
constexpr std::span<const EnumName<DramKind>> enum_names(DramKind) {
  return kDramKindNames;
}

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

/// How an address is spread over channels, banks and rows. Fields low to high, in units of one burst; exact order in
/// sim/memory/dram_map.h.
enum class DramMap : std::uint8_t { bank_group_interleaved, ro_ba_ra_co_ch, mop };
constexpr EnumName<DramMap> kDramMapNames[] = {
    {DramMap::bank_group_interleaved, "bank_group_interleaved",
     "channel, bank group, column, bank (plus row), row: neighbours alternate bank groups"},
    {DramMap::ro_ba_ra_co_ch, "ro_ba_ra_co_ch",
     "channel, column, pseudo-channel, bank group, bank, row: a row is streamed in one bank group"},
    {DramMap::mop, "mop", "channel, 2 column bits, bank group, bank, column, row; groups, banks and rows xor column"}};
constexpr std::span<const EnumName<DramMap>> enum_names(DramMap) {
  return kDramMapNames;
}

/// Timing constraints in clocks of the part (JEDEC names without the t). In a config, 0 means: as in the preset.
struct DramTiming {
  std::uint32_t burst = 0;
  std::uint32_t cl = 0, cwl = 0;
  std::uint32_t rcd_rd = 0, rcd_wr = 0;
  std::uint32_t rp = 0, ras = 0, rc = 0;
  std::uint32_t rrd_s = 0, rrd_l = 0, faw = 0;
  std::uint32_t ccd_s = 0, ccd_l = 0;
  std::uint32_t wtr_s = 0, wtr_l = 0;
  std::uint32_t rtp = 0, wr = 0;
  std::uint32_t rfc = 0, refi = 0;
  friend bool operator==(const DramTiming&, const DramTiming&) = default;
};
template <class V>
void describe(V& v, DramTiming& t) {
  const Range clocks = in_range(0, 1'000'000);
  v.field("burst", t.burst, "clocks", "data bus taken by one burst", clocks);
  v.field("cl", t.cl, "clocks", "read command to its first data", clocks);
  v.field("cwl", t.cwl, "clocks", "write command to its first data", clocks);
  v.field("rcd_rd", t.rcd_rd, "clocks", "activate to read, same bank", clocks);
  v.field("rcd_wr", t.rcd_wr, "clocks", "activate to write, same bank", clocks);
  v.field("rp", t.rp, "clocks", "precharge to activate, same bank, and to refresh", clocks);
  v.field("ras", t.ras, "clocks", "activate to precharge, same bank", clocks);
  v.field("rc", t.rc, "clocks", "activate to activate, same bank", clocks);
  v.field("rrd_s", t.rrd_s, "clocks", "activate to activate, other bank group", clocks);
  v.field("rrd_l", t.rrd_l, "clocks", "activate to activate, same bank group", clocks);
  v.field("faw", t.faw, "clocks", "window that holds at most four activates", clocks);
  v.field("ccd_s", t.ccd_s, "clocks", "read to read, write to write, other bank group", clocks);
  v.field("ccd_l", t.ccd_l, "clocks", "read to read, write to write, same bank group", clocks);
  v.field("wtr_s", t.wtr_s, "clocks", "end of write data to read, other bank group", clocks);
  v.field("wtr_l", t.wtr_l, "clocks", "end of write data to read, same bank group", clocks);
  v.field("rtp", t.rtp, "clocks", "read to precharge, same bank", clocks);
  v.field("wr", t.wr, "clocks", "end of write data to precharge, same bank", clocks);
  v.field("rfc", t.rfc, "clocks", "refresh to activate or refresh", clocks);
  v.field("refi", t.refi, "clocks", "one refresh is due every", clocks);
}

/// Banked mode: a named part, changed where a key below is not 0. Presets and sources: sim/memory/dram_presets.cpp.
struct BankedDramConfig {
  std::string preset = "hbm2_1g";
  DramMap map = DramMap::bank_group_interleaved;
  std::uint32_t channels = 0;
  std::uint32_t channels_per_queue = 1;
  std::uint32_t bank_groups = 0;
  std::uint32_t banks = 0;
  Bytes row{0};
  Frequency clock{0};
  std::uint32_t command_buses = 0;
  std::uint32_t read_queue = 32;
  std::uint32_t write_queue = 32;
  std::uint32_t write_high = 24;
  std::uint32_t write_low = 8;
  std::uint32_t row_hit_cap = 64;
  bool refresh = true;
  DramTiming timing{};
};
template <class V>
void describe(V& v, BankedDramConfig& c) {
  v.field("preset", c.preset, "name", "part whose organisation and timings are used");
  v.field("map", c.map, "name", "address map");
  v.field("channels", c.channels, "count", "channels with pins of their own, a power of two; 0: as in the preset",
          in_range(0, 1024));
  v.field("channels_per_queue", c.channels_per_queue, "count",
          "pseudo-channels that share one scheduler, queue and command bus", in_range(1, 2));
  v.field("bank_groups", c.bank_groups, "count", "per channel, a power of two; 0: as in the preset", in_range(0, 16));
  v.field("banks", c.banks, "count", "per bank group, a power of two; 0: as in the preset", in_range(0, 16));
  v.field("row", c.row, "bytes", "of one bank in all devices of a channel, a power of two; 0: as in the preset");
  v.field("clock", c.clock, "Hz", "command clock; 0: as in the preset");
  v.field("command_buses", c.command_buses, "count",
          "1: one command per clock; 2: one column and one row command per clock; 0: as in the preset", in_range(0, 2));
  v.field("read_queue", c.read_queue, "bursts", "reads the scheduler chooses from", in_range(1, 64));
  v.field("write_queue", c.write_queue, "bursts", "writes the scheduler chooses from", in_range(1, 64));
  v.field("write_high", c.write_high, "bursts", "queued writes at which writing starts", in_range(1, 64));
  v.field("write_low", c.write_low, "bursts", "queued writes at which reading resumes", in_range(0, 63));
  v.field("row_hit_cap", c.row_hit_cap, "bursts", "bursts from an open row before an older request may close it",
          in_range(1, 1'000'000));
  v.field("refresh", c.refresh, "bool", "whether rows are refreshed");
  v.section("timing", c.timing, "timings that differ from the preset's, in clocks; 0: as in the preset");
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
