// The loader of a PE (rule 19): refills, line stage and pointer stage share one request port.
#include "tests/twin/twin_pe.h"

namespace heddle::twin {

bool TwinPe::pointers_in(const FiberState& fiber, Cycle t) const {
  if (fiber.pointers.size() < fiber.pointer_lines.size()) return false;
  for (const Reply* reply : fiber.pointers)
    if (!is_in(*reply, t)) return false;
  return true;
}

void TwinPe::port(Cycle t) {
  std::erase_if(outstanding_, [t](const Reply* reply) { return is_in(*reply, t); });
  pass_what_needs_no_request(t);
  const bool free_buffer = outstanding_.size() < config_.line_buffers;  // a refill needs none
  if (context_.mutation.lines_before_refills) {
    if (!(free_buffer && issue_line(t)) && !issue_refill(t) && free_buffer) issue_pointer(t);
  } else if (!issue_refill(t) && free_buffer) {
    if (context_.mutation.pointers_before_lines) {
      if (!issue_pointer(t)) issue_line(t);
    } else if (!issue_line(t)) {
      issue_pointer(t);
    }
  }
  pass_what_needs_no_request(t);
}

/// Fibers without elements and lines already refilled (line stage), fibers whose pointer lines are the last one
/// requested (pointer stage) take no time.
void TwinPe::pass_what_needs_no_request(Cycle t) {
  for (bool progress = true; progress;) {
    progress = false;
    if (FiberState* fiber = line_stage_fiber(); fiber != nullptr && pointers_in(*fiber, t)) {
      while (fiber->next_line < fiber->lines.size() && fiber->lines[fiber->next_line].refill_queued) {
        ++fiber->next_line;
        progress = true;
      }
      const std::uint64_t end =
          context_.prefetch ? fiber->lines.size() : std::min<std::uint64_t>(2, fiber->lines.size());
      if (fiber->next_line >= end) fiber->passed = progress = true;
    }
    if (FiberState* fiber = pointer_stage_fiber(); fiber != nullptr) {
      const LineAddr line = fiber->pointer_lines[fiber->pointers.size()];
      if (last_pointer_line_ == line) {
        fiber->pointers.push_back(last_pointer_reply_);
        progress = true;
      }
    }
  }
}

/// The fiber the line stage is at, nullptr when it has passed all.
TwinPe::FiberState* TwinPe::line_stage_fiber() {
  for (TaskState& task : tasks_)
    for (FiberState& fiber : task.fibers)
      if (!fiber.passed) return &fiber;
  return nullptr;
}

/// The fiber the pointer stage is at, nullptr when it has passed all.
TwinPe::FiberState* TwinPe::pointer_stage_fiber() {
  for (TaskState& task : tasks_)
    for (FiberState& fiber : task.fibers)
      if (fiber.pointers.size() < fiber.pointer_lines.size()) return &fiber;
  return nullptr;
}

/// Operand buffers in use: heads requested for tasks that have not ended.
std::uint64_t TwinPe::operand_lines_held() const {
  std::uint64_t held = 0;
  for (const TaskState& task : tasks_)
    for (const FiberState& fiber : task.fibers)
      for (std::uint64_t i = 0; i < std::min<std::uint64_t>(2, fiber.lines.size()); ++i)
        if (fiber.lines[i].reply != nullptr) ++held;
  return held;
}

/// Read or take line `index` of the fiber.
void TwinPe::request(FiberState& fiber, std::uint64_t index, Cycle t) {
  Line& line = fiber.lines[index];
  const bool partial = fiber.fiber->partial;
  line.reply = &cache_.access(partial ? TwinCache::Kind::take : TwinCache::Kind::read, line.line,
                              partial ? Tensor::partial : Tensor::b, bytes_of(fiber).in_line(line.line), t);
  log_.mark(t);
}

bool TwinPe::issue_refill(Cycle t) {
  if (refills_.empty()) return false;
  const Refill refill = context_.mutation.newest_refill_first ? refills_.back() : refills_.front();
  context_.mutation.newest_refill_first ? refills_.pop_back() : refills_.pop_front();
  request(*refill.fiber, refill.index, t);
  ++log_.events["refills"];
  return true;
}

bool TwinPe::issue_line(Cycle t) {
  FiberState* fiber = line_stage_fiber();
  if (fiber == nullptr || !pointers_in(*fiber, t)) return false;
  const std::uint64_t index = fiber->next_line;
  if (index >= 2) {
    const bool partial = fiber->fiber->partial;
    outstanding_.push_back(
        &cache_.access(TwinCache::Kind::fetch, fiber->lines[index].line, partial ? Tensor::partial : Tensor::b, 0, t));
    ++log_.events["fetches"];
  } else if (operand_lines_held() == config_.operand_lines) {
    ++log_.events["operand_lines_full"];
    return false;
  } else {
    request(*fiber, index, t);
    outstanding_.push_back(fiber->lines[index].reply);
  }
  ++fiber->next_line;
  log_.mark(t);
  return true;
}

bool TwinPe::issue_pointer(Cycle t) {
  FiberState* fiber = pointer_stage_fiber();
  if (fiber == nullptr) return false;
  if (fiber->number > line_stage_fiber()->number + config_.line_buffers) return false;  // too far ahead
  last_pointer_line_ = fiber->pointer_lines[fiber->pointers.size()];
  last_pointer_reply_ = &cache_.access(TwinCache::Kind::read, *last_pointer_line_, Tensor::pointers, 0, t);
  fiber->pointers.push_back(last_pointer_reply_);
  outstanding_.push_back(last_pointer_reply_);
  log_.mark(t);
  return true;
}

}  // namespace heddle::twin
