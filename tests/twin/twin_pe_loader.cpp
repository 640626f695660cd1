// The loader of a PE (rule 19): refills, heads and pointers share one request port.
#include "tests/twin/twin_pe.h"

namespace heddle::twin {

bool TwinPe::pointers_in(const FiberState& fiber, Cycle t) const {
  return fiber.fiber->partial || (fiber.pointers != nullptr && is_in(*fiber.pointers, t));
}

void TwinPe::port(Cycle t) {
  const PeMutation& mutation = context_.mutation;
  std::erase_if(outstanding_, [t](const Reply* reply) { return is_in(*reply, t); });
  const bool free_buffer = outstanding_.size() < config_.line_buffers;
  const auto refill = [&] { return (free_buffer || !mutation.refills_need_line_buffers) && issue_refill(t); };
  const auto head = [&] { return free_buffer && issue_head(t); };
  const auto pointers = [&] { return free_buffer && issue_pointers(t); };
  if (mutation.heads_before_refills) {
    head() || refill() || pointers();
  } else if (mutation.pointers_before_heads) {
    refill() || pointers() || head();
  } else {
    refill() || head() || pointers();
  }
}

/// A request could be issued now but for the port.
bool TwinPe::port_is_busy(Cycle t) {
  if (t >= port_free_at_) return false;
  ++log_.events["port_busy"];
  return true;
}

bool TwinPe::issue_refill(Cycle t) {
  if (refills_.empty()) return false;
  if (port_is_busy(t)) return true;
  const Refill refill = context_.mutation.newest_refill_first ? refills_.back() : refills_.front();
  context_.mutation.newest_refill_first ? refills_.pop_back() : refills_.pop_front();
  Burst& burst = refill.fiber->bursts[refill.index];
  burst.reply = &request(refill.fiber, burst.first, burst.lines, t);
  if (context_.mutation.refills_need_line_buffers) outstanding_.push_back(burst.reply);
  ++log_.events["refills"];
  if (burst.lines > 1) ++log_.events["refills_of_several_lines"];
  return true;
}

bool TwinPe::issue_head(Cycle t) {
  FiberState* next = nullptr;
  for (TaskState& task : tasks_)
    for (FiberState& fiber : task.fibers)
      if (next == nullptr && !fiber.head_requested()) next = &fiber;
  if (next == nullptr || !pointers_in(*next, t)) return false;
  const std::uint64_t needed = context_.mutation.one_operand_line_per_head ? 1 : next->head_lines();
  if (operand_lines_held() + needed > config_.operand_lines) {
    ++log_.events["operand_lines_full"];
    return false;
  }
  if (port_is_busy(t)) return true;
  const Reply& reply = request(next, next->bursts[0].first, next->head_lines(), t);
  for (std::size_t j = 0; j < 2 && j < next->bursts.size(); ++j) next->bursts[j].reply = &reply;
  outstanding_.push_back(&reply);
  return true;
}

/// Operand lines in use: of heads requested for tasks that have not ended.
std::uint64_t TwinPe::operand_lines_held() const {
  std::uint64_t held = 0;
  for (const TaskState& task : tasks_) {
    for (const FiberState& fiber : task.fibers) {
      if (fiber.bursts.empty() || !fiber.head_requested()) continue;
      const bool consumed = fiber.consumed == fiber.fiber->coordinates.size();
      if (consumed && context_.mutation.operand_lines_freed_when_consumed) continue;
      held += context_.mutation.one_operand_line_per_head ? 1 : fiber.head_lines();
    }
  }
  return held;
}

bool TwinPe::issue_pointers(Cycle t) {
  for (TaskState& task : tasks_) {
    const Reply* reply = nullptr;
    LineAddr first = 0, last = 0;  // lines of the request
    for (FiberState& fiber : task.fibers) {
      if (fiber.fiber->partial || fiber.pointers != nullptr) continue;
      if (reply == nullptr) {
        if (port_is_busy(t)) return true;
        first = fiber.first_pointer_line, last = fiber.last_pointer_line;
        reply = &request(nullptr, first, last - first + 1, t);
        if (last > first) ++log_.events["pointers_in_two_lines"];
        fiber.pointers = reply;
        continue;
      }
      if (context_.mutation.pointers_for_one_fiber) break;
      if (fiber.first_pointer_line < first || fiber.last_pointer_line > last) break;
      if (fiber.last_pointer_line - fiber.first_pointer_line < last - first) {
        if (context_.mutation.pointers_in_equal_lines) break;
        ++log_.events["pointers_in_one_of_two_lines"];
      }
      fiber.pointers = reply;
      ++log_.events["pointers_shared"];
    }
    if (reply == nullptr) continue;
    outstanding_.push_back(reply);
    return true;
  }
  return false;
}

/// All lines arrive at their banks in this cycle. `fiber`: whose elements they hold, nullptr for pointers.
const Reply& TwinPe::request(const FiberState* fiber, LineAddr first, std::uint64_t lines, Cycle t) {
  const PeMutation& mutation = context_.mutation;
  Request& request = requests_.emplace_back();
  for (std::uint64_t i = 0; i < lines; ++i) {
    const LineAddr line = first + (mutation.lines_backwards ? lines - 1 - i : i);
    if (fiber == nullptr) {
      request.lines.push_back(&cache_.access(TwinCache::Kind::read, line, Tensor::pointers, 0, t, context_.cluster));
    } else if (fiber->fiber->partial) {
      request.lines.push_back(
          &cache_.access(TwinCache::Kind::take, line, Tensor::partial, bytes_of(*fiber).in_line(line), t));
    } else {
      request.lines.push_back(&cache_.access(TwinCache::Kind::read, line, Tensor::b, 0, t, context_.cluster));
    }
  }
  if (mutation.lines_backwards) std::reverse(request.lines.begin(), request.lines.end());
  request.earliest = t + lines - 1 + context_.sram_latency + mutation.replies_later - mutation.replies_earlier;
  port_free_at_ = mutation.port_never_busy ? t + 1 : t + lines + mutation.port_beats_more;
  log_.mark(t);
  decide_replies();
  return request.reply;
}

/// A request is answered when all its lines are: the milestones are those of the line that comes last.
void TwinPe::decide_replies() {
  for (Request& request : requests_) {
    if (request.reply.known()) continue;
    const Reply* last = request.lines.front();
    bool all_known = true;
    for (const Reply* line : request.lines) {
      if (!line->known()) all_known = false;
      if (line->at > last->at || (context_.mutation.last_of_latest_lines && line->at == last->at)) last = line;
    }
    if (!all_known) continue;
    request.reply = *last;
    request.reply.at = std::max(last->at, request.earliest);
    if (last->at < request.earliest) ++log_.events["replies_limited_by_beats"];
  }
}

}  // namespace heddle::twin
