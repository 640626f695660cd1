// Drivers for DRAM tests: one that keeps a bounded port full as cycle-driven simulators do, and one for single
// requests.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <vector>

#include "sim/memory/banked_dram.h"

namespace heddle::testing {

/// How a stream of lines is handed over.
struct Injection {
  std::uint32_t every = 1;    ///< clocks between attempts
  std::uint32_t at_once = 1;  ///< most lines per attempt
  std::uint32_t in_flight =
      0;                     ///< most lines outstanding, a new one the clock after data; 0: limited by the queue only
  std::uint32_t queue = 32;  ///< bursts a queue may hold; a line is handed over when all its bursts have a place
};

struct Measured {
  double gigabytes_per_second = 0;
  double mean = 0;
  Cycle p50 = 0, p99 = 0, min = 0, max = 0;
  double of_peak = 0;
  DramChannelStats stats;
};

/// One line of traffic.
struct Access {
  LineAddr line = 0;
  bool write = false;
};

/// Runs `accesses` in order on a core clocked like the part: a cycle is a clock. Requests offered for clock d are
/// handed over in cycle d - 1, since they are seen by the following edge; latencies count from d.
class PortDriver final : public Agent, public ReplySink {
 public:
  PortDriver(BankedDram& dram, const std::vector<Access>& accesses, const Injection& injection)
      : dram_(dram), accesses_(accesses), injection_(injection), replies_(accesses.size()) {}

  Cycle step(Cycle now) override {
    const auto returned = [now](Cycle at) { return at <= now; };
    std::erase_if(flying_, returned);
    const std::uint32_t parts = dram_.part().bursts_per_line();
    for (std::uint32_t n = 0; n < injection_.at_once && next_ < accesses_.size() && now % injection_.every == 0; ++n) {
      if (injection_.in_flight != 0 && next_ - answered_ + flying_.size() >= injection_.in_flight) break;
      const Access& access = accesses_[next_];
      if (injection_.in_flight == 0 && !fits(access, parts, now)) break;
      Reply& reply = replies_[next_++];
      reply.sink = this;
      if (access.write)
        dram_.write(access.line, Tensor::c, now, reply);
      else
        dram_.read(access.line, Tensor::a, now, reply);
      if (reply.known()) on_reply(reply);
    }
    return done() ? kNever : now + 1;
  }
  bool done() const override { return next_ == accesses_.size(); }
  std::string waiting_for() const override { return "a free place"; }
  void on_reply(Reply& reply) override {
    ++answered_;
    if (injection_.in_flight != 0) flying_.push_back(reply.at);
  }

  Measured measure(Cycle end) const {
    Measured m;
    std::vector<Cycle> latencies;
    Cycle last = 0;
    for (std::size_t i = 0; i < accesses_.size(); ++i) {
      last = std::max(last, replies_[i].at);
      if (!accesses_[i].write) latencies.push_back(replies_[i].at - replies_[i].granted - 1);
    }
    last = std::max(last, dram_.last_write_done());
    const double seconds = static_cast<double>(last) / static_cast<double>(dram_.part().clock_hertz);
    m.gigabytes_per_second = static_cast<double>(accesses_.size() * kLineBytes) / seconds / 1e9;
    m.of_peak =
        static_cast<double>(accesses_.size() * kLineBytes) / (static_cast<double>(last) * dram_.peak_bytes_per_cycle());
    std::ranges::sort(latencies);
    for (const Cycle l : latencies) m.mean += static_cast<double>(l) / static_cast<double>(latencies.size());
    if (!latencies.empty()) {
      m.min = latencies.front(), m.max = latencies.back();
      m.p50 = latencies[latencies.size() / 2], m.p99 = latencies[latencies.size() * 99 / 100];
    }
    dram_.close(end);
    dram_.check_laws();
    m.stats = dram_.stats();
    return m;
  }

 private:
  bool fits(const Access& access, std::uint32_t parts, Cycle now) {
    for (std::uint32_t b = 0; b < parts; ++b)
      if (dram_.waiting(access.line, b, now) + parts > injection_.queue) return false;
    return true;
  }

  BankedDram& dram_;
  const std::vector<Access>& accesses_;
  Injection injection_;
  std::deque<Reply> replies_;
  std::vector<Cycle> flying_;
  std::size_t next_ = 0, answered_ = 0;
};

inline Measured run_port(const BankedDramConfig& config, const std::vector<Access>& accesses,
                         const Injection& injection) {
  Kernel kernel;
  BankedDram dram(config, Frequency{resolve_part(config).clock_hertz}, kernel);
  PortDriver driver(dram, accesses, injection);
  kernel.add(driver);
  const Cycle end = kernel.run();
  return driver.measure(end + 1);
}

inline std::vector<Access> sequential(std::size_t count) {
  std::vector<Access> lines(count);
  for (std::size_t i = 0; i < count; ++i) lines[i].line = i;
  return lines;
}

}  // namespace heddle::testing
