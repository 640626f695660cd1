// Flat DRAM, line by line (rules 5 and 6), in exact fractions of a cycle: time is counted in ticks of
// 1 / (bandwidth) cycles, in which an interval is a whole number.
#pragma once

#include <vector>

#include "sim/memory/dram_config.h"
#include "tests/twin/twin_base.h"

namespace heddle::twin {

class TwinFlatDram final : public TwinMemory {
 public:
  TwinFlatDram(const FlatDramConfig& config, Frequency clock, WorkLog& log)
      : TwinMemory(log),
        latency_(config.latency),
        ticks_per_cycle_(config.bandwidth.bytes_per_second),
        interval_ticks_(Ticks{kLineBytes} * config.channels * clock.hertz),
        free_ticks_(config.channels, 0) {}

  void drive(const std::function<bool(Cycle)>& cycle) override {
    for (Cycle t = 0; cycle(t); ++t)
      if (t > kTooLong) throw InternalError("the twin does not end");
  }
  Cycle last_write_done() const override { return last_write_done_; }

 protected:
  void request_read(LineAddr line, Tensor, Cycle t, Reply& reply) override {
    const Cycle start = serve(line, t);
    answer(reply, t, start, start + latency_);
  }
  void request_write(LineAddr line, Tensor, Cycle t, Reply& reply) override {
    const Cycle start = serve(line, t);
    const Cycle end = round_up(free_ticks_[line % free_ticks_.size()]);
    answer(reply, t, start, end);
    last_write_done_ = std::max(last_write_done_, end);
  }

 private:
  __extension__ using Ticks = unsigned __int128;

  Cycle round_up(Ticks ticks) const { return static_cast<Cycle>((ticks + ticks_per_cycle_ - 1) / ticks_per_cycle_); }
  /// Cycle in which the service of the line starts, rounded up.
  Cycle serve(LineAddr line, Cycle t) {
    Ticks& free = free_ticks_[line % free_ticks_.size()];
    const Ticks start = std::max(Ticks{t} * ticks_per_cycle_, free);
    free = start + interval_ticks_;
    return round_up(start);
  }
  static void answer(Reply& reply, Cycle t, Cycle start, Cycle done) {
    reply.granted = t;
    reply.dram_start = start;
    reply.dram_done = done;
    reply.at = done;
  }

  Cycle latency_;
  Ticks ticks_per_cycle_;
  Ticks interval_ticks_;
  std::vector<Ticks> free_ticks_;  // per channel: when it has served everything so far
  Cycle last_write_done_ = 0;
};

}  // namespace heddle::twin
