// The banked DRAM against its per-clock twin on random machines and traffic, and planted mutants that must be noticed.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <random>

#include "sim/memory/banked_dram.h"
#include "tests/twin/dram_twin.h"

namespace heddle::twin {
namespace {

struct Case {
  BankedDramConfig config;
  std::uint64_t core_hertz = 0;
  bool driver_first = false;
  std::vector<DramRequest> requests;
};

struct Outcome {
  std::vector<DramAnswer> answers;
  std::vector<DramChannelStats> stats;
  Cycle last_write_done = 0;
  Cycle total = 0;
};

using Random = std::mt19937;

std::uint32_t pick(Random& random, std::uint32_t low, std::uint32_t high) {
  return low + static_cast<std::uint32_t>(random() % (high - low + 1));
}

DramTiming random_timing(Random& r) {
  DramTiming t;
  t.burst = pick(r, 1, 3), t.cl = pick(r, 2, 6), t.cwl = pick(r, 1, 4);
  t.rcd_rd = pick(r, 1, 6), t.rcd_wr = pick(r, 1, 6), t.rp = pick(r, 1, 5);
  t.ras = pick(r, 2, 9), t.rc = pick(r, 4, 15);
  t.rrd_s = pick(r, 1, 3), t.rrd_l = t.rrd_s + pick(r, 0, 3), t.faw = pick(r, 4, 18);
  t.ccd_s = pick(r, 1, 4), t.ccd_l = t.ccd_s + pick(r, 0, 3);
  t.wtr_s = pick(r, 1, 3), t.wtr_l = t.wtr_s + pick(r, 0, 4);
  t.rtp = pick(r, 1, 6), t.wr = pick(r, 1, 6), t.rfc = pick(r, 5, 14), t.refi = pick(r, 50, 70);
  return t;
}

Case random_case(std::uint32_t seed) {
  Random r(seed);
  Case c;
  c.config.preset = pick(r, 0, 1) == 0 ? "ddr4_2400" : "hbm2";
  c.config.map = static_cast<DramMap>(pick(r, 0, 2));
  c.config.channels = 1u << pick(r, 0, 2);
  c.config.channels_per_queue = c.config.channels == 1 ? 1 : pick(r, 1, 2);
  c.config.bank_groups = 1u << pick(r, 0, 2);
  c.config.banks = 1u << pick(r, 0, 1);
  c.config.row = Bytes{256u << pick(r, 0, 1)};
  c.config.command_buses = pick(r, 1, 2);
  c.config.read_queue = pick(r, 2, 9);
  c.config.write_queue = pick(r, 2, 9);
  c.config.write_high = pick(r, 1, c.config.write_queue);
  c.config.write_low = pick(r, 0, c.config.write_high - 1);
  c.config.row_hit_cap = pick(r, 1, 6);
  c.config.refresh = pick(r, 0, 7) != 0;
  c.config.timing = random_timing(r);
  constexpr std::uint64_t kClocks[] = {1'000'000'000, 2'000'000'000, 1'200'000'000, 700'000'000, 1'000'000'007};
  c.core_hertz = kClocks[pick(r, 0, 4)];
  c.driver_first = pick(r, 0, 1) == 0;
  const std::uint32_t lines = 4u << pick(r, 0, 6);
  const std::uint32_t write_share = pick(r, 0, 4);
  const std::uint32_t gap = pick(r, 0, 12);
  Cycle cycle = 0;
  for (std::uint32_t i = 0, n = pick(r, 20, 120); i < n; ++i) {
    cycle += pick(r, 0, 39) == 0 ? pick(r, 50, 900) : pick(r, 0, gap);
    const std::uint64_t count = pick(r, 0, 9) == 0 ? pick(r, 2, 30) : 1;
    c.requests.push_back(
        {cycle, pick(r, 0, lines - 1), count, static_cast<Tensor>(pick(r, 0, 4)), pick(r, 0, 3) < write_share});
  }
  return c;
}

/// Mostly reads of one line after the other, as fast as the memory takes them, on queues of up to 24 bursts.
Case stream_case(std::uint32_t seed) {
  Case c = random_case(seed);
  Random r(seed + 1'000'000);
  c.config.read_queue = pick(r, 2, 24);
  c.config.row = Bytes{256u << pick(r, 1, 3)};
  c.config.timing.refi = pick(r, 100, 400);
  const std::uint32_t block = pick(r, 0, 1) == 0 ? 1 : pick(r, 2, 24);
  const std::uint32_t gap = pick(r, 0, 5) * block;
  const std::uint32_t disturbance = pick(r, 10, 100);
  c.requests.clear();
  std::uint64_t line = 0;
  Cycle cycle = 0;
  for (std::uint32_t i = 0, n = pick(r, 100, 600) / block + 5; i < n; ++i) {
    const bool disturbed = pick(r, 0, disturbance) == 0;
    if (disturbed && pick(r, 0, 1) == 0) line = pick(r, 0, 2000);
    if (pick(r, 0, 7) == 0) cycle += pick(r, 0, 12 * gap);
    c.requests.push_back({cycle, line, block, static_cast<Tensor>(pick(r, 0, 4)), disturbed && pick(r, 0, 1) == 0});
    line += block;
  }
  return c;
}

/// Hands the requests over at their cycles; checks that answers come in time.
class Driver final : public Agent, public ReplySink {
 public:
  Driver(const std::vector<DramRequest>& requests, Kernel& kernel) : requests_(requests), kernel_(kernel) {
    replies_.resize(requests.size());
  }
  void connect(Memory& memory) { memory_ = &memory; }

