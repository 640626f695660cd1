// Off-chip memory as the rest of a run sees it: a Memory with traffic counters, laws and an end.
//
//   Kernel kernel;
//   std::unique_ptr<Dram> dram = make_dram(config, machine.clock, kernel);   // before the agents that use it
//   ... kernel.run(); dram->close(total); dram->check_laws();
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/memory/dram_config.h"
#include "sim/memory/memory.h"

namespace heddle {

/// Bytes that crossed the pins, whole lines, by tensor and direction.
struct DramTraffic {
  std::array<std::uint64_t, kTensorCount> read{};
  std::array<std::uint64_t, kTensorCount> written{};

  std::uint64_t total() const;
  DramTraffic& operator+=(const DramTraffic& other);
  friend bool operator==(const DramTraffic&, const DramTraffic&) = default;
};

/// What one channel (pseudo-channel where the part has them) did. The counts from `activates` on are of banked mode.
struct DramChannelStats {
  DramTraffic traffic;
  std::uint64_t bytes = 0;           ///< moved, counted where data move; equals traffic.total() once drained
  std::uint64_t peak_bytes = 0;      ///< what the pins could have moved from clock 0 to `clocks`
  std::uint64_t clocks = 0;          ///< of the channel, up to the cycle given to close() or the last transfer if later
  std::uint64_t busy_clocks = 0;     ///< data on the pins
  std::uint64_t refresh_clocks = 0;  ///< not busy, requests present, a refresh due or under way
  std::uint64_t timing_clocks = 0;   ///< not busy, requests present, row commands, latency or turnaround awaited
  std::uint64_t idle_clocks = 0;     ///< not busy, no request present
  std::uint64_t activates = 0;       ///< ACT commands
  std::uint64_t precharges = 0;      ///< PRE of one bank; precharge-all before a refresh counts once
  std::uint64_t reads = 0;           ///< RD bursts
  std::uint64_t writes = 0;          ///< WR bursts
  std::uint64_t refreshes = 0;       ///< all-bank REF
  std::uint64_t row_hits = 0;        ///< bursts whose first command was RD or WR
  std::uint64_t row_misses = 0;      ///< bursts whose first command was ACT
  std::uint64_t row_conflicts = 0;   ///< bursts whose first command was PRE
  std::uint64_t write_drains = 0;    ///< switches from reading to writing
  std::uint64_t queue_full = 0;      ///< bursts that found their queue full on arrival at its head

  DramChannelStats& operator+=(const DramChannelStats& other);
  friend bool operator==(const DramChannelStats&, const DramChannelStats&) = default;
};
template <class V>
void describe(V& v, DramChannelStats& s) {
  v.field("bytes", s.bytes, "bytes", "moved over the pins");
  v.field("clocks", s.clocks, "clocks", "of the channel's own clock until the end of the run");
  v.field("busy_clocks", s.busy_clocks, "clocks", "data on the pins");
  v.field("refresh_clocks", s.refresh_clocks, "clocks", "requests present, refresh due or under way, no data");
  v.field("timing_clocks", s.timing_clocks, "clocks", "requests present, row commands, latency or turnaround awaited");
  v.field("idle_clocks", s.idle_clocks, "clocks", "no request present, no data");
  v.field("activates", s.activates, "commands", "rows opened");
  v.field("precharges", s.precharges, "commands", "rows closed; all banks before a refresh count once");
  v.field("reads", s.reads, "bursts", "read bursts");
  v.field("writes", s.writes, "bursts", "write bursts");
  v.field("refreshes", s.refreshes, "commands", "all-bank refreshes");
  v.field("row_hits", s.row_hits, "bursts", "bursts that found their row open");
  v.field("row_misses", s.row_misses, "bursts", "bursts that found no row open");
  v.field("row_conflicts", s.row_conflicts, "bursts", "bursts that found another row open");
  v.field("write_drains", s.write_drains, "count", "switches from reading to writing");
  v.field("queue_full", s.queue_full, "bursts", "bursts that had to wait for a place in the scheduler's queue");
}

/// Milestones of a reply given by DRAM: granted = the cycle of the call; dram_start, dram_done, at as memory.h says.
class Dram : public Memory {
 public:
  /// True when every request has been served to its last burst, writes included.
  virtual bool done() const = 0;
  /// Core cycle by which the last write so far has been moved into its bank; 0 without writes.
  virtual Cycle last_write_done() const = 0;
  /// End of the run at core cycle `total`: brings the counters up to it. No request may follow.
  virtual void close(Cycle total) = 0;
  /// Channels (pseudo-channels) with data pins of their own.
  virtual std::uint32_t channels() const = 0;
  virtual DramChannelStats channel_stats(std::uint32_t channel) const = 0;
  /// Peak of all channels together in bytes per core cycle.
  virtual double peak_bytes_per_cycle() const = 0;

  DramTraffic traffic() const;
  /// All channels added up.
  DramChannelStats stats() const;
  /// After close(): bytes by tensor = bytes on the pins, clocks close, no channel above its peak. Throws LawViolation.
  void check_laws() const;
};

/// Throws InputError (unknown preset, impossible organisation or timing). Agents of banked mode register with `kernel`,
/// which must not outlive the result. `sink`, if any, is told lines in flight and bytes per cycle.
std::unique_ptr<Dram> make_dram(const DramConfig& config, Frequency core_clock, Kernel& kernel,
                                ActivitySink* sink = nullptr);

}  // namespace heddle
