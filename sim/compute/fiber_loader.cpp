#include "sim/compute/fiber_loader.h"

#include "sim/base/errors.h"
#include "sim/compute/merge_plan.h"

namespace heddle {
namespace {

/// No more requests can be in flight than the heads and pointers of the tasks held need.
std::size_t slots_needed(const PeConfig& pe) {
  return std::min<std::uint64_t>(pe.line_buffers, 2 * std::uint64_t{pe.radix} * (pe.fetch_ahead + 1));
}

bool later(const Milestones& reply, std::uint32_t number, const Milestones& latest, std::uint32_t latest_number) {
  return reply.at > latest.at || (reply.at == latest.at && number < latest_number);
}

}  // namespace

FiberLoader::FiberLoader(const MergePeConfig& config, Cache& cache, ReplySink& owner)
    : slot_over_(slots_needed(config.pe)),
      slots_(slot_over_.size()),
      cache_(cache),
      config_(config),
      task_ring_(config.pe.fetch_ahead + 1) {
  first_ = next_push_ = heads_.state = pointers_.state = task_ring_.data();
  for (std::uint32_t s = 0; s < slots_.size(); ++s) slots_[s].reply.sink = &owner, slots_[s].reply.tag = s;
  refill_reply_.sink = &owner;
  refill_reply_.tag = kRefillTag;
}

std::span<FiberRef> FiberLoader::reserve(std::uint32_t fibers) {
  HEDDLE_CHECK(tasks_ < task_ring_.size());
  TaskState& task = *next_push_;
  if (task.refs.size() < fibers) {
    task.refs.resize(fibers);
    task.fibers.resize(fibers);
    task.pointers.resize(fibers);
  }
  task.task.fibers = fibers;
  return {task.refs.data(), fibers};
}

void FiberLoader::push(const Task& pushed, Cycle now) {
  TaskState& task = *next_push_;
  HEDDLE_DCHECK(task.task.fibers == pushed.fibers);
  task.task = pushed;
  task.burst_lines = std::max(1u, std::min(config_.pe.burst_lines, config_.pe.operand_lines / (4 * pushed.fibers)));
  task.elements = 0;
  task.undecided = pushed.kind == FiberKind::b ? pushed.fibers : 0;
  task.with_pointers = pushed.kind == FiberKind::b ? 0 : pushed.fibers;
  task.next_head = task.pointer_requests = task.held_lines = 0;
  task.refills = false;
  task.head_fiber = task.pointer_number = kNone;
  task.head.at = task.pointer.at = 0;
  for (std::uint32_t f = 0; f < pushed.fibers; ++f) {
    const FiberRef& ref = task.refs[f];
    const std::uint32_t lines = fiber_lines(ref, config_.element_bytes);
    task.fibers[f].lines = lines;
    task.elements += ref.elements;
    task.undecided += lines != 0 ? 1 : 0;
    task.refills |= lines > 2 * task.burst_lines;
    __builtin_prefetch(ref.coordinates);
  }
  pass_empty_fibers(task);
  ++tasks_;
  next_push_ = after(next_push_);
  last_push_ = now;
}

void FiberLoader::pass_empty_fibers(TaskState& task) const {
  while (task.next_head < task.task.fibers && task.fibers[task.next_head].lines == 0) ++task.next_head;
}

void FiberLoader::charge_start(CycleAccount& account) const {
  const TaskState& task = *first_;
  if (task.pointer_number != kNone && (task.head_fiber == kNone || task.pointer.at > task.head.at))
    return charge_wait(account, task.pointer, Tensor::pointers);
  if (task.head_fiber == kNone) return;
  if (task.task.kind == FiberKind::b)
    charge_wait(account, task.pointers[task.fibers[task.head_fiber].pointer_request], Tensor::pointers);
  charge_wait(account, task.head, task.task.kind == FiberKind::b ? Tensor::b : Tensor::partial);
}

void FiberLoader::queue_refill(std::uint32_t fiber, std::uint32_t burst, Cycle ready) {
  const std::size_t needed = 2 * std::size_t{first_->task.fibers};
  if (refill_replies_.size() < needed) refill_replies_ = std::vector<BurstReply>(needed, refill_reply_);
  refill_replies_[2 * fiber + burst % 2].at = kNever;
  refills_.push_back({fiber, burst, ready});
}

bool FiberLoader::refill_queued(std::uint32_t fiber, std::uint32_t burst) const {
  for (std::size_t i = 0; i < refills_.size(); ++i)
    if (refills_[i].fiber == fiber && refills_[i].burst == burst) return true;
  return false;
}

void FiberLoader::pop() {
  HEDDLE_DCHECK(refills_.empty());
  operand_lines_used_ -= first_->held_lines;
  ++popped_;
  --tasks_;
  first_ = after(first_);
  for (Stage* stage : {&heads_, &pointers_})
    if (stage->task < popped_) *stage = {popped_, first_};
}

/// The task whose head is the next to be requested, if the PE sees it in cycle `t`.
inline FiberLoader::TaskState* FiberLoader::head_task(Cycle t) {
  const std::uint64_t end = popped_ + visible(t);
  for (; heads_.task < end; heads_ = {heads_.task + 1, after(heads_.state)})
    if (heads_.state->next_head < heads_.state->task.fibers) return heads_.state;
  return nullptr;
}

inline FiberLoader::TaskState* FiberLoader::pointer_task(Cycle t) {
  const std::uint64_t end = popped_ + visible(t);
  for (; pointers_.task < end; pointers_ = {pointers_.task + 1, after(pointers_.state)})
    if (pointers_.state->with_pointers < pointers_.state->task.fibers) return pointers_.state;
  return nullptr;
}

/// The cycle, `t` at the earliest, in which the head can be requested: its pointers are in and there is room for it.
inline Cycle FiberLoader::head_ready(const TaskState& task, Cycle t) const {
  const std::uint32_t fiber = task.next_head;
  if (operand_lines_used_ + head_lines(task, fiber) > config_.pe.operand_lines) return kNever;
  if (task.task.kind == FiberKind::partial) return t;
  if (fiber >= task.with_pointers) return kNever;
  return std::max(t, task.pointers[task.fibers[fiber].pointer_request].at);
}

/// A slot whose request is over by `now`; kNone if all are in flight.
inline std::uint32_t FiberLoader::free_slot(Cycle now) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slot_over_[next_slot_] <= now) return next_slot_;
    if (++next_slot_ == slots_.size()) next_slot_ = 0;
  }
  return kNone;
}

