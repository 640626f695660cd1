#include "sim/memory/dram.h"

#include <numeric>
#include <string>

#include "sim/base/errors.h"
#include "sim/memory/banked_dram.h"
#include "sim/memory/flat_dram.h"
#include "sim/memory/traced_dram.h"

namespace heddle {
namespace {

void require(bool holds, std::uint32_t channel, const std::string& law) {
  if (!holds) throw LawViolation("dram channel " + std::to_string(channel) + ": " + law);
}

std::string versus(std::uint64_t left, std::uint64_t right) {
  return " (" + std::to_string(left) + " against " + std::to_string(right) + ")";
}

}  // namespace

std::uint64_t DramTraffic::total() const {
  return std::accumulate(read.begin(), read.end(), std::uint64_t{0}) +
         std::accumulate(written.begin(), written.end(), std::uint64_t{0});
}

DramTraffic& DramTraffic::operator+=(const DramTraffic& other) {
  for (std::size_t t = 0; t < kTensorCount; ++t) {
    read[t] += other.read[t];
    written[t] += other.written[t];
  }
  return *this;
}

DramChannelStats& DramChannelStats::operator+=(const DramChannelStats& other) {
  traffic += other.traffic;
  bytes += other.bytes;
  peak_bytes += other.peak_bytes;
  clocks += other.clocks;
  busy_clocks += other.busy_clocks;
  refresh_clocks += other.refresh_clocks;
  timing_clocks += other.timing_clocks;
  idle_clocks += other.idle_clocks;
  activates += other.activates;
  precharges += other.precharges;
  reads += other.reads;
  writes += other.writes;
  refreshes += other.refreshes;
  row_hits += other.row_hits;
  row_misses += other.row_misses;
  row_conflicts += other.row_conflicts;
  write_drains += other.write_drains;
  queue_full += other.queue_full;
  return *this;
}

DramTraffic Dram::traffic() const {
  return stats().traffic;
}

DramChannelStats Dram::stats() const {
  DramChannelStats all;
  for (std::uint32_t c = 0; c < channels(); ++c) all += channel_stats(c);
  return all;
}

void Dram::check_laws() const {
  for (std::uint32_t c = 0; c < channels(); ++c) {
    const DramChannelStats s = channel_stats(c);
    const std::uint64_t parts = s.busy_clocks + s.refresh_clocks + s.timing_clocks + s.idle_clocks;
    require(s.traffic.total() == s.bytes, c,
            "bytes by tensor are the bytes on the pins" + versus(s.traffic.total(), s.bytes));
    require(parts == s.clocks, c, "busy + refresh + timing + idle are all clocks" + versus(parts, s.clocks));
    require(s.busy_clocks <= s.clocks, c, "busy no longer than the run" + versus(s.busy_clocks, s.clocks));
    require(s.bytes <= s.peak_bytes, c, "no more bytes than the peak allows" + versus(s.bytes, s.peak_bytes));
  }
}

std::unique_ptr<Dram> make_dram(const DramConfig& config, Frequency core_clock, Kernel& kernel, ActivitySink* sink) {
  std::unique_ptr<Dram> dram;
  if (config.kind == DramKind::flat)
    dram = std::make_unique<FlatDram>(config.flat, core_clock);
  else
    dram = std::make_unique<BankedDram>(config.banked, core_clock, kernel);
  if (sink != nullptr) dram = std::make_unique<TracedDram>(std::move(dram), *sink);
  return dram;
}

}  // namespace heddle
