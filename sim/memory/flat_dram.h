// Flat DRAM: every channel is a first-come-first-served server of whole lines, in closed form.
//
// Line n is in channel n mod channels. A line occupies its channel for `interval` = 64 B / (bandwidth / channels) core
// cycles, an exact fraction. A request of cycle `now` starts at max(now, when the channel is free). A read arrives
// ceil(start) + latency; a write's slot is free at the ceiling of the end of its transfer. Every reply is decided
// within the call. A block of n lines costs O(channels).
#pragma once

#include <algorithm>
#include <vector>

#include "sim/memory/dram.h"

namespace heddle {

class FlatDram final : public Dram {
 public:
  FlatDram(const FlatDramConfig& config, Frequency core_clock);

  void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    Channel& channel = channel_of(line);
    ++channel.read_lines[static_cast<std::size_t>(tensor)];
    const Time start = occupy(channel, now);
    answer(reply, now, ceiling(start), ceiling(start) + latency_);
  }
  void write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    Channel& channel = channel_of(line);
    ++channel.written_lines[static_cast<std::size_t>(tensor)];
    const Time start = occupy(channel, now);
    const Cycle end = ceiling(channel.free);
    last_write_done_ = std::max(last_write_done_, end);
    answer(reply, now, ceiling(start), end);
  }
  void read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override;
  void write_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override;

  bool done() const override { return true; }
  Cycle last_write_done() const override { return last_write_done_; }
  void close(Cycle total) override { closed_at_ = total; }
  std::uint32_t channels() const override { return static_cast<std::uint32_t>(channels_.size()); }
  /// Clocks are core cycles; fractions are rounded up.
  DramChannelStats channel_stats(std::uint32_t channel) const override;
  double peak_bytes_per_cycle() const override;

 private:
  /// A point in time or duration: whole cycles and parts of 1 / parts_per_cycle_.
  struct Time {
    Cycle whole = 0;
    std::uint64_t part = 0;
    friend auto operator<=>(const Time&, const Time&) = default;
  };
  struct Channel {
    Time free;
    std::array<std::uint64_t, kTensorCount> read_lines{};
    std::array<std::uint64_t, kTensorCount> written_lines{};
    std::uint64_t lines() const;
  };
  /// The lines of a block that fall into one channel.
  struct Share {
    std::uint64_t lines = 0;
    Time begin;  ///< of the first line
    Time end;    ///< of the last line
  };

  static Cycle ceiling(Time t) { return t.whole + (t.part != 0 ? 1 : 0); }
  static void answer(Reply& reply, Cycle now, Cycle start, Cycle at) {
    reply.granted = now;
    reply.dram_start = start;
    reply.dram_done = at;
    reply.at = at;
    reply.queue_cause = Cause::dram_queue;
  }

  std::uint32_t channel_index(LineAddr line) const {
    return static_cast<std::uint32_t>(mask_ != 0 || channels_.size() == 1 ? line & mask_ : line % channels_.size());
  }
  Channel& channel_of(LineAddr line) { return channels_[channel_index(line)]; }
  /// Start of a line requested at `now`; the channel is then taken for one interval.
  Time occupy(Channel& channel, Cycle now) {
    const Time start = std::max(Time{now, 0}, channel.free);
    channel.free = {start.whole + interval_.whole, start.part + interval_.part};
    if (channel.free.part >= parts_per_cycle_) {
      channel.free.part -= parts_per_cycle_;
      ++channel.free.whole;
    }
    return start;
  }
  Time add(Time t, Time duration) const;
  Time intervals(std::uint64_t count) const;
  Share occupy_many(Channel& channel, std::uint64_t lines, Cycle now);
  std::uint64_t first_line_done_at(const Share& share, Cycle at) const;

  std::vector<Channel> channels_;
  std::uint64_t mask_ = 0;  // channels - 1 when that is a power of two
  Time interval_;
  std::uint64_t parts_per_cycle_ = 1;
  Cycle latency_ = 0;
  Cycle last_write_done_ = 0;
  Cycle closed_at_ = 0;
  double peak_ = 0;
};

}  // namespace heddle