/// The first cycle, `from` at the earliest, in which a slot is free, as far as known.
inline Cycle FiberLoader::slot_free(Cycle from) {
  if (free_slot(from) != kNone) return from;
  return *std::min_element(slot_over_.begin(), slot_over_.end());
}

Cycle FiberLoader::next_issue(Cycle from) {
  from = std::max(from, port_free_);
  Cycle stages = kNever;
  if (pointer_task(from) != nullptr)
    stages = from;
  else if (const TaskState* task = head_task(from); task != nullptr)
    stages = head_ready(*task, from);
  if (stages != kNever) stages = slot_free(stages);
  return refills_.empty() ? stages : std::min(stages, std::max(from, refills_.front().ready));
}

bool FiberLoader::issue(Cycle now) {
  if (now < port_free_) return false;
  if (!refills_.empty() && refills_.front().ready <= now) {
    return issue_refill(now);
  }
  if (free_slot(now) == kNone) return false;
  TaskState* task = head_task(now);
  if (task != nullptr && head_ready(*task, now) == now) {
    issue_head(*task, now);
  } else {
    task = pointer_task(now);
    if (task == nullptr) return false;
    issue_pointer(*task, now);
  }
  return task == first_ && task->undecided == 0;
}

/// Lines first, first + 1, ... of the fiber.
inline void FiberLoader::request(const TaskState& task, std::uint32_t number, std::uint32_t first, std::uint32_t lines,
                                 Cycle now, BurstReply& reply) {
  const FiberRef& fiber = task.refs[number];
  const LineAddr line = fiber.first_byte / kLineBytes + first;
  port_free_ = now + lines;
  last_issue_ = now;
  if (task.task.kind == FiberKind::b) return cache_.read(line, lines, Tensor::b, now, reply, config_.cluster);
  const std::uint64_t end =
      fiber.first_byte + fiber.header_bytes + std::uint64_t{fiber.elements} * config_.element_bytes;
  cache_.take(std::max(fiber.first_byte, line * kLineBytes), std::min(end, (line + lines) * kLineBytes), now, reply);
}

