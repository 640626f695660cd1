// Every timing constraint is tight: the second command of a pair is illegal one clock before and legal at its gap. The
// second half takes whole lines, whose commands go to several banks or bursts: the gaps of the first commands are those
// found by putting every single command of both lines on a time line.
#include <gtest/gtest.h>

#include <functional>

#include "sim/memory/banked_dram_device.h"
#include "tests/unit_dram/part_names.h"

namespace heddle {
namespace {

constexpr Clock kStart = 1000;
constexpr auto kRead = DramDirection::read;
constexpr auto kWrite = DramDirection::write;

using Act = std::function<void(DramDevice&)>;
using Probe = std::function<Clock(const DramDevice&)>;

/// A part without bank groups is tested with four: its timings are the same within and across them.
DramPart with_groups(DramPart part) {
  part.bank_groups = std::max(part.bank_groups, 4u);
  return part;
}

/// Banks 0 and 1 share a group, bank `banks` is in the next one.
class DeviceTiming : public ::testing::TestWithParam<DramPart> {
 protected:
  DramTiming t() const { return GetParam().timing; }
  std::uint32_t other_group() const { return GetParam().banks; }

  static bool legal(const Probe& earliest, const DramDevice& device, Clock now) { return now >= earliest(device); }

  void tight(const char* name, const Act& first, const Probe& earliest, Clock gap) {
    DramDevice device(with_groups(GetParam()), DramAccess(), 1);
    first(device);
    EXPECT_FALSE(legal(earliest, device, kStart + gap - 1)) << name << " of " << GetParam().name;
    EXPECT_TRUE(legal(earliest, device, kStart + gap)) << name << " of " << GetParam().name;
  }
};

Act act(std::uint32_t bank) {
  return [=](DramDevice& d) { d.activate(bank, 5, kStart); };
}
/// The rows were opened long before, so that only the column command counts.
Act column(DramDirection direction, std::uint32_t bank) {
  return [=](DramDevice& d) {
    d.activate(bank, 5, 0);
    d.column(direction, bank, kStart);
  };
}
Probe to_act(std::uint32_t bank) {
  return [=](const DramDevice& d) { return d.earliest_activate(bank); };
}
Probe to_pre(std::uint32_t bank) {
  return [=](const DramDevice& d) { return d.earliest_precharge(bank); };
}
Probe to_column(DramDirection direction, std::uint32_t bank) {
  return [=](const DramDevice& d) { return d.earliest_column(direction, bank); };
}

TEST_P(DeviceTiming, Activate) {
  tight("rcd_rd", act(0), to_column(kRead, 0), t().rcd_rd);
  tight("rcd_wr", act(0), to_column(kWrite, 0), t().rcd_wr);
  tight("ras", act(0), to_pre(0), t().ras);
  tight("rc", act(0), to_act(0), t().rc);
  tight("rrd_l", act(0), to_act(1), t().rrd_l);
  tight("rrd_s", act(0), to_act(other_group()), t().rrd_s);
}

TEST_P(DeviceTiming, FourActivateWindow) {
  const std::uint32_t n = other_group();
  const auto four = [n](DramDevice& d) {
    d.activate(0, 5, kStart);
    for (const std::uint32_t bank : {n, 2 * n, 3 * n}) d.activate(bank, 5, d.earliest_activate(bank));
  };
  tight("faw", four, to_act(1), std::max(t().faw, std::max(3 * t().rrd_s + t().rrd_s, t().rrd_l)));
}

TEST_P(DeviceTiming, Precharge) {
  const auto pre = [](DramDevice& d) {
    d.activate(0, 5, 0);
    d.precharge(0, kStart);
  };
  tight("rp", pre, to_act(0), t().rp);
  tight(
      "rp to refresh", pre, [](const DramDevice& d) { return d.earliest_refresh_step(0); }, t().rp);
}

TEST_P(DeviceTiming, Read) {
  const std::uint32_t far = other_group();
  tight("rtp", column(kRead, 0), to_pre(0), t().rtp);
  tight("ccd_l", column(kRead, 0), to_column(kRead, 1), t().ccd_l);
  tight("ccd_s", column(kRead, 0), to_column(kRead, far), t().ccd_s);
  tight("turnaround", column(kRead, 0), to_column(kWrite, far), t().cl + t().burst + 2 - t().cwl);
}

TEST_P(DeviceTiming, Write) {
  const std::uint32_t far = other_group();
  const Clock data = t().cwl + t().burst;
  tight("wr", column(kWrite, 0), to_pre(0), data + t().wr);
  tight("ccd_l", column(kWrite, 0), to_column(kWrite, 1), t().ccd_l);
  tight("ccd_s", column(kWrite, 0), to_column(kWrite, far), t().ccd_s);
  tight("wtr_l", column(kWrite, 0), to_column(kRead, 1), data + t().wtr_l);
  tight("wtr_s", column(kWrite, 0), to_column(kRead, far), data + t().wtr_s);
}

TEST_P(DeviceTiming, Refresh) {
  const auto refresh = [](DramDevice& d) { d.refresh(0, kStart); };
  tight("rfc", refresh, to_act(3), t().rfc);
  tight(
      "rfc to refresh", refresh, [](const DramDevice& d) { return d.earliest_refresh_step(0); }, t().rfc);
  const auto open = [](DramDevice& d) {
    d.activate(0, 5, kStart);
    d.activate(1, 5, 0);
  };
  tight(
      "precharge all", open, [](const DramDevice& d) { return d.earliest_refresh_step(0); }, t().ras);
}

TEST_P(DeviceTiming, DataBusCarriesOneBurstAtATime) {
  DramPart part = with_groups(GetParam());
  part.timing.ccd_s = part.timing.ccd_l = 1;
  DramDevice device(part, DramAccess(), 1);
  column(kRead, 0)(device);
  EXPECT_EQ(device.earliest_column(kRead, other_group()), kStart + part.timing.burst);
  EXPECT_EQ(device.earliest_column(kRead, 1), kStart + part.timing.burst);
}

// ---- lines of several bursts

/// The least gap between the first command of one line's commands (distances `before`) and that of another's (`after`)
/// so that command j of the second comes at least least(i, j) after command i of the first.
template <class Least>
Clock gap_of_lines(Clock before_step, std::uint32_t before, Clock after_step, std::uint32_t after, Least least) {
  std::int64_t gap = 0;
  for (std::uint32_t i = 0; i < before; ++i)
    for (std::uint32_t j = 0; j < after; ++j)
      if (const auto between = static_cast<std::int64_t>(least(i, j)); between != 0)
        gap = std::max(
            gap, static_cast<std::int64_t>(i * before_step) + between - static_cast<std::int64_t>(j * after_step));
  return static_cast<Clock>(gap);
}

TEST_P(DeviceTiming, LinesOfSeveralBursts) {
  for (const std::uint32_t groups : {GetParam().bank_groups, 1u}) {
    DramPart part = GetParam();
    part.bank_groups = groups;
    const DramAccess line(DramMap::bank_group_interleaved, part);
    const DramSetTiming s(part, line);
    const DramTiming& p = part.timing;
    const std::uint32_t k = line.bursts, n = line.across;
    const Clock r = line.row_step, c = line.column_step;
    const auto same_bank = [&](Clock g) {
      return [=](std::uint32_t i, std::uint32_t j) { return i == j || n == 1 ? g : 0; };
    };
    const auto bank_of = [&](std::uint32_t burst) { return n == 1 ? 0 : burst; };
    EXPECT_EQ(s.ras, gap_of_lines(r, n, r, n, same_bank(p.ras)));
    EXPECT_EQ(s.to_column[0], gap_of_lines(r, n, c, k, same_bank(p.rcd_rd)));
    EXPECT_EQ(s.to_column[1], gap_of_lines(r, n, c, k, same_bank(p.rcd_wr)));
    EXPECT_EQ(s.to_precharge[0], gap_of_lines(c, k, r, n, same_bank(p.rtp)));
    EXPECT_EQ(s.to_precharge[1], gap_of_lines(c, k, r, n, same_bank(p.cwl + p.burst + p.wr)));
    EXPECT_EQ(s.rrd_short, gap_of_lines(r, n, r, n, [&](auto, auto) { return p.rrd_s; }));
    EXPECT_EQ(s.rrd_long,
              gap_of_lines(r, n, r, n, [&](auto i, auto j) { return i == j ? std::max(p.rrd_l, p.rrd_s) : p.rrd_s; }));
    const Clock burst_short = std::max(p.ccd_s, p.burst), burst_long = std::max({p.ccd_l, p.ccd_s, p.burst});
    EXPECT_EQ(s.same_short[0], gap_of_lines(c, k, c, k, [&](auto, auto) { return burst_short; }));
    EXPECT_EQ(s.same_long[1], gap_of_lines(c, k, c, k, [&](auto i, auto j) {
                return bank_of(i) == bank_of(j) ? burst_long : burst_short;
              }));
    const Clock data = p.cwl + p.burst;
    EXPECT_EQ(s.other_short[0], gap_of_lines(c, k, c, k, [&](auto, auto) { return p.cl + p.burst + 2 - p.cwl; }));
    EXPECT_EQ(s.other_short[1], gap_of_lines(c, k, c, k, [&](auto, auto) { return data + p.wtr_s; }));
    EXPECT_EQ(s.other_long[1], gap_of_lines(c, k, c, k, [&](auto i, auto j) {
                return data + (bank_of(i) == bank_of(j) ? std::max(p.wtr_l, p.wtr_s) : p.wtr_s);
              }));
    EXPECT_EQ(s.activate_settled, gap_of_lines(r, n, 0, 1, [&](auto, auto) { return p.ras; }));
    EXPECT_EQ(s.cycle_settled, gap_of_lines(r, n, 0, 1, [&](auto, auto) { return p.rc; }));
    EXPECT_EQ(s.precharge_settled, gap_of_lines(r, n, 0, 1, [&](auto, auto) { return p.rp; }));
    EXPECT_EQ(s.column_settled[0], gap_of_lines(c, k, 0, 1, [&](auto, auto) { return p.rtp; }));
    EXPECT_EQ(s.column_settled[1], gap_of_lines(c, k, 0, 1, [&](auto, auto) { return data + p.wr; }));
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, DeviceTiming, ::testing::ValuesIn(dram_presets().begin(), dram_presets().end()),
                         [](const auto& p) { return std::string(p.param.name); });

}  // namespace
}  // namespace heddle
