#include "dataflows/row_wise/window_output.h"

#include <utility>

namespace heddle::row_wise {
namespace {

constexpr std::uint32_t kWholeFibers = 1u << 20;  // lines of a burst: the plan is to say nothing of bursts of operands

}  // namespace

WindowOutput::WindowOutput(const WindowOutputNeighbours& n, AgentId array)
    : element_bytes_(n.config.element_bytes),
      latency_(n.config.pe.latency),
      planner_(n.planner),
      kernel_(n.kernel),
      array_(array),
      writer_(n.config.pe, n.config.c, n.cache, n.dram, n.combining, n.listener, *this) {}

void WindowOutput::begin(const Task& task, std::span<const FiberRef> fibers) {
  Sum sum;
  sum.task = task;
  planner_.plan(task, fibers, kWholeFibers, false, sum.plan);
  sums_.push_back(std::move(sum));
}

bool WindowOutput::leave(std::uint64_t count, Cycle now) {
  Sum& sum = sums_.front();
  const std::vector<MergeEvent>& events = sum.plan.events;
  std::uint32_t lines = 0;
  std::size_t end = sum.next_event;
  for (; end < events.size() && events[end].rank < sum.left + count; ++end) lines += events[end].opens;
  if (lines != 0 && !take_lines(lines, now)) return false;
  if (sum.left == 0) writer_.begin(sum.task, sum.task.out_byte + sum.plan.outputs * element_bytes_);
  for (; sum.next_event < end; ++sum.next_event)
    for (std::uint32_t i = 0; i < events[sum.next_event].completes; ++i) writer_.complete(now + latency_);
  sum.left += count;
  if (sum.left == sum.plan.elements) sums_.pop_front();
  return true;
}

bool WindowOutput::take_lines(std::uint32_t count, Cycle now) {
  if (writer_.take_at_once(count)) return true;
  if (writer_.room(count, now, now).at > now) return false;
  writer_.take(count, now);
  return true;
}

void WindowOutput::on_reply(Reply& reply) {
  writer_.on_reply(reply);
  kernel_.wake(array_, reply.at);
}

}  // namespace heddle::row_wise
