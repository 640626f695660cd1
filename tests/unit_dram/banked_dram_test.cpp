// Banked DRAM from outside: unloaded latencies, attainable bandwidth, replies of writes and blocks, laws, bad configs.
#include <gtest/gtest.h>

#include <random>

#include "sim/base/errors.h"
#include "tests/unit_dram/dram_driver.h"
#include "tests/unit_dram/part_names.h"

namespace heddle::testing {
namespace {

class Presets : public ::testing::TestWithParam<DramPart> {
 protected:
  BankedDramConfig config() const { return {.preset = std::string(GetParam().name)}; }
  DramTiming t() const { return GetParam().timing; }
};

TEST_P(Presets, UnloadedReadsTakeExactlyTheirCommands) {
  const std::uint32_t bursts = GetParam().bursts_per_line();
  BankedDramConfig c = config();
  c.channels = 1;
  const DramAccess line(DramMap::bank_group_interleaved, GetParam());
  const LineAddr row_stride = LineAddr{GetParam().row_bytes} * GetParam().bank_groups * GetParam().banks / kLineBytes;
  const LineAddr same_bank = row_stride * GetParam().banks;  // the map's turn comes round
  const std::vector<Access> accesses = {{0}, {0}, {same_bank}};
  const Clock data = t().cl + line.column_span() + t().burst;
  const Clock columns_wait = line.row_span() > line.column_span() ? line.row_span() - line.column_span() : 0;
  const Clock from_activate = t().rcd_rd + columns_wait + data;
  Kernel kernel;
  BankedDram dram(c, Frequency{GetParam().clock_hertz}, kernel);
  struct Sparse final : Agent, ReplySink {  // one read every 400 clocks, before the first refresh
    BankedDram* dram = nullptr;
    const std::vector<Access>* accesses = nullptr;
    std::vector<Reply> replies = std::vector<Reply>(3);
    std::size_t next = 0;
    Cycle step(Cycle now) override {
      replies[next].sink = this;
      dram->read((*accesses)[next].line, Tensor::a, now, replies[next]);
      return ++next < accesses->size() ? now + 400 : kNever;
    }
    bool done() const override { return next == accesses->size(); }
    std::string waiting_for() const override { return "its schedule"; }
    void on_reply(Reply&) override {}
  } driver;
  driver.dram = &dram, driver.accesses = &accesses;
  kernel.add(driver);
  kernel.run();
  const auto latency = [&](std::size_t i) { return driver.replies[i].at - driver.replies[i].granted - 1; };
  EXPECT_EQ(latency(0), from_activate) << "row closed";
  EXPECT_EQ(latency(1), data) << "row open";
  EXPECT_EQ(latency(2), t().rp + from_activate) << "other row open";
  EXPECT_EQ(driver.replies[2].dram_start, driver.replies[2].granted + 1);
  EXPECT_EQ(dram.stats().row_hits, bursts);
  EXPECT_EQ(dram.stats().row_misses, bursts);
  EXPECT_EQ(dram.stats().row_conflicts, bursts);
}

TEST_P(Presets, SequentialReadsReachNominalLessRefresh) {
  const Measured m = run_port(config(), sequential(400'000), {.at_once = 32});
  const double less_refresh = 1 - static_cast<double>(t().rfc) / t().refi;
  std::printf("%s sequential read %.4f of nominal less refresh\n", GetParam().name.data(), m.of_peak / less_refresh);
  EXPECT_GE(m.of_peak / less_refresh, 0.97);
  EXPECT_LE(m.of_peak, 1.0);
}

TEST_P(Presets, MixedAndStridedTrafficStaysBelowPeak) {
  std::mt19937_64 generator(3);
  for (const std::uint64_t stride : {1u, 2u, 3u, 16u, 64u, 1024u}) {
    for (const bool mixed : {false, true}) {
      std::vector<Access> accesses(20'000);
      for (std::size_t i = 0; i < accesses.size(); ++i) accesses[i] = {i * stride, mixed && generator() % 2 == 0};
      const Measured m = run_port(config(), accesses, {.at_once = 32});
      EXPECT_LE(m.of_peak, 1.0);
      EXPECT_GT(m.of_peak, 0.0);
      if (stride == 1 && mixed) {
        EXPECT_GE(m.of_peak, 0.6) << GetParam().name << " sequential, one write per read";
      }
      std::printf("%s stride %llu%s: %.3f of peak\n", GetParam().name.data(), (unsigned long long)stride,
                  mixed ? ", 1:1 read/write" : "", m.of_peak);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Presets, ::testing::ValuesIn(dram_presets().begin(), dram_presets().end()),
                         [](const auto& p) { return std::string(p.param.name); });

TEST(BankedDram, DescribesItselfBySecondClockExactly) {
  const DramClock clock(1'000'000'000, 1'200'000'000);  // edge d at d * 5/6
  EXPECT_EQ(clock.cycle_of(6), 5u);
  EXPECT_EQ(clock.cycle_of(7), 6u);
  EXPECT_EQ(clock.edge_by(5), 6u);
  EXPECT_EQ(clock.edge_after(5), 7u);
  const DramClock odd(1'000'000'007, 933'333'333);
  for (Cycle c = 0; c < 100'000'000'000; c += 9'999'999'937) {
    const auto exact = static_cast<Clock>(static_cast<unsigned __int128>(c) * 933'333'333 / 1'000'000'007);
    EXPECT_EQ(odd.edge_by(c), exact);
    EXPECT_LE(odd.cycle_of(exact), c);
    EXPECT_GT(odd.cycle_of(exact + 1), c);
  }
}

TEST(BankedDram, WriteIsAnsweredAtOnceWhileThereIsRoom) {
  Kernel kernel;
  BankedDram dram({.preset = "ddr4_2400"}, Frequency{1'200'000'000}, kernel);
  Reply reply;
  dram.write(3, Tensor::c, 10, reply);
  EXPECT_EQ(reply.granted, 10u);
  EXPECT_EQ(reply.at, 12u);  // seen by edge 11, its slot is free from the cycle after
  EXPECT_EQ(reply.dram_done, 12u);
  EXPECT_FALSE(dram.done());
  kernel.run();
  EXPECT_TRUE(dram.done());
  EXPECT_EQ(dram.last_write_done(), 11u + 16 + 12 + 4);  // ACT, WR, data
  dram.close(1000);
  dram.check_laws();
  EXPECT_EQ(dram.traffic().written[static_cast<std::size_t>(Tensor::c)], 64u);
}

TEST(BankedDram, RefusesImpossibleConfigsByKey) {
  const auto message = [](const BankedDramConfig& c) {
    Kernel kernel;
    try {
      BankedDram dram(c, Frequency{1'000'000'000}, kernel);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(message({.preset = "hbm2_1gg"}).find("did you mean \"hbm2_1g\""), std::string::npos);
  EXPECT_NE(message({.channels = 3}).find("dram.banked.channels"), std::string::npos);
  EXPECT_NE(message({.bank_groups = 3}).find("dram.banked.bank_groups"), std::string::npos);
  EXPECT_NE(message({.read_queue = 1}).find("dram.banked.read_queue"), std::string::npos);
  EXPECT_NE(message({.timing = {.rrd_s = 64}}).find("dram.banked.timing"), std::string::npos);
  EXPECT_NE(message({.row = Bytes{100}}).find("dram.banked.row"), std::string::npos);
  EXPECT_NE(message({.write_queue = 16}).find("dram.banked.write_high"), std::string::npos);
  EXPECT_NE(message({.write_low = 24}).find("dram.banked.write_low"), std::string::npos);
  EXPECT_NE(message({.timing = {.refi = 100}}).find("dram.banked.timing.refi"), std::string::npos);
  EXPECT_EQ(message({}), "accepted");
}

}  // namespace
}  // namespace heddle::testing
