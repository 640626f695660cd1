// Where the clocks of one unit went, charged transfer by transfer. Commands, bursts and bytes are counted in accesses.
// Prose: banked_dram.h.
#pragma once

#include <algorithm>

#include "sim/memory/dram.h"
#include "sim/memory/dram_clock.h"

namespace heddle {

class DramUnitAccount {
 public:
  /// An access enters a queue of the unit at `now`.
  void enter(Clock now) {
    if (queued_++ != 0) return;
    present_since_ = now;
    const Clock from = std::max(now, transfers_end_);
    if (refresh_end_ > from) waited_for_refresh_ += refresh_end_ - from;  // a refresh that began unnoticed
  }
  /// A column command whose data are on the pins for `busy` clocks of [from, from + span); the access leaves its queue.
  void transfer(Clock from, Clock span, Clock busy) {
    stats_.timing_clocks += from + span - transfers_end_ - busy;
    stats_.busy_clocks += busy;
    if (present_since_ > transfers_end_) move_to(stats_.idle_clocks, std::min(present_since_, from) - transfers_end_);
    if (waited_for_refresh_ != 0) move_to(stats_.refresh_clocks, waited_for_refresh_);
    transfers_end_ = from + span;
    waited_for_refresh_ = 0;
    --queued_;
  }
  /// `count` accesses enter and as many leave, with their data `interval` clocks after each other, the first at `from`.
  void transfers(Clock from, Clock span, Clock busy, Clock interval, std::uint64_t count) {
    ++queued_;
    transfer(from, span, busy);
    stats_.timing_clocks += (count - 1) * (interval - busy);
    stats_.busy_clocks += (count - 1) * busy;
    transfers_end_ += (count - 1) * interval;
  }
  /// REF was due at `due` and lasts until `end`.
  void refresh(Clock due, Clock end) {
    ++stats_.refreshes;
    const Clock from = std::max(due, refresh_end_);
    refresh_end_ = end;
    if (queued_ == 0) return;
    const Clock seen = std::max({from, present_since_, transfers_end_});
    if (end > seen) waited_for_refresh_ += end - seen;
  }
  /// End of the run; nothing is queued.
  void close(Clock end, std::uint32_t burst_clocks, std::uint32_t burst_bytes) {
    stats_.clocks = std::max(end, transfers_end_);
    stats_.idle_clocks += stats_.clocks - transfers_end_;
    transfers_end_ = stats_.clocks;
    stats_.peak_bytes = stats_.clocks / burst_clocks * burst_bytes;
  }
  void precharge_all() { ++all_banks_precharged_; }
  /// Precharge-all commands, not in `precharges`.
  std::uint64_t all_banks_precharged() const { return all_banks_precharged_; }
  /// End of the last refresh so far.
  Clock refresh_end() const { return refresh_end_; }
  DramChannelStats& counts() { return stats_; }
  const DramChannelStats& stats() const { return stats_; }

 private:
  void move_to(std::uint64_t& other, Clock clocks) {
    stats_.timing_clocks -= clocks;
    other += clocks;
  }

  DramChannelStats stats_;
  std::uint64_t all_banks_precharged_ = 0;
  std::uint32_t queued_ = 0;
  Clock present_since_ = 0;  // when queued_ last became 1
  Clock transfers_end_ = 0;
  Clock refresh_end_ = 0;
  Clock waited_for_refresh_ = 0;  // since the last transfer
};

}  // namespace heddle
