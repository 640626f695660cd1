#include "sim/memory/flat_dram.h"

#include <bit>
#include <numeric>

#include "sim/base/errors.h"

namespace heddle {
namespace {

using Wide = unsigned __int128;

std::uint64_t sum(const std::array<std::uint64_t, kTensorCount>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

FlatDram::FlatDram(const FlatDramConfig& config, Frequency core_clock)
    : channels_(config.channels), latency_(config.latency) {
  if (config.channels == 0) throw InputError("dram.flat.channels: expected at least 1, got 0");
  if (config.bandwidth.bytes_per_second == 0) throw InputError("dram.flat.bandwidth: expected more than 0 B/s");
  if (config.latency == 0) throw InputError("dram.flat.latency: expected at least 1 cycle, got 0");
  if (core_clock.hertz == 0) throw InputError("clock: expected more than 0 Hz");
  if (std::has_single_bit(config.channels)) mask_ = config.channels - 1;
  const Wide bytes_hertz = Wide{kLineBytes} * config.channels * core_clock.hertz;
  const std::uint64_t bandwidth = config.bandwidth.bytes_per_second;
  const auto rest = static_cast<std::uint64_t>(bytes_hertz % bandwidth);
  const std::uint64_t common = std::gcd(rest, bandwidth);
  parts_per_cycle_ = bandwidth / common;
  interval_ = {static_cast<Cycle>(bytes_hertz / bandwidth), rest / common};
  peak_ = static_cast<double>(bandwidth) / static_cast<double>(core_clock.hertz);
}

std::uint64_t FlatDram::Channel::lines() const {
  return sum(read_lines) + sum(written_lines);
}

FlatDram::Time FlatDram::add(Time t, Time duration) const {
  Time result{t.whole + duration.whole, t.part + duration.part};
  if (result.part >= parts_per_cycle_) {
    result.part -= parts_per_cycle_;
    ++result.whole;
  }
  return result;
}

FlatDram::Time FlatDram::intervals(std::uint64_t count) const {
  const Wide parts = Wide{count} * interval_.part;
  return {count * interval_.whole + static_cast<Cycle>(parts / parts_per_cycle_),
          static_cast<std::uint64_t>(parts % parts_per_cycle_)};
}

FlatDram::Share FlatDram::occupy_many(Channel& channel, std::uint64_t lines, Cycle now) {
  const Time begin = std::max(Time{now, 0}, channel.free);
  channel.free = add(begin, intervals(lines));
  return {lines, begin, channel.free};
}

/// Index within the share of the first line whose transfer ends in (at - 1, at], where `at` is the ceiling of the last
/// line's end: several when a channel moves more than a line per cycle.
std::uint64_t FlatDram::first_line_done_at(const Share& share, Cycle at) const {
  const Wide step = Wide{interval_.whole} * parts_per_cycle_ + interval_.part;
  const Wide begin = Wide{share.begin.whole} * parts_per_cycle_ + share.begin.part;
  const Wide limit = Wide{at - 1} * parts_per_cycle_;
  const Wide done = limit < begin ? 0 : (limit - begin) / step;  // lines that ended at at - 1 or before
  return static_cast<std::uint64_t>(done);
}

void FlatDram::read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) {
  HEDDLE_CHECK(count > 0);
  const std::uint64_t n = channels_.size();
  const std::uint64_t most = (count + n - 1) / n;  // lines in the first `with_most` channels, one fewer in the others
  const std::uint64_t with_most = count - (most - 1) * n;
  const Time before_last[2] = {intervals(most - 1), intervals(most - (most > 1 ? 2 : 1))};
  Time last_start;
  for (std::uint64_t i = 0; i < std::min(n, count); ++i) {
    const bool fewer = i >= with_most;
    Channel& channel = channel_of(first + i);
    channel.read_lines[static_cast<std::size_t>(tensor)] += most - (fewer ? 1 : 0);
    const Time start = add(std::max(Time{now, 0}, channel.free), before_last[fewer ? 1 : 0]);
    channel.free = add(start, interval_);
    last_start = std::max(last_start, start);
  }
  answer(reply, now, ceiling(last_start), ceiling(last_start) + latency_);
}

void FlatDram::write_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) {
  HEDDLE_CHECK(count > 0);
  const std::uint64_t n = channels_.size();
  Cycle at = 0;
  Cycle start = 0;
  if (count <= n) {  // a line per channel
    for (std::uint64_t i = 0; i < count; ++i) {
      Channel& channel = channel_of(first + i);
      ++channel.written_lines[static_cast<std::size_t>(tensor)];
      const Time begin = occupy(channel, now);
      const Cycle end = ceiling(channel.free);
      if (end > at) at = end, start = ceiling(begin);
    }
    last_write_done_ = std::max(last_write_done_, at);
    return answer(reply, now, start, at);
  }
  std::uint64_t offset = 0;  // from `first`, of the line that `start` belongs to
  for (std::uint64_t i = 0; i < std::min(n, count); ++i) {
    Channel& channel = channel_of(first + i);
    const std::uint64_t lines = (count - i + n - 1) / n;
    channel.written_lines[static_cast<std::size_t>(tensor)] += lines;
    const Share share = occupy_many(channel, lines, now);
    const Cycle end = ceiling(share.end);
    if (end < at) continue;
    const std::uint64_t k = first_line_done_at(share, end);
    if (end == at && offset < k * n + i) continue;
    at = end, offset = k * n + i, start = ceiling(add(share.begin, intervals(k)));
  }
  last_write_done_ = std::max(last_write_done_, at);
  answer(reply, now, start, at);
}

DramChannelStats FlatDram::channel_stats(std::uint32_t index) const {
  const Channel& channel = channels_.at(index);
  DramChannelStats stats;
  for (std::size_t t = 0; t < kTensorCount; ++t) {
    stats.traffic.read[t] = channel.read_lines[t] * kLineBytes;
    stats.traffic.written[t] = channel.written_lines[t] * kLineBytes;
  }
  const std::uint64_t lines = channel.lines();
  stats.bytes = lines * kLineBytes;
  stats.reads = sum(channel.read_lines);
  stats.writes = sum(channel.written_lines);
  stats.busy_clocks = ceiling(intervals(lines));
  stats.clocks = std::max(closed_at_, ceiling(channel.free));
  stats.idle_clocks = stats.clocks - stats.busy_clocks;
  const Wide step = Wide{interval_.whole} * parts_per_cycle_ + interval_.part;
  stats.peak_bytes = static_cast<std::uint64_t>(Wide{stats.clocks} * parts_per_cycle_ * kLineBytes / step);
  return stats;
}

double FlatDram::peak_bytes_per_cycle() const {
  return peak_;
}

}  // namespace heddle