  Cycle step(Cycle now) override {
    for (; next_ < requests_.size() && requests_[next_].cycle == now; ++next_) {
      const DramRequest& r = requests_[next_];
      Reply& reply = replies_[next_];
      reply.sink = this;
      reply.tag = static_cast<std::uint32_t>(next_);
      if (r.write && r.count == 1)
        memory_->write(r.line, r.tensor, now, reply);
      else if (r.write)
        memory_->write_block(r.line, r.count, r.tensor, now, reply);
      else if (r.count == 1)
        memory_->read(r.line, r.tensor, now, reply);
      else
        memory_->read_block(r.line, r.count, r.tensor, now, reply);
      if (reply.known()) check(reply);
    }
    return next_ < requests_.size() ? requests_[next_].cycle : kNever;
  }
  bool done() const override { return next_ == requests_.size(); }
  std::string waiting_for() const override { return "its schedule"; }
  void on_reply(Reply& reply) override { check(reply); }

  std::vector<DramAnswer> answers() const {
    std::vector<DramAnswer> all;
    for (const Reply& r : replies_) all.push_back({r.granted, r.dram_start, r.dram_done, r.at, r.queue_cause});
    return all;
  }
  bool in_time() const { return in_time_ && answered_ == requests_.size(); }

 private:
  void check(const Reply& reply) {
    ++answered_;
    if (reply.at <= kernel_.now()) in_time_ = false;
  }

  const std::vector<DramRequest>& requests_;
  Kernel& kernel_;
  Memory* memory_ = nullptr;
  std::deque<Reply> replies_;
  std::size_t next_ = 0, answered_ = 0;
  bool in_time_ = true;
};

Outcome run_model(const Case& c) {
  DramConfig config;
  config.banked = c.config;
  Kernel kernel;
  Driver driver(c.requests, kernel);
  if (c.driver_first) kernel.add(driver);
  const auto dram = make_dram(config, Frequency{c.core_hertz}, kernel);
  driver.connect(*dram);
  if (!c.driver_first) kernel.add(driver);
  kernel.run();
  EXPECT_TRUE(driver.in_time());
  EXPECT_TRUE(dram->done());
  Outcome out;
  out.total = kernel.now() + 37;
  dram->close(out.total);
  dram->check_laws();
  out.answers = driver.answers();
  for (std::uint32_t ch = 0; ch < dram->channels(); ++ch) out.stats.push_back(dram->channel_stats(ch));
  out.last_write_done = dram->last_write_done();
  return out;
}

bool agrees(const Outcome& model, TwinDram& twin) {
  return model.answers == twin.answers && model.stats == twin.stats && model.last_write_done == twin.last_write_done;
}

void expect_same(const Case& c, const Outcome& model, const TwinDram& twin, std::uint32_t seed) {
  for (std::size_t i = 0; i < c.requests.size(); ++i) {
    const DramAnswer &m = model.answers[i], &t = twin.answers[i];
    ASSERT_EQ(m, t) << "case " << seed << ", request " << i << ": model starts " << m.dram_start << ", done " << m.at
                    << ", twin " << t.dram_start << ", " << t.at;
  }
  for (std::size_t ch = 0; ch < model.stats.size(); ++ch)
    ASSERT_EQ(model.stats[ch], twin.stats[ch]) << "case " << seed << ", channel " << ch;
  ASSERT_EQ(model.last_write_done, twin.last_write_done) << "case " << seed;
}

TEST(DramTwin, SameMilestonesAndCountersOnStreams) {
  DramChannelStats all;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    const Case c = stream_case(seed);
    const Outcome model = run_model(c);
    TwinDram twin(c.config, c.core_hertz);
    twin.run(c.requests, model.total);
    expect_same(c, model, twin, seed);
    if (HasFatalFailure()) return;
    for (const DramChannelStats& stats : model.stats) all += stats;
  }
  EXPECT_GT(all.row_hits, 2 * (all.row_misses + all.row_conflicts));
  EXPECT_GT(all.queue_full, all.reads / 2);
}

TEST(DramTwin, SameMilestonesAndCountersOnRandomCases) {
  std::uint32_t refreshed = 0, drained = 0, conflicted = 0, full = 0, caused = 0, blocks = 0;
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    const Case c = random_case(seed);
    const Outcome model = run_model(c);
    TwinDram twin(c.config, c.core_hertz);
    twin.run(c.requests, model.total);
    expect_same(c, model, twin, seed);
    if (HasFatalFailure()) return;
    DramChannelStats all;
    for (const DramChannelStats& stats : model.stats) all += stats;
    refreshed += all.refreshes > 0 && all.refresh_clocks > 0;
    drained += all.write_drains > 0 && all.reads > 0;
    conflicted += all.row_conflicts > 0;
    full += all.queue_full > 0;
    const auto by_refresh = [](const DramAnswer& a) { return a.cause == Cause::refresh; };
    caused += std::ranges::any_of(model.answers, by_refresh);
    blocks += std::ranges::any_of(c.requests, [](const DramRequest& r) { return r.count > 1; });
  }
  std::printf("cases with refresh %u, write drain %u, row conflict %u, full queue %u, wait for refresh %u, block %u\n",
              refreshed, drained, conflicted, full, caused, blocks);
  EXPECT_GE(refreshed, 30u);
  EXPECT_GE(drained, 30u);
  EXPECT_GE(conflicted, 30u);
  EXPECT_GE(full, 30u);
  EXPECT_GE(caused, 30u);
  EXPECT_GE(blocks, 30u);
}

