#include "sim/memory/banked_dram.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle {

BankedDram::BankedDram(const BankedDramConfig& config, Frequency core_clock, Kernel& kernel)
    : part_(resolve_part(config)),
      units_(config.channels_per_queue),
      bursts_per_line_(part_.bursts_per_line()),
      core_hertz_(core_clock.hertz),
      mapper_(config.map, part_, units_),
      clock_(core_clock.hertz == 0 ? throw InputError("clock: expected more than 0 Hz") : core_clock.hertz,
             part_.clock_hertz) {
  const std::uint64_t latency = part_.timing.cl + part_.timing.burst;
  if (latency * core_hertz_ < part_.clock_hertz)
    throw InputError("dram.banked: a read of " + std::string(part_.name) + " takes less than one core cycle of " +
                     to_text(core_clock) + "; expected a faster core clock");
  for (std::uint32_t q = 0; q < part_.channels / units_; ++q)
    queues_.push_back(std::make_unique<DramQueue>(config, part_, mapper_, clock_, joins_, kernel, q));
}

void BankedDram::request(LineAddr first, std::uint64_t count, Tensor tensor, DramDirection direction, Cycle now,
                         Reply& reply) {
  HEDDLE_CHECK(count > 0);
  const Clock seen = clock_.edge_after(now);
  const std::uint64_t x = first * bursts_per_line_;
  const std::uint64_t last = x + count * bursts_per_line_ - 1;
  if (direction == DramDirection::write && count == 1 && accept_now(x, tensor, seen, now, reply)) return;
  const std::uint32_t join = joins_.open(reply, last - x + 1, now);
  const std::uint32_t q = mapper_.queue_of(x);
  if (count == 1 && mapper_.queue_of(last) == q) {
    queues_[q]->push(x, last, bursts_per_line_, direction, tensor, seen, join, now);
    return;
  }
  for (std::uint32_t each = 0; each < queues_.size(); ++each) {
    const std::uint64_t bursts = mapper_.count_in(each, x, last);
    if (bursts != 0) queues_[each]->push(mapper_.first_in(each, x), last, bursts, direction, tensor, seen, join, now);
  }
}

/// Answers a write of one line at once when all its bursts surely find places at the edge that sees them.
bool BankedDram::accept_now(std::uint64_t x, Tensor tensor, Clock seen, Cycle now, Reply& reply) {
  const std::uint64_t last = x + bursts_per_line_ - 1;
  const bool together = mapper_.queue_of(x) == mapper_.queue_of(last);
  const std::uint32_t each = together ? bursts_per_line_ : 1;
  for (std::uint64_t b = x; b <= last; b += each)
    if (!queues_[mapper_.queue_of(b)]->surely_accepts(bursts_per_line_, seen)) return false;
  for (std::uint64_t b = x; b <= last; b += each)
    queues_[mapper_.queue_of(b)]->push(b, b + each - 1, each, DramDirection::write, tensor, seen, BurstJoins::kNone,
                                       now);
  reply.granted = now;
  reply.at = reply.dram_start = reply.dram_done = clock_.cycle_of(seen) + 1;
  reply.queue_cause = Cause::dram_queue;
  return true;
}

std::uint32_t BankedDram::waiting(LineAddr line, std::uint32_t burst, Cycle now) {
  return static_cast<std::uint32_t>(queues_[mapper_.queue_of(line * bursts_per_line_ + burst)]->waiting(now));
}

bool BankedDram::done() const {
  return std::ranges::all_of(queues_, [](const auto& queue) { return queue->done(); });
}

Cycle BankedDram::last_write_done() const {
  Cycle last = 0;
  for (const auto& queue : queues_) last = std::max(last, queue->last_write_done());
  return last;
}

void BankedDram::close(Cycle total) {
  for (const auto& queue : queues_) queue->close(total);
}

DramChannelStats BankedDram::channel_stats(std::uint32_t channel) const {
  return queues_.at(channel / units_)->stats(channel % units_);
}

double BankedDram::peak_bytes_per_cycle() const {
  const double bytes_per_clock = static_cast<double>(part_.burst_bytes) / part_.timing.burst * part_.channels;
  return bytes_per_clock * static_cast<double>(part_.clock_hertz) / static_cast<double>(core_hertz_);
}

}  // namespace heddle
