// The parts and where their numbers come from.
//
// ddr4_2400: JESD79-4C, DDR4-2400R (16-16-16), 8 Gb x8, 64-bit channel. RRD and FAW for 1 KiB pages: max(4, 3.3 ns),
//   max(4, 4.9 ns), max(20, 21 ns) with guard clocks as in the Ramulator 2.1 preset; RFC 350 ns + 10 % guard and
//   REFI 7.8 us as used there. Row: 1 KiB x 8 devices.
// ddr5_4800: JESD79-5B, DDR5-4800B (40-39-39), 16 Gb x8, two 32-bit sub-channels per DIMM, BL16. RAS 32 ns, RTP 7.5 ns,
//   WR 30 ns, WTR 2.5 / 10 ns, CCD_L and RRD_L 5 ns, FAW 32 clocks (1 KiB page), RFC 295 ns, REFI 3.9 us. CWL = CL - 2.
//   The longer write-to-write delay within a bank group (CCD_L_WR) is not distinguished from CCD_L.
// hbm2: JESD235C in pseudo-channel mode at 2 Gb/s/pin, 8 channels x 2 pseudo-channels of 64 bits, BL4; timings of the
//   Ramulator 2.1 HBM2 preset: 14-14-14 ns, RAS 34, RFC 350 (8 Gb), REFI 3.9 us.
// hbm2_1g: the same part at 1 Gb/s/pin (clock 500 MHz): every timing keeps its nanoseconds, rounded up to clocks; the
//   burst keeps its two clocks. 16 x 8 GB/s = 128 GB/s, the memory of OuterSPACE (HPCA 2018), SpArch (HPCA 2020) and
//   Gamma (ASPLOS 2021).
#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "sim/memory/dram_access.h"
#include "sim/memory/dram_part.h"