struct Mutant {
  std::string name;
  std::function<void(BankedDramConfig&)> change;
  bool youngest_first = false;
};

std::vector<Mutant> mutants() {
  struct Named {
    const char* name;
    std::uint32_t DramTiming::*member;
  };
  constexpr Named kTimings[] = {
      {"burst", &DramTiming::burst},   {"cl", &DramTiming::cl},         {"cwl", &DramTiming::cwl},
      {"rcd_rd", &DramTiming::rcd_rd}, {"rcd_wr", &DramTiming::rcd_wr}, {"rp", &DramTiming::rp},
      {"ras", &DramTiming::ras},       {"rc", &DramTiming::rc},         {"rrd_s", &DramTiming::rrd_s},
      {"rrd_l", &DramTiming::rrd_l},   {"faw", &DramTiming::faw},       {"ccd_s", &DramTiming::ccd_s},
      {"ccd_l", &DramTiming::ccd_l},   {"wtr_s", &DramTiming::wtr_s},   {"wtr_l", &DramTiming::wtr_l},
      {"rtp", &DramTiming::rtp},       {"wr", &DramTiming::wr},         {"rfc", &DramTiming::rfc},
      {"refi", &DramTiming::refi}};
  std::vector<Mutant> all;
  for (const Named& t : kTimings) {
    all.push_back({std::string(t.name) + "+1", [m = t.member](BankedDramConfig& c) { ++(c.timing.*m); }});
    all.push_back({std::string(t.name) + "-1", [m = t.member](BankedDramConfig& c) {
                     if (c.timing.*m > 1) --(c.timing.*m);
                   }});
  }
  all.push_back({"read_queue+1", [](BankedDramConfig& c) { ++c.read_queue; }});
  all.push_back({"write_queue+1", [](BankedDramConfig& c) { ++c.write_queue; }});
  all.push_back(
      {"write_high+1", [](BankedDramConfig& c) { ++c.write_high, c.write_queue += c.write_high > c.write_queue; }});
  all.push_back({"write_low-1", [](BankedDramConfig& c) { c.write_low -= c.write_low > 0; }});
  all.push_back({"row_hit_cap+1", [](BankedDramConfig& c) { ++c.row_hit_cap; }});
  all.push_back({"buses", [](BankedDramConfig& c) { c.command_buses = 3 - c.command_buses; }});
  all.push_back({"no refresh", [](BankedDramConfig& c) { c.refresh = false; }});
  all.push_back({"youngest hit first", [](BankedDramConfig&) {}, true});
  return all;
}

TEST(DramTwin, EveryPlantedMutantIsCaught) {
  constexpr std::uint32_t kCases = 200;
  std::vector<Outcome> outcomes;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) outcomes.push_back(run_model(random_case(seed)));
  std::size_t caught = 0;
  const std::vector<Mutant> all = mutants();
  for (const Mutant& mutant : all) {
    bool noticed = false;
    for (std::uint32_t seed = 0; seed < kCases && !noticed; ++seed) {
      Case c = random_case(seed);
      mutant.change(c.config);
      TwinDram twin(c.config, c.core_hertz, mutant.youngest_first);
      twin.run(c.requests, outcomes[seed].total);
      noticed = !agrees(outcomes[seed], twin);
    }
    EXPECT_TRUE(noticed) << mutant.name;
    caught += noticed;
  }
  std::printf("%zu of %zu mutants caught\n", caught, all.size());
  EXPECT_GE(all.size(), 25u);
}

}  // namespace
}  // namespace heddle::twin
