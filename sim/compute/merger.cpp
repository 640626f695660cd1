#include "sim/compute/merger.h"

namespace heddle {

void Merger::begin(Cycle start) {
  const Task& task = loader_.task();
  planner_.plan(task, loader_.fibers(), plan_);
  writer_.begin(task, task.out_byte + plan_.outputs * config_.element_bytes);
  for (const std::uint32_t fiber : plan_.header_lines) loader_.queue_refill(fiber, 2, start);
  running_ = true;
  next_event_ = 0;
  base_ = start;
  end_ = retry_ = kNever;
  missing_ = nullptr;
  retry_set_ = false;
}

void Merger::advance(Cycle now) {
  if (!can_advance(now)) return;
  missing_ = nullptr;
  retry_set_ = false;
  retry_ = kNever;
  const std::vector<MergeEvent>& events = plan_.events;
  while (next_event_ < events.size()) {
    const std::size_t first = next_event_;
    std::size_t last = first + 1;
    if (last == events.size() || events[last].rank != events[first].rank) {
      if (!pass_simple(events[first]) && !consume(first, last, now)) return;
    } else {
      while (last < events.size() && events[last].rank == events[first].rank) ++last;
      if (!consume(first, last, now)) return;
    }
    next_event_ = last;
  }
  end_ = base_ + plan_.elements - 1;
  account_.busy(end_ + 1);
}

/// An element with one event that does not wait. False if it may have to.
bool Merger::pass_simple(const MergeEvent& event) {
  const Cycle wanted = base_ + event.rank;
  switch (event.kind) {
    case MergeEvent::Kind::need:
      return loader_.refill_reply(event.fiber, event.line).at <= wanted;
    case MergeEvent::Kind::open:
      return writer_.take_at_once(event.line);
    case MergeEvent::Kind::release:
      loader_.queue_refill(event.fiber, event.line + 2, wanted);
      return true;
    case MergeEvent::Kind::complete:
      writer_.complete(event.line, wanted + config_.pe.latency);
      return true;
  }
  return false;
}

bool Merger::consume(std::size_t first, std::size_t last, Cycle now) {
  const Task& task = loader_.task();
  const Cycle wanted = base_ + plan_.events[first].rank;
  Cycle lines_in = wanted;
  const Reply* latest = nullptr;
  std::uint32_t opened = 0;
  for (std::size_t e = first; e < last; ++e) {
    const MergeEvent& event = plan_.events[e];
    if (event.kind == MergeEvent::Kind::open) opened = event.line;
    if (event.kind != MergeEvent::Kind::need) continue;
    const Reply& reply = loader_.refill_reply(event.fiber, event.line);
    if (!reply.known()) {
      missing_ = &reply;
      return false;
    }
    if (reply.at > lines_in) lines_in = reply.at, latest = &reply;
  }
  Cycle consumed = lines_in;
  if (opened != 0) {
    const LineWriter::Room room = writer_.room(opened, wanted, now);
    if (!room.decided) {
      retry_ = room.at;
      retry_set_ = true;
      writer_version_ = writer_.version();
      return false;
    }
    consumed = std::max(consumed, room.at);
    writer_.take(opened);
  }
  if (consumed > wanted) {
    account_.busy(wanted);
    if (consumed == lines_in)
      charge_wait(account_, *latest, task.kind == FiberKind::b ? Tensor::b : Tensor::partial);
    else
      account_.stall(consumed, task.partial == nullptr ? Tensor::c : Tensor::partial, Cause::output_full);
    base_ += consumed - wanted;
  }
  for (std::size_t e = first; e < last; ++e) {
    const MergeEvent& event = plan_.events[e];
    if (event.kind == MergeEvent::Kind::release) loader_.queue_refill(event.fiber, event.line + 2, consumed);
    if (event.kind == MergeEvent::Kind::complete) writer_.complete(event.line, consumed + config_.pe.latency);
  }
  return true;
}

}  // namespace heddle
