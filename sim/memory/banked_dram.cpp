#include "sim/memory/banked_dram.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle {

BankedDram::BankedDram(const BankedDramConfig& config, Frequency core_clock, Kernel& kernel)
    : part_(resolve_part(config)),
      units_(config.channels_per_queue),
      accesses_per_line_(DramAccess(config.map, part_).per_line),
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

void BankedDram::read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) {
  if (accesses_per_line_ != 1) {
    request(line, 1, tensor, DramDirection::read, now, reply);
    return;
  }
  reply.granted = now;
  reply.at = kNever;
  HEDDLE_DCHECK(reply.sink != nullptr);
  queues_[mapper_.queue_of(line)]->push({.first = line, .seen = seen_after(now), .reply = &reply, .tensor = tensor},
                                        now);
}

void BankedDram::request(LineAddr first, std::uint64_t count, Tensor tensor, DramDirection direction, Cycle now,
                         Reply& reply) {
  HEDDLE_CHECK(count > 0);
  reply.granted = now;
  DramArrival arrival{.seen = seen_after(now), .tensor = tensor, .direction = direction};
  const std::uint64_t from = first * accesses_per_line_;
  const std::uint64_t accesses = count * accesses_per_line_;
  if (direction == DramDirection::write && count == 1 && accepted_now(from, arrival.seen)) {
    reply.at = reply.dram_start = reply.dram_done = clock_.cycle_of(arrival.seen) + 1;
    reply.queue_cause = Cause::dram_queue;
  } else {
    reply.at = kNever;
    HEDDLE_DCHECK(reply.sink != nullptr);
    if (accesses == 1)
      arrival.reply = &reply;
    else
      arrival.join = joins_.open(reply, accesses);
  }
  const std::uint64_t queues = queues_.size();
  for (std::uint64_t i = 0; i < std::min(accesses, queues); ++i) {
    arrival.first = from + i;
    arrival.count = static_cast<std::uint32_t>((accesses - i + queues - 1) / queues);
    queues_[mapper_.queue_of(arrival.first)]->push(arrival, now);
  }
}

/// Whether the line `from` is the first access of surely finds places at the edge that sees it, so that a write of it
/// can be answered at once.
bool BankedDram::accepted_now(std::uint64_t from, Clock seen) const {
  if (queues_.size() < accesses_per_line_) return false;
  for (std::uint64_t i = from; i < from + accesses_per_line_; ++i)
    if (!queues_[mapper_.queue_of(i)]->surely_accepts_write(seen)) return false;
  return true;
}

std::uint32_t BankedDram::waiting(LineAddr line, std::uint32_t burst, Cycle now) {
  const std::uint64_t access = line * accesses_per_line_ + burst % accesses_per_line_;
  return static_cast<std::uint32_t>(queues_[mapper_.queue_of(access)]->waiting(now));
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
