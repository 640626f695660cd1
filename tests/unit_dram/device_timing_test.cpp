// Every timing constraint is tight: the second command of a pair is illegal one clock before and legal at its gap.
#include <gtest/gtest.h>

#include <functional>

#include "sim/memory/banked_dram_device.h"

namespace heddle {
namespace {

constexpr Clock kStart = 1000;
constexpr auto kRead = DramDirection::read;
constexpr auto kWrite = DramDirection::write;

using Act = std::function<void(DramDevice&)>;
using Probe = std::function<Clock(const DramDevice&)>;

/// Banks 0 and 1 share a group, bank `banks` is in the next one.
class DeviceTiming : public ::testing::TestWithParam<DramPart> {
 protected:
  DramTiming t() const { return GetParam().timing; }
  std::uint32_t other_group() const { return GetParam().banks; }

  static bool legal(const Probe& earliest, const DramDevice& device, Clock now) { return now >= earliest(device); }

  void tight(const char* name, const Act& first, const Probe& earliest, Clock gap) {
    DramDevice device(GetParam(), 1);
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
  DramPart part = GetParam();
  part.timing.ccd_s = part.timing.ccd_l = 1;
  DramDevice device(part, 1);
  column(kRead, 0)(device);
  EXPECT_EQ(device.earliest_column(kRead, other_group()), kStart + part.timing.burst);
  EXPECT_EQ(device.earliest_column(kRead, 1), kStart + part.timing.burst);
}

INSTANTIATE_TEST_SUITE_P(Presets, DeviceTiming, ::testing::ValuesIn(dram_presets().begin(), dram_presets().end()),
                         [](const auto& p) { return std::string(p.param.name); });

}  // namespace
}  // namespace heddle
