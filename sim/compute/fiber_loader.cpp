#include "sim/compute/fiber_loader.h"

#include <algorithm>
#include <bit>

#include "sim/base/errors.h"
#include "sim/compute/merge_plan.h"

namespace heddle {
namespace {

/// Pointer lines that fibers between the two stages can refer to: two each, at most `line_buffers` fibers apart or as
/// many as the PE holds, and the one requested last.
std::size_t records_needed(const PeConfig& pe) {
  const std::uint64_t held = std::uint64_t{pe.fetch_ahead + 1} * pe.radix;
  return std::bit_ceil(2 * (std::min<std::uint64_t>(pe.line_buffers, held) + 2) + 1);
}

}  // namespace

FiberLoader::FiberLoader(const MergePeConfig& config, Cache& cache, ReplySink& owner)
    : cache_(cache),
      owner_(owner),
      config_(config),
      records_(records_needed(config.pe)),
      task_ring_(config.pe.fetch_ahead + 1),
      next_push_(task_ring_.data()) {
  first_ = line_stage_.state = pointer_stage_.state = next_push_;
}

std::span<FiberRef> FiberLoader::reserve(std::uint32_t fibers) {
  HEDDLE_CHECK(tasks_ < task_ring_.size());
  TaskState& task = *next_push_;
  if (task.refs.size() < fibers) task.refs.resize(fibers), task.fibers.resize(fibers);
  task.task.fibers = fibers;
  return {task.refs.data(), fibers};
}

void FiberLoader::push(const Task& pushed, Cycle now) {
  TaskState& task = *next_push_;
  HEDDLE_DCHECK(task.task.fibers == pushed.fibers);
  task.task = pushed;
  task.first_ordinal = ordinals_;
  task.elements = task.undecided = 0;
  task.buffers = 0;
  task.long_fibers = false;
  task.head_number = task.pointer_number = kNone;
  task.head.at = task.pointer.at = 0;
  for (std::uint32_t f = 0; f < pushed.fibers; ++f) {
    const FiberRef& ref = task.refs[f];
    FiberState& fiber = task.fibers[f];
    fiber.lines = fiber_lines(ref, config_.element_bytes);
    fiber.number = f;
    fiber.pointers_known = pushed.kind == FiberKind::partial;
    fiber.pointers_in = 0;
    fiber.refilled = 1;
    fiber.task = &task;
    task.elements += ref.elements;
    task.undecided += std::min(fiber.lines, 2u) + (fiber.pointers_known ? 0 : 1);
    task.long_fibers |= fiber.lines > 2;
    __builtin_prefetch(ref.coordinates);
  }
  if (task.long_fibers && task.refills.size() < 2 * std::size_t{pushed.fibers}) {
    task.refills.resize(2 * std::size_t{pushed.fibers});
  }
  ordinals_ += pushed.fibers;
  ++tasks_;
  next_push_ = after(next_push_);
  last_push_ = now;
  unsettle();
}

void FiberLoader::charge_start(CycleAccount& account) const {
  const TaskState& task = first();
  const Tensor tensor = task.task.kind == FiberKind::b ? Tensor::b : Tensor::partial;
  if (task.pointer_number != kNone && (task.head_number == kNone || task.pointer.at > task.head.at))
    return charge_wait(account, task.pointer, Tensor::pointers);
  if (task.head_number == kNone) return;
  if (task.task.kind == FiberKind::b) charge_wait(account, task.head_pointer, Tensor::pointers);
  charge_wait(account, task.head, tensor);
}

void FiberLoader::queue_refill(std::uint32_t fiber, std::uint32_t line, Cycle ready) {
  TaskState& task = first();
  task.refills[2 * fiber + line % 2].at = kNever;
  task.fibers[fiber].refilled = line;
  task.fibers[fiber].refill_ready[line % 2] = ready;
  refills_.push_back({fiber, line, ready});
  if (line_stage_.state == &task && line_stage_.fiber == fiber) unsettle();  // it may skip the line
}

void FiberLoader::pop() {
  HEDDLE_DCHECK(refills_.empty());
  operand_lines_used_ -= first().buffers;
  const std::uint64_t next_ordinal = first().first_ordinal + first().task.fibers;
  unsettle();
  ++popped_;
  --tasks_;
  first_ = after(first_);
  if (line_stage_.task < popped_) {
    line_stage_ = {popped_, first_, 0, next_ordinal};
    in_fiber_ = false;
  }
  pointer_settled_ = false;
  if (pointer_stage_.task < popped_) {
    pointer_stage_ = {popped_, first_, 0, next_ordinal};
    second_pointer_ = false;
  }
}

/// Pass what needs no request; `t` if the line stage has one to issue, a later cycle if its pointers come then, else
/// kNever.
Cycle FiberLoader::settle_line_stage(Cycle t) {
  while (line_stage_.task < popped_ + visible(t)) {
    const TaskState& task = *line_stage_.state;
    if (line_stage_.fiber == task.task.fibers) {
      line_stage_ = {line_stage_.task + 1, after(line_stage_.state), 0, line_stage_.ordinal};
      continue;
    }
    const FiberState& fiber = task.fibers[line_stage_.fiber];
    if (!in_fiber_) {
      if (!fiber.pointers_known) return kNever;
      if (fiber.pointers_in > t) return fiber.pointers_in;
      in_fiber_ = true;
      line_ = 0;
      line_end_ = config_.prefetch ? fiber.lines : std::min(fiber.lines, 2u);
    }
    while (line_ >= 2 && line_ < line_end_ && refill_queued(fiber, line_, t)) ++line_;
    if (line_ < line_end_) return line_ < 2 && operand_lines_used_ == config_.pe.operand_lines ? kNever : t;
    in_fiber_ = false;
    ++line_stage_.fiber;
    ++line_stage_.ordinal;
    pointer_settled_ = false;
  }
  return kNever;
}

/// Pass fibers that need no pointer request; true if the stage has one to issue in cycle `t`.
bool FiberLoader::settle_pointer_stage(Cycle t) {
  pointer_settled_ = true;
  tasks_seen_ = popped_ + visible(t);
  while (pointer_stage_.task < tasks_seen_) {
    TaskState& task = *pointer_stage_.state;
    if (pointer_stage_.fiber == task.task.fibers) {
      pointer_stage_ = {pointer_stage_.task + 1, after(pointer_stage_.state), 0, pointer_stage_.ordinal};
      continue;
    }
    if (task.task.kind == FiberKind::b) {
      FiberState& fiber = task.fibers[pointer_stage_.fiber];
      const FiberRef& ref = task.refs[pointer_stage_.fiber];
      const bool near = pointer_stage_.ordinal <= line_stage_.ordinal + config_.pe.line_buffers;
      if (!second_pointer_) {
        if (last_record_ == kNone || pointer_line(ref, 0) != last_pointer_line_) return near;
        fiber.records[0] = last_record_;
        second_pointer_ = true;
      }
      if (pointer_line(ref, 1) != last_pointer_line_) return near;
      fiber.records[1] = last_record_;
      second_pointer_ = false;
      pass_pointers(fiber);
    }
    ++pointer_stage_.fiber;
    ++pointer_stage_.ordinal;
  }
  return false;
}

void FiberLoader::settle_stages(Cycle t) {
  bool passed;
  do {
    const std::uint64_t ordinal = pointer_stage_.ordinal;
    stage_issue_ = line_ready(t) ? t : settle_line_stage(t);
    line_goes_ = stage_issue_ == t;
    if (!pointer_settled_ || tasks_seen_ != popped_ + visible(t)) pointer_goes_ = settle_pointer_stage(t);
    if (pointer_goes_) stage_issue_ = t;
    passed = pointer_stage_.ordinal != ordinal;
  } while (passed && !line_goes_);  // the line stage may have waited for a fiber that needed no request
}

Cycle FiberLoader::next_issue(Cycle from) {
  settle(from);
  const Cycle stages =
      stage_issue_ == kNever ? kNever : std::max(stage_issue_, in_flight_.below(config_.pe.line_buffers, from));
  return refills_.empty() ? stages : std::min(stages, std::max(from, refills_.front().ready));
}

bool FiberLoader::issue(Cycle now) {
  if (!refills_.empty() && refills_.front().ready <= now) return issue_refill(now);
  settle(now);
  if (stage_issue_ != now || in_flight_.below(config_.pe.line_buffers, now) != now) return false;
  last_issue_ = now;
  unsettle();
  if (line_goes_) return issue_line(now);
  issue_pointer(now);
  return false;
}

/// A stage's request has been issued: it is in flight, and its slot is free again if it is answered.
void FiberLoader::issued(std::uint32_t slot, Cycle at, Cycle now) {
  if (at > now + 1) in_flight_.add(at);  // nothing can be issued before that cycle anyway
  if (at != kNever) slots_.give_back(slot);
}

LineAddr FiberLoader::pointer_line(const FiberRef& fiber, std::uint32_t which) const {
  return (fiber.pointer_byte + (which == 0 ? 0 : 2 * config_.pointer_bytes - 1)) / kLineBytes;
}

std::uint32_t FiberLoader::bytes_in_line(const FiberRef& fiber, std::uint32_t line) const {
  const std::uint64_t start = (fiber.first_byte / kLineBytes + line) * kLineBytes;
  const std::uint64_t end =
      fiber.first_byte + fiber.header_bytes + std::uint64_t{fiber.elements} * config_.element_bytes;
  return static_cast<std::uint32_t>(std::min(start + kLineBytes, end) - std::max(start, fiber.first_byte));
}

void FiberLoader::request(const TaskState& task, const FiberRef& fiber, std::uint32_t line, Cycle now, Reply& reply) {
  const LineAddr address = fiber.first_byte / kLineBytes + line;
  if (task.task.kind == FiberKind::b)
    cache_.read(address, Tensor::b, now, reply);
  else
    cache_.take(address, bytes_in_line(fiber, line), now, reply);
}

bool FiberLoader::issue_refill(Cycle now) {
  last_issue_ = now;
  const RefillRequest refill = refills_.front();
  refills_.pop_front();
  Reply& reply = first().refills[2 * refill.fiber + refill.line % 2];
  reply.sink = &owner_;
  reply.tag = kRefillTag;
  request(first(), first().refs[refill.fiber], refill.line, now, reply);
  return reply.known();
}

bool FiberLoader::issue_line(Cycle now) {
  TaskState& task = *line_stage_.state;
  const FiberRef& ref = task.refs[line_stage_.fiber];
  const std::uint32_t index = slots_.take();
  Slot& slot = slots_[index];
  slot.reply.sink = &owner_;
  slot.reply.tag = index;
  const std::uint32_t line = line_++;
  if (line >= 2) {
    slot.use = Use::fetch;
    cache_.fetch(ref.first_byte / kLineBytes + line, task.task.kind == FiberKind::b ? Tensor::b : Tensor::partial, now,
                 slot.reply);
    issued(index, slot.reply.at, now);
    return false;
  }
  ++operand_lines_used_;
  ++task.buffers;
  slot.use = Use::head;
  slot.number = 2 * line_stage_.fiber + line;
  slot.task = &task;
  request(task, ref, line, now, slot.reply);
  const Reply& pointer = task.task.kind == FiberKind::b ? later_pointer(task.fibers[line_stage_.fiber]) : slot.pointer;
  if (slot.reply.known())
    head_known(task, slot.reply, pointer, slot.number);
  else
    slot.pointer = pointer;
  issued(index, slot.reply.at, now);
  return task.undecided == 0;
}

void FiberLoader::issue_pointer(Cycle now) {
  FiberState& fiber = pointer_stage_.state->fibers[pointer_stage_.fiber];
  const FiberRef& ref = pointer_stage_.state->refs[pointer_stage_.fiber];
  const std::uint32_t index = slots_.take();
  const std::uint32_t number = next_record_;
  next_record_ = (next_record_ + 1) & static_cast<std::uint32_t>(records_.size() - 1);
  Reply& reply = records_[number].reply;
  HEDDLE_DCHECK(records_[number].waiters == nullptr);
  slots_[index].use = Use::pointer;
  slots_[index].number = number;
  reply.sink = &owner_;
  reply.tag = index;
  last_record_ = number;
  last_pointer_line_ = pointer_line(ref, second_pointer_ ? 1 : 0);
  cache_.read(last_pointer_line_, Tensor::pointers, now, reply);
  issued(index, reply.at, now);
  pointer_settled_ = false;
  if (!second_pointer_) fiber.records[0] = number;
  second_pointer_ = !second_pointer_ && pointer_line(ref, 1) != last_pointer_line_;
  if (second_pointer_) return;
  fiber.records[1] = number;
  pass_pointers(fiber);
  ++pointer_stage_.fiber;
  ++pointer_stage_.ordinal;
}

/// The pointer stage leaves `fiber`: when its pointers come is known now or when their replies are decided.
void FiberLoader::pass_pointers(FiberState& fiber) {
  for (const std::uint32_t number : fiber.records) {
    PointerRecord& record = records_[number];
    if (record.reply.known()) continue;
    fiber.next_waiter = record.waiters;
    record.waiters = &fiber;
    return;
  }
  resolve_pointers(fiber);
}

const Reply& FiberLoader::later_pointer(const FiberState& fiber) const {
  const Reply& k = records_[fiber.records[0]].reply;
  const Reply& k1 = records_[fiber.records[1]].reply;
  return k1.at > k.at ? k1 : k;
}

void FiberLoader::resolve_pointers(FiberState& fiber) {
  const Reply& reply = later_pointer(fiber);
  fiber.pointers_known = true;
  fiber.pointers_in = reply.at;
  TaskState& task = *fiber.task;
  --task.undecided;
  if (fiber.lines != 0) return;
  if (task.pointer_number == kNone || reply.at > task.pointer.at ||
      (reply.at == task.pointer.at && fiber.number < task.pointer_number)) {
    task.pointer = reply;
    task.pointer_number = fiber.number;
  }
}

void FiberLoader::pointer_known(PointerRecord& record) {
  FiberState* fiber = record.waiters;
  record.waiters = nullptr;
  while (fiber != nullptr) {
    FiberState* next = fiber->next_waiter;
    pass_pointers(*fiber);
    fiber = next;
  }
}

void FiberLoader::head_known(TaskState& task, const Reply& reply, const Reply& pointer, std::uint32_t number) {
  --task.undecided;
  if (task.head_number != kNone && (reply.at < task.head.at || (reply.at == task.head.at && number > task.head_number)))
    return;
  task.head = reply;
  task.head_pointer = pointer;
  task.head_number = number;
}

bool FiberLoader::on_reply(Reply& reply) {
  if (reply.tag == kRefillTag) return false;
  const std::uint32_t index = reply.tag;
  Slot& slot = slots_[index];
  const bool full = in_flight_.count() >= config_.pe.line_buffers;
  in_flight_.decide(reply.at);
  unsettle();
  const Use use = slot.use;
  if (use == Use::head) head_known(*slot.task, reply, slot.pointer, slot.number);
  if (use == Use::pointer) pointer_known(records_[slot.number]);
  slots_.give_back(index);
  return use == Use::pointer || full;
}

std::string FiberLoader::waiting_for() const {
  if (tasks_ == 0) return "no task";
  return std::to_string(tasks_) + " tasks held, " + std::to_string(first().undecided) +
         " operands of the current one not decided, " + std::to_string(in_flight_.undecided()) +
         " requests not answered, " + std::to_string(operand_lines_used_) + " operand lines used";
}

}  // namespace heddle
