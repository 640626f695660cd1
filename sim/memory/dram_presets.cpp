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
// hbm2e: JESD235D at 3.2 Gb/s/pin (clock 1.6 GHz), 16 pseudo-channels of 64 bits, BL4: 409.6 GB/s. JEDEC leaves the
//   core timings to vendors, whose sheets are not public: nanoseconds of hbm2, an assumption; CCD_L 4 clocks (2.5 ns).
// hbm3: JESD238A at 6.4 Gb/s/pin: command clock 1.6 GHz, data at four times that, 16 channels x 2 pseudo-channels of 32
//   bits, BL8 in two clocks: 819.2 GB/s. Core timings as hbm2e, the same assumption; RFC 350 ns is also that of the
//   Ramulator 2 HBM3 model for 8 Gb.
// lpddr4_3200: JESD209-4B, 8 Gb x16, as in DRAMSys's memspec JEDEC_8Gb_LPDDR4-3200_16bit: RL 28 + DQSCK 6, WL 14 + DQSS
//   1 + DQS2DQ 2, RCD 18 ns, RPpb 18 ns, RAS 42 ns, RRD 10 ns, FAW 40 ns, WTR 10 ns, RTP 7.5 ns, WR 18 ns, RFCab 280
//   ns, REFI 3.904 us. 8 banks, no bank groups: the two BL16 bursts of a line lie side by side in one row. A package of
//   4 channels: 25.6 GB/s. Commands of several clocks count as one; RPab (21 ns) is not distinguished from RPpb.
// lpddr5_6400: JESD209-5B, 16 Gb x16, bank-group mode, WCK:CK 4:1 (clock 800 MHz), BL16 in two clocks: timings of the
//   Ramulator 2 LPDDR5_6400 preset (RL 20, WL 11, RCD 18 ns, RPpb 18 ns, RAS 42 ns, RRD 5 ns, FAW 20 ns, WTR 6.25 / 12
//   ns, WR 34 ns, RFCab 280 ns, REFI 3.906 us) but RC = RAS + RP (it has 30 clocks, less than RAS), RTP = BL/n 2 +
//   nRBTP 4, and CCD 2 / 4 of bank-group mode. A package of 4 channels: 51.2 GB/s. ACT-1 and ACT-2 count as one.
// gddr6_14000: JESD250C at 14 Gb/s/pin (CK 1.75 GHz, eight bits per pin and CK), BL16 in two CK; timings in CK of the
//   Ramulator 2 preset GDDR6_2000_1350mV (RCD 26 / 16, RP 26, RAS 53, RRD 7, FAW 28, WR 26, RFC 120 ns, REFI 1.9 us)
//   but CCD 2 / 3 CK: its 4 / 6 are clocks of 3.5 GHz, as in Accel-Sim's RTX 2060. 8 devices of two 16-bit channels:
//   448 GB/s.
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

constexpr std::uint32_t DramTiming::*kDramTimings[] = {
    &DramTiming::burst, &DramTiming::cl,    &DramTiming::cwl,   &DramTiming::rcd_rd, &DramTiming::rcd_wr,
    &DramTiming::rp,    &DramTiming::ras,   &DramTiming::rc,    &DramTiming::rrd_s,  &DramTiming::rrd_l,
    &DramTiming::faw,   &DramTiming::ccd_s, &DramTiming::ccd_l, &DramTiming::wtr_s,  &DramTiming::wtr_l,
    &DramTiming::rtp,   &DramTiming::wr,    &DramTiming::rfc,   &DramTiming::refi};

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
/// The HBM2 part at another clock: every timing keeps its nanoseconds, rounded up to clocks; a burst keeps its clocks.
constexpr DramTiming hbm2_at(std::uint64_t hertz) {
  DramTiming t = kHbm2Timing;
  for (const auto member : kDramTimings)
    t.*member = static_cast<std::uint32_t>((t.*member * hertz + 999'999'999) / 1'000'000'000);
  t.burst = t.ccd_s = kHbm2Timing.burst;
  if (hertz > 1'000'000'000) t.ccd_l = kHbm2Timing.ccd_l;
  return t;
}
static_assert(hbm2_at(1'000'000'000) == kHbm2Timing);

constexpr DramTiming kLpddr4Timing = {.burst = 8,
                                      .cl = 34,
                                      .cwl = 17,
                                      .rcd_rd = 29,
                                      .rcd_wr = 29,
                                      .rp = 29,
                                      .ras = 68,
                                      .rc = 97,
                                      .rrd_s = 16,
                                      .rrd_l = 16,
                                      .faw = 64,
                                      .ccd_s = 8,
                                      .ccd_l = 8,
                                      .wtr_s = 16,
                                      .wtr_l = 16,
                                      .rtp = 12,
                                      .wr = 29,
                                      .rfc = 448,
                                      .refi = 6246};
constexpr DramTiming kLpddr5Timing = {.burst = 2,
                                      .cl = 20,
                                      .cwl = 11,
                                      .rcd_rd = 15,
                                      .rcd_wr = 15,
                                      .rp = 15,
                                      .ras = 34,
                                      .rc = 49,
                                      .rrd_s = 4,
                                      .rrd_l = 4,
                                      .faw = 16,
                                      .ccd_s = 2,
                                      .ccd_l = 4,
                                      .wtr_s = 5,
                                      .wtr_l = 10,
                                      .rtp = 6,
                                      .wr = 28,
                                      .rfc = 224,
                                      .refi = 3124};
constexpr DramTiming kGddr6Timing = {.burst = 2,
                                     .cl = 24,
                                     .cwl = 6,
                                     .rcd_rd = 26,
                                     .rcd_wr = 16,
                                     .rp = 26,
                                     .ras = 53,
                                     .rc = 79,
                                     .rrd_s = 7,
                                     .rrd_l = 7,
                                     .faw = 28,
                                     .ccd_s = 2,
                                     .ccd_l = 3,
                                     .wtr_s = 9,
                                     .wtr_l = 11,
                                     .rtp = 4,
                                     .wr = 26,
                                     .rfc = 210,
                                     .refi = 3333};

constexpr std::array<DramPart, 9> kPresets = {{
    {"ddr4_2400", 1'200'000'000, 1, 4, 4, 8192, 64, 1, kDdr4Timing},
    {"ddr5_4800", 2'400'000'000, 2, 8, 4, 4096, 64, 1, kDdr5Timing},
    {"hbm2", 1'000'000'000, 16, 4, 4, 1024, 32, 2, kHbm2Timing},
    {"hbm2_1g", 500'000'000, 16, 4, 4, 1024, 32, 2, hbm2_at(500'000'000)},
    {"hbm2e", 1'600'000'000, 16, 4, 4, 1024, 32, 2, hbm2_at(1'600'000'000)},
    {"hbm3", 1'600'000'000, 32, 4, 4, 1024, 32, 2, hbm2_at(1'600'000'000)},
    {"lpddr4_3200", 1'600'000'000, 4, 1, 8, 2048, 32, 1, kLpddr4Timing},
    {"lpddr5_6400", 800'000'000, 4, 4, 4, 2048, 32, 1, kLpddr5Timing},
    {"gddr6_14000", 1'750'000'000, 16, 4, 4, 2048, 32, 1, kGddr6Timing},
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
  for (const auto member : kDramTimings) change(t.*member, o.*member);
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
