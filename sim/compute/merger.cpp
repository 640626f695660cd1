#include "sim/compute/merger.h"

#include <algorithm>

namespace heddle {

void Merger::begin(Cycle start) {
  const Task& task = loader_.task();
  planner_.plan(task, loader_.fibers(), loader_.burst_lines(), loader_.has_refills(), plan_);
  writer_.begin(task, task.out_byte + plan_.outputs * element_bytes_);
  for (const std::uint32_t fiber : plan_.header_bursts) loader_.queue_refill(fiber, 2, start);
  running_ = true;
  next_event_ = 0;
  base_ = start;
  first_rank_ = 0;
  end_ = retry_ = kNever;
  missing_ = nullptr;
  retry_set_ = false;
}

void Merger::advance(Cycle now) {
  if (!can_advance(now)) return;
  missing_ = nullptr;
  retry_set_ = false;
  retry_ = kNever;
  while (next_event_ < plan_.events.size()) {
    if (!consume(plan_.events[next_event_], now)) return;
    ++next_event_;
  }
  end_ = start_of(plan_.elements - 1) + interval_ - 1;
  account_.busy(end_ + 1);
}

bool Merger::consume(const MergeEvent& event, Cycle now) {
  const Reply* burst = event.needs ? &loader_.refill_reply(event.fiber, event.burst) : nullptr;
  const bool waits = (burst != nullptr && burst->at > start_of(event.rank)) || !writer_.take_at_once(event.opens);
  if (waits && !wait(event, burst, now)) return false;
  const Cycle consumed = start_of(event.rank) + interval_ - 1;
  if (event.releases) loader_.queue_refill(event.fiber, event.burst + 1, consumed);
  for (std::uint32_t i = 0; i < event.completes; ++i) writer_.complete(consumed + latency_);
  return true;
}

/// The element may have to wait for `burst`, if any, and for output lines, which it has not taken. False while that is
/// not decided; else the lines are taken and the wait is charged.
bool Merger::wait(const MergeEvent& event, const Reply* burst, Cycle now) {
  const Cycle wanted = start_of(event.rank);
  if (burst != nullptr && !burst->known()) {
    missing_ = burst;
    return false;
  }
  const Cycle burst_in = burst == nullptr ? wanted : std::max(wanted, burst->at);
  Cycle consumed = burst_in;
  if (event.opens != 0) {
    const LineWriter::Room room = writer_.room(event.opens, wanted, now);
    if (!room.decided) {
      retry_ = room.at;
      retry_set_ = true;
      writer_version_ = writer_.version();
      return false;
    }
    consumed = std::max(consumed, room.at);
    writer_.take(event.opens, consumed);
  }
  if (consumed == wanted) return true;
  const Task& task = loader_.task();
  const bool others_before = (event.rank - first_rank_) % width_ != 0;  // consumed in the cycle `wanted`
  account_.busy(others_before ? wanted + 1 : wanted);
  if (consumed == burst_in)
    charge_wait(account_, *burst, task.kind == FiberKind::b ? Tensor::b : Tensor::partial);
  else
    account_.stall(consumed, task.partial == nullptr ? Tensor::c : Tensor::partial, Cause::output_full);
  base_ = consumed;
  first_rank_ = event.rank;
  return true;
}

}  // namespace heddle
