#include "dataflows/row_wise/window_lane.h"

#include <algorithm>

#include "sim/compute/merge_plan.h"

namespace heddle::row_wise {

void WindowLane::push(std::uint64_t window, Cycle now) {
  Task task;
  task.fibers = 1;
  task.tag = window;
  loader_.push(task, now);
  port_at_ = std::min(port_at_, now + 1);
}

/// The burst that the last byte of the next element lies in.
std::uint32_t WindowLane::burst_of_next() const {
  const std::uint64_t end = fiber().first_byte % kLineBytes + (std::uint64_t{next_} + 1) * element_bytes_;
  return static_cast<std::uint32_t>((end - 1) / (loader_.burst_lines() * kLineBytes));
}

Cycle WindowLane::next_element_in() const {
  const Cycle head = loader_.operands_in();
  if (loader_.empty_task() || head == kNever) return head;
  const std::uint32_t burst = burst_of_next();
  return burst < 2 ? head : std::max(head, loader_.refill_reply(0, burst).at);
}

bool WindowLane::fetch(std::uint64_t window, Cycle now) {
  if (through(window) || next_element_in() > now) return false;
  if (loader_.empty_task()) return end_task(now), true;
  bool fetched = false;
  while (next_ < fiber().elements && !full() && next_element_in() <= now) {
    take_element(window, now);
    fetched = true;
  }
  if (next_ == fiber().elements) end_task(now);
  return fetched;
}

void WindowLane::take_element(std::uint64_t window, Cycle now) {
  const FiberRef& ref = fiber();
  last_column_ = ref.coordinates[next_];
  stream_.push_back({window, last_column_});
  const std::uint64_t end = ref.first_byte % kLineBytes + (std::uint64_t{++next_}) * element_bytes_;
  const std::uint64_t burst_bytes = loader_.burst_lines() * kLineBytes;
  if (end < (released_ + 1) * burst_bytes) return;
  const std::uint64_t bursts = (fiber_lines(ref, element_bytes_) + loader_.burst_lines() - 1) / loader_.burst_lines();
  if (released_ + 2 < bursts) {
    loader_.queue_refill(0, released_ + 2, now);
    port_at_ = std::min(port_at_, now);
  }
  ++released_;
}

void WindowLane::end_task(Cycle now) {
  loader_.pop();
  next_ = released_ = 0;
  port_at_ = std::min(port_at_, now);
}

Activity WindowLane::waiting_for(Cycle now) const {
  const auto wait = [](Tensor tensor, bool requested) {
    return Activity{Activity::Kind::stall, tensor, requested ? Cause::dram_timing : Cause::port};
  };
  const bool pointers_requested = loader_.pointers_requested(0);
  if (!pointers_requested || loader_.pointers_in(0) > now) return wait(Tensor::pointers, pointers_requested);
  if (!loader_.head_requested(0)) return wait(Tensor::b, false);
  const std::uint32_t burst = burst_of_next();
  return wait(Tensor::b, burst < 2 || !loader_.refill_queued(0, burst));
}

Cycle WindowLane::waiting_until(Cycle now) const {
  if (loader_.pointers_requested(0) && loader_.pointers_in(0) > now) return loader_.pointers_in(0);
  return next_element_in();
}

bool WindowLane::issue(Cycle now) {
  if (now < port_at_) return false;
  const Cycle last = loader_.last_issue();
  loader_.issue(now);
  port_at_ = loader_.next_issue(now + 1);
  return loader_.last_issue() != last;
}

void WindowLane::on_reply(Reply& reply) {
  if (loader_.on_reply(reply)) port_at_ = std::min(port_at_, reply.at);
  kernel_.wake(array_, reply.at);
}

}  // namespace heddle::row_wise