namespace heddle {
namespace {

constexpr DramTiming kDdr4Timing = {.burst = 4,
                                    .cl = 16,
                                    .cwl = 12,
                                    .rcd_rd = 16,
                                    .rcd_wr = 16,
                                    .rp = 16,
                                    .ras = 39,
                                    .rc = 55,
                                    .rrd_s = 4,
                                    .rrd_l = 6,
                                    .faw = 26,
                                    .ccd_s = 4,
                                    .ccd_l = 6,
                                    .wtr_s = 3,
                                    .wtr_l = 9,
                                    .rtp = 9,
                                    .wr = 18,
                                    .rfc = 433,
                                    .refi = 9364};
constexpr DramTiming kDdr5Timing = {.burst = 8,
                                    .cl = 40,
                                    .cwl = 38,
                                    .rcd_rd = 39,
                                    .rcd_wr = 39,
                                    .rp = 39,
                                    .ras = 77,
                                    .rc = 116,
                                    .rrd_s = 8,
                                    .rrd_l = 12,
                                    .faw = 32,
                                    .ccd_s = 8,
                                    .ccd_l = 12,
                                    .wtr_s = 6,
                                    .wtr_l = 24,
                                    .rtp = 18,
                                    .wr = 72,
                                    .rfc = 708,
                                    .refi = 9360};
constexpr DramTiming kHbm2Timing = {.burst = 2,
                                    .cl = 14,
                                    .cwl = 5,
                                    .rcd_rd = 14,
                                    .rcd_wr = 12,
                                    .rp = 14,
                                    .ras = 34,
                                    .rc = 48,
                                    .rrd_s = 4,
                                    .rrd_l = 4,
                                    .faw = 15,
                                    .ccd_s = 2,
                                    .ccd_l = 4,
                                    .wtr_s = 6,
                                    .wtr_l = 8,
                                    .rtp = 5,
                                    .wr = 16,
                                    .rfc = 350,
                                    .refi = 3900};
constexpr DramTiming kHbm2SlowTiming = {.burst = 2,
                                        .cl = 7,
                                        .cwl = 3,
                                        .rcd_rd = 7,
                                        .rcd_wr = 6,
                                        .rp = 7,
                                        .ras = 17,
                                        .rc = 24,
                                        .rrd_s = 2,
                                        .rrd_l = 2,
                                        .faw = 8,
                                        .ccd_s = 2,
                                        .ccd_l = 2,
                                        .wtr_s = 3,
                                        .wtr_l = 4,
                                        .rtp = 3,
                                        .wr = 8,
                                        .rfc = 175,
                                        .refi = 1950};

constexpr std::array<DramPart, 4> kPresets = {{
    {"ddr4_2400", 1'200'000'000, 1, 4, 4, 8192, 64, 1, kDdr4Timing},
    {"ddr5_4800", 2'400'000'000, 2, 8, 4, 4096, 64, 1, kDdr5Timing},
    {"hbm2", 1'000'000'000, 16, 4, 4, 1024, 32, 2, kHbm2Timing},
    {"hbm2_1g", 500'000'000, 16, 4, 4, 1024, 32, 2, kHbm2SlowTiming},
}};

const DramPart& find_preset(const std::string& name) {
  const auto found = std::ranges::find(kPresets, name, &DramPart::name);
  if (found != kPresets.end()) return *found;
  std::vector<std::string_view> known;
  for (const DramPart& p : kPresets) known.push_back(p.name);
  throw InputError("machine.dram.banked.preset: " + unknown_word("part", name, known));
}

template <class T>
void change(T& value, T override_with) {
  if (override_with != T{}) value = override_with;
}

void change_timing(DramTiming& t, const DramTiming& o) {
  constexpr std::uint32_t DramTiming::*kAll[] = {
      &DramTiming::burst, &DramTiming::cl,    &DramTiming::cwl,   &DramTiming::rcd_rd, &DramTiming::rcd_wr,
      &DramTiming::rp,    &DramTiming::ras,   &DramTiming::rc,    &DramTiming::rrd_s,  &DramTiming::rrd_l,
      &DramTiming::faw,   &DramTiming::ccd_s, &DramTiming::ccd_l, &DramTiming::wtr_s,  &DramTiming::wtr_l,
      &DramTiming::rtp,   &DramTiming::wr,    &DramTiming::rfc,   &DramTiming::refi};
  for (const auto member : kAll) change(t.*member, o.*member);
}

void require(bool holds, const char* key, const std::string& expected) {
  if (!holds) throw InputError("dram.banked." + std::string(key) + ": expected " + expected);
}

void check_part(const DramPart& p, const BankedDramConfig& c) {
  require(std::has_single_bit(p.channels), "channels", "a power of two, got " + std::to_string(p.channels));
  require(p.channels % c.channels_per_queue == 0, "channels_per_queue", "a divisor of channels");
  require(c.channels_per_queue == 1 || c.channels_per_queue == 2, "channels_per_queue", "1 or 2");
  require(std::has_single_bit(p.bank_groups), "bank_groups", "a power of two, got " + std::to_string(p.bank_groups));
  require(std::has_single_bit(p.banks), "banks", "a power of two, got " + std::to_string(p.banks));
  require(c.channels_per_queue * p.bank_groups * p.banks <= 64, "banks", "at most 64 banks behind one queue");
  require(std::has_single_bit(p.row_bytes) && p.row_bytes >= 4 * p.burst_bytes, "row",
          "a power of two and at least four bursts, got " + std::to_string(p.row_bytes) + " B");
  const DramAccess access(c.map, p);
  const std::string places = std::to_string(access.bursts) + " to 64 (a line has " + std::to_string(access.bursts) +
                             (access.bursts == 1 ? " burst" : " bursts") + " in it)";
  require(c.read_queue >= access.bursts && c.read_queue <= 64, "read_queue", places);
  require(c.write_queue >= access.bursts && c.write_queue <= 64, "write_queue", places);
  require(access.row_span() < 64 && access.column_span() < 64, "timing",
          "the commands of one line within 64 clocks: smaller rrd_s, ccd_s, ccd_l, burst");
  require(c.write_high <= c.write_queue && c.write_high >= 1, "write_high", "1 to write_queue");
  require(c.write_low < c.write_high, "write_low", "less than write_high");
  require(c.row_hit_cap >= 1, "row_hit_cap", "at least 1");
  const DramTiming& t = p.timing;
  require(t.cl + t.burst + 2 > t.cwl, "timing.cwl", "less than cl + burst + 2");
  require(!c.refresh || t.refi > t.rfc + t.rp + t.ras + t.cwl + t.burst + t.wr, "timing.refi",
          "more than rfc + rp + ras + cwl + burst + wr, or nothing but refresh happens");
}

}  // namespace

std::span<const DramPart> dram_presets() {
  return kPresets;
}

DramPart resolve_part(const BankedDramConfig& config) {
  DramPart part = find_preset(config.preset);
  change(part.channels, config.channels);
  change(part.bank_groups, config.bank_groups);
  change(part.banks, config.banks);
  require(config.row.count <= (1u << 24), "row", "at most 16 MiB");
  change(part.row_bytes, static_cast<std::uint32_t>(config.row.count));
  change(part.clock_hertz, config.clock.hertz);
  change(part.command_buses, config.command_buses);
  change_timing(part.timing, config.timing);
  check_part(part, config);
  return part;
}

}  // namespace heddle
