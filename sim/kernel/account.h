// Where every cycle of an agent went: busy + stalls + no_work + idle = total, by construction and checked at close.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/base/units.h"

namespace heddle {

/// Whose data moves or is waited for. `partial` is a product or sum that is not yet final.
enum class Tensor : std::uint8_t { a, b, c, pointers, partial };
inline constexpr std::size_t kTensorCount = 5;
inline constexpr std::array<std::string_view, kTensorCount> kTensorNames = {"a", "b", "c", "pointers", "partial"};

/// Why an agent that has work does not do it.
enum class Cause : std::uint8_t {
  port,           ///< a request port or a memory bank serves somebody else first
  cache_latency,  ///< on-chip memory has the line and is delivering it
  dram_queue,     ///< the line's DRAM channel serves others first
  dram_timing,    ///< the DRAM is fetching the line: latency, row commands, transfer
  refresh,        ///< the DRAM channel refreshes
  network,        ///< a distribution or reduction network is full
  merge_order,    ///< another fiber has to be consumed first
  output_full,    ///< no slot for a result
  barrier,        ///< a phase waits for the slowest agent
  reconfigure     ///< stationary operands or the dataflow are being switched
};
inline constexpr std::size_t kCauseCount = 10;
inline constexpr std::array<std::string_view, kCauseCount> kCauseNames = {
    "port",    "cache_latency", "dram_queue",  "dram_timing", "refresh",
    "network", "merge_order",   "output_full", "barrier",     "reconfigure"};

/// What an agent did during an interval.
struct Activity {
  enum class Kind : std::uint8_t { busy, stall, no_work, idle } kind = Kind::busy;
  Tensor tensor = Tensor::a;  ///< meaningful for a stall
  Cause cause = Cause::port;  ///< meaningful for a stall
};

/// Receives every interval charged to an agent, for the timeline.
class ActivitySink {
 public:
  virtual ~ActivitySink() = default;
  /// Announces a track before its first interval: agent `index` of `group`, the key of RunReport::stalls.
  virtual void on_track(std::uint32_t /*track*/, std::string_view /*group*/, std::uint32_t /*index*/) {}
  virtual void on_interval(std::uint32_t track, Cycle from, Cycle to, Activity activity) = 0;
  /// A quantity of the whole machine is `value` from cycle `at` on, until told again. Cycles of one name ascend.
  virtual void on_counter(std::string_view /*name*/, Cycle /*at*/, double /*value*/) {}
};

/// One agent's cycles. Intervals are charged in order and without gaps: each starts where the last one ended.
class CycleAccount {
 public:
  /// Also report every interval to `sink` under `track`.
  void attach(ActivitySink* sink, std::uint32_t track) { sink_ = sink, track_ = track; }

  /// Charge [charged_until(), to) to `activity`; nothing when `to` is not later.
  void charge(Cycle to, Activity activity) {
    if (to <= until_) return;
    const Cycle cycles = to - until_;
    switch (activity.kind) {
      case Activity::Kind::busy:
        busy_ += cycles;
        break;
      case Activity::Kind::stall:
        stalls_[index(activity.tensor)][index(activity.cause)] += cycles;
        break;
      case Activity::Kind::no_work:
        no_work_ += cycles;
        break;
      case Activity::Kind::idle:
        idle_ += cycles;
        break;
    }
    if (sink_ != nullptr) sink_->on_interval(track_, until_, to, activity);
    until_ = to;
  }
  void busy(Cycle to) { charge(to, {Activity::Kind::busy}); }
  void stall(Cycle to, Tensor tensor, Cause cause) { charge(to, {Activity::Kind::stall, tensor, cause}); }
  void no_work(Cycle to) { charge(to, {Activity::Kind::no_work}); }
  /// The tail after the agent's last task.
  void close(Cycle total) { charge(total, {Activity::Kind::idle}); }

  Cycle charged_until() const { return until_; }
  Cycle busy_cycles() const { return busy_; }
  Cycle no_work_cycles() const { return no_work_; }
  Cycle idle_cycles() const { return idle_; }
  Cycle stall_cycles(Tensor tensor, Cause cause) const { return stalls_[index(tensor)][index(cause)]; }

 private:
  template <class E>
  static std::size_t index(E e) {
    return static_cast<std::size_t>(e);
  }

  Cycle until_ = 0;
  Cycle busy_ = 0;
  Cycle no_work_ = 0;
  Cycle idle_ = 0;
  std::array<std::array<Cycle, kCauseCount>, kTensorCount> stalls_{};
  ActivitySink* sink_ = nullptr;
  std::uint32_t track_ = 0;
};

}  // namespace heddle