bool FiberLoader::issue_refill(Cycle now) {
  const Refill refill = refills_.front();
  refills_.pop_front();
  const std::uint32_t first = refill.burst * first_->burst_lines;
  BurstReply& reply = refill_replies_[2 * refill.fiber + refill.burst % 2];
  request(*first_, refill.fiber, first, std::min(first_->burst_lines, first_->fibers[refill.fiber].lines - first), now,
          reply);
  return reply.known();
}

void FiberLoader::issue_head(TaskState& task, Cycle now) {
  Slot& slot = slots_[next_slot_];
  const std::uint32_t fiber = task.next_head;
  const std::uint32_t lines = head_lines(task, fiber);
  slot.task = &task;
  slot.number = fiber;
  slot.fibers = 0;
  operand_lines_used_ += lines;
  task.held_lines += lines;
  ++task.next_head;
  pass_empty_fibers(task);
  request(task, fiber, 0, lines, now, slot.reply);
  slot_over_[next_slot_] = slot.reply.at;
  if (slot.reply.known()) answered(slot);
}

void FiberLoader::issue_pointer(TaskState& task, Cycle now) {
  const std::uint32_t last_byte = 2 * config_.pointer_bytes - 1;  // of the fiber's pointer and the next
  std::uint32_t fiber = task.with_pointers;
  const LineAddr line = task.refs[fiber].pointer_byte / kLineBytes;
  const LineAddr last_line = (task.refs[fiber].pointer_byte + last_byte) / kLineBytes;
  const auto lines = static_cast<std::uint32_t>(last_line - line + 1);
  Slot& slot = slots_[next_slot_];
  slot.task = &task;
  slot.number = task.pointer_requests++;
  task.pointers[slot.number].at = kNever;
  for (; fiber < task.task.fibers; ++fiber) {
    const std::uint64_t byte = task.refs[fiber].pointer_byte;
    if (byte / kLineBytes < line || (byte + last_byte) / kLineBytes > last_line) break;
    task.fibers[fiber].pointer_request = slot.number;
  }
  slot.fibers = fiber - task.with_pointers;
  task.with_pointers = fiber;
  port_free_ = now + lines;
  last_issue_ = now;
  cache_.read(line, lines, Tensor::pointers, now, slot.reply, config_.cluster);
  slot_over_[next_slot_] = slot.reply.at;
  if (slot.reply.known()) answered(slot);
}

/// The reply of a head or pointer request is decided.
void FiberLoader::answered(const Slot& slot) {
  TaskState& task = *slot.task;
  if (slot.fibers == 0) {
    --task.undecided;
    if (!later(slot.reply, slot.number, task.head, task.head_fiber)) return;
    task.head = slot.reply;
    task.head_fiber = slot.number;
    return;
  }
  task.undecided -= slot.fibers;
  task.pointers[slot.number] = slot.reply;
  if (!later(slot.reply, slot.number, task.pointer, task.pointer_number)) return;
  task.pointer = slot.reply;
  task.pointer_number = slot.number;
}

bool FiberLoader::on_reply(const Reply& reply) {
  if (reply.tag == kRefillTag) return false;
  const Slot& slot = slots_[reply.tag];
  slot_over_[reply.tag] = reply.at;
  answered(slot);
  return true;
}

std::string FiberLoader::waiting_for() const {
  if (tasks_ == 0) return "no task";
  return std::to_string(tasks_) + " tasks held, " + std::to_string(first_->undecided) +
         " operands of the current one not decided, " + std::to_string(operand_lines_used_) + " operand lines used";
}

}  // namespace heddle
