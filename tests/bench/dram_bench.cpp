// Requests per second of host time that the DRAM models take: 64 B lines, one core, one process.
//
// A driver agent acts every kPeriod core cycles and keeps up to `window` requests in flight, so that the memory is
// saturated and the driver's own cost small. "block" hands over 64 lines per call, as a stream engine may.
#include <cstdio>
#include <ctime>
#include <random>
#include <string_view>
#include <vector>

#include "sim/memory/dram.h"

namespace heddle {
namespace {

constexpr std::uint64_t kLines = 2'000'000;
constexpr Cycle kPeriod = 16;

struct Traffic {
  bool random = false;
  std::uint32_t write_share = 0;  // of four requests
  std::uint32_t block = 1;        // lines per call
  std::uint32_t window = 512;     // calls in flight
};

class Driver final : public Agent, public ReplySink {
 public:
  Driver(const Traffic& traffic, const std::vector<LineAddr>& lines)
      : traffic_(traffic), lines_(lines), replies_(traffic.window), done_at_(kBuckets) {
    for (Reply& reply : replies_) {
      reply.sink = this;
      free_.push_back(&reply);
    }
  }
  void connect(Memory& memory) { memory_ = &memory; }

  Cycle step(Cycle now) override {
    auto& back = done_at_[now / kPeriod % kBuckets];
    free_.insert(free_.end(), back.begin(), back.end());
    back.clear();
    for (; !free_.empty() && next_ < lines_.size(); next_ += traffic_.block) {
      Reply& reply = *free_.back();
      free_.pop_back();
      hand_over(lines_[next_], now, reply);
      if (reply.known()) on_reply(reply);
    }
    return done() ? kNever : now + kPeriod;
  }
  bool done() const override { return next_ >= lines_.size() && free_.size() == replies_.size(); }
  std::string waiting_for() const override { return "replies"; }
  void on_reply(Reply& reply) override { done_at_[(reply.at + kPeriod - 1) / kPeriod % kBuckets].push_back(&reply); }

 private:
  static constexpr std::size_t kBuckets = 4096;

  void hand_over(LineAddr line, Cycle now, Reply& reply) {
    if (traffic_.block > 1)
      memory_->read_block(line, traffic_.block, Tensor::a, now, reply);
    else if (next_ % 4 < traffic_.write_share)
      memory_->write(line, Tensor::a, now, reply);
    else
      memory_->read(line, Tensor::a, now, reply);
  }

  Traffic traffic_;
  const std::vector<LineAddr>& lines_;
  std::vector<Reply> replies_;
  std::vector<Reply*> free_;
  std::vector<std::vector<Reply*>> done_at_;  // ring by cycle / kPeriod
  Memory* memory_ = nullptr;
  std::size_t next_ = 0;
};

std::vector<LineAddr> addresses(bool random) {
  std::vector<LineAddr> lines(kLines);
  std::mt19937_64 generator(1);
  for (std::uint64_t i = 0; i < kLines; ++i) lines[i] = random ? generator() % (1u << 24) : i;
  return lines;
}

struct Result {
  double seconds = 1e9;
  double of_peak = 0;
};

Result run_once(const DramConfig& config, const Traffic& traffic, const std::vector<LineAddr>& lines) {
  Kernel kernel;
  const auto dram = make_dram(config, Frequency{1'000'000'000}, kernel);
  Driver driver(traffic, lines);
  driver.connect(*dram);
  kernel.add(driver);
  const std::clock_t begin = std::clock();  // of this process: other work on the host does not count
  const Cycle end = kernel.run();
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  dram->close(end);
  dram->check_laws();
  const DramChannelStats stats = dram->stats();
  return {seconds, static_cast<double>(stats.bytes) / static_cast<double>(stats.peak_bytes)};
}

/// The best of several runs.
void measure(std::string_view filter, const char* name, DramKind kind, const char* preset, const Traffic& traffic) {
  if (std::string_view(name).find(filter) == std::string_view::npos) return;
  DramConfig config;
  config.kind = kind;
  config.banked.preset = preset;
  const std::vector<LineAddr> lines = addresses(traffic.random);
  Result best;
  for (int i = 0; i < 5; ++i) {
    const Result r = run_once(config, traffic, lines);
    if (r.seconds < best.seconds) best = r;
  }
  std::printf("%-36s %8.2f M requests/s   %.3f of peak bandwidth\n", name, kLines / best.seconds / 1e6, best.of_peak);
  std::fflush(stdout);
}

}  // namespace
}  // namespace heddle

/// An argument selects the benchmarks whose name contains it.
int main(int argc, char** argv) {
  using namespace heddle;
  const std::string_view filter = argc > 1 ? argv[1] : "";
  measure(filter, "flat/random", DramKind::flat, "hbm2_1g", {.random = true});
  measure(filter, "flat/sequential", DramKind::flat, "hbm2_1g", {});
  measure(filter, "banked/hbm2_1g/random", DramKind::banked, "hbm2_1g", {.random = true});
  measure(filter, "banked/hbm2_1g/random_writes_1_in_4", DramKind::banked, "hbm2_1g",
          {.random = true, .write_share = 1});
  measure(filter, "banked/hbm2_1g/sequential", DramKind::banked, "hbm2_1g", {});
  measure(filter, "banked/hbm2_1g/sequential_blocks", DramKind::banked, "hbm2_1g", {.block = 64, .window = 16});
  measure(filter, "banked/ddr4_2400/random", DramKind::banked, "ddr4_2400", {.random = true, .window = 64});
  measure(filter, "banked/ddr4_2400/sequential", DramKind::banked, "ddr4_2400", {.window = 64});
}
