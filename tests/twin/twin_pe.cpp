// The merger and the account of a PE; loader and writer are in twin_pe_loader.cpp and twin_pe_writer.cpp.
#include "tests/twin/twin_pe.h"

namespace heddle::twin {

void TwinPe::give(std::shared_ptr<TwinTask> task, Cycle t) {
  log_.mark(t);
  inbox_.emplace_back(std::move(task), t);
}

bool TwinPe::done() const {
  if (!tasks_.empty() || !inbox_.empty()) return false;
  for (const WriteBurst& burst : write_bursts_)
    if (burst.replies.empty()) return false;
  return true;
}

void TwinPe::step(Cycle t) {
  while (!inbox_.empty() && inbox_.front().second < t) {
    accept(inbox_.front().first);
    inbox_.pop_front();
  }
  decide_replies();
  if (context_.mutation.port_before_merge) port(t);
  merge(t);
  issue_writes(t);
  if (!context_.mutation.port_before_merge) port(t);
}

void TwinPe::accept(std::shared_ptr<TwinTask> task) {
  TaskState& state = tasks_.emplace_back();
  state.task = std::move(task);
  state.output = state.task->merged();
  state.inputs_left = state.task->inputs();
  const std::uint64_t h = lines_of_a_burst(*state.task);
  for (const TwinFiber& fiber : state.task->fibers) {
    FiberState& f = state.fibers.emplace_back();
    f.fiber = &fiber;
    const ByteRange bytes = bytes_of(f);
    const std::uint64_t lines = lines_spanned(bytes.first, bytes.last);
    for (std::uint64_t i = 0; i < lines; ++i) {
      if (i % h == 0) f.bursts.push_back({line_of(bytes.first) + i, 0, nullptr});
      ++f.bursts.back().lines;
    }
    f.first_pointer_line = line_of(context_.b_pointers.byte(fiber.pointer));
    f.last_pointer_line = line_of(context_.b_pointers.byte(fiber.pointer + 2) - 1);
  }
}

/// h of the task.
std::uint64_t TwinPe::lines_of_a_burst(const TwinTask& task) {
  std::uint64_t fibers = 0;
  for (const TwinFiber& fiber : task.fibers)
    if (!fiber.coordinates.empty() || !context_.mutation.empty_fibers_uncounted) ++fibers;
  const std::uint64_t share = fibers == 0 ? 1 : config_.operand_lines / (context_.mutation.shares_of_a_fiber * fibers);
  const std::uint64_t h = std::max<std::uint64_t>(1, std::min<std::uint64_t>(config_.burst_lines, share));
  ++log_.events["bursts_of_" + std::to_string(h)];
  if (last_lines_of_a_burst_ != 0 && last_lines_of_a_burst_ != h) ++log_.events["burst_changes"];
  last_lines_of_a_burst_ = h;
  return h;
}

ByteRange TwinPe::bytes_of(const FiberState& fiber) const {
  const TwinFiber& f = *fiber.fiber;
  if (f.coordinates.empty()) return {f.first_byte, f.first_byte};
  return {f.first_byte, f.first_byte + f.header + f.coordinates.size() * context_.element_bytes};
}

ByteRange TwinPe::next_element(const FiberState& fiber) const {
  const std::uint64_t first = fiber.fiber->first_byte + fiber.fiber->header + fiber.consumed * context_.element_bytes;
  return {first, first + context_.element_bytes};
}

ByteRange TwinPe::next_element(const TaskState& task) const {
  const std::uint64_t first = task.task->first_byte + task.outputs_done * context_.element_bytes;
  return {first, first + context_.element_bytes};
}

ByteRange TwinPe::output_of(const TaskState& task) const {
  return {task.task->first_byte, task.task->first_byte + task.output.size() * context_.element_bytes};
}

// ---- merger

void TwinPe::merge(Cycle t) {
  end_empty_tasks(t);
  if (tasks_.empty()) return;
  TaskState& task = tasks_.front();
  if (!task.started && can_start(task, t)) start(task);
  if (!task.started || !work(task, t)) return wait(t);
  account.set(t, {Activity::Kind::busy});
  if (task.inputs_left > 0) return;
  end_current(t);
  end_empty_tasks(t);
}

/// A task without any element takes no cycle; the next one is current in the same cycle.
void TwinPe::end_empty_tasks(Cycle t) {
  while (!tasks_.empty() && tasks_.front().inputs_left == 0) {
    for (const FiberState& fiber : tasks_.front().fibers)
      if (!pointers_in(fiber, t)) return;
    ++log_.events["empty_tasks"];
    charge_start(tasks_.front());
    end_current(t);
  }
}

void TwinPe::end_current(Cycle t) {
  tasks_.front().task->ended_on_pe = t;
  tasks_.pop_front();
  account.task_ended(t);
  log_.mark(t);
}

bool TwinPe::can_start(const TaskState& task, Cycle t) const {
  if (last_consumed_ == t) return false;
  for (const FiberState& fiber : task.fibers) {
    if (!pointers_in(fiber, t) || !fiber.head_requested()) return false;
    if (!fiber.bursts.empty() && !is_in(*fiber.bursts[0].reply, t)) return false;
  }
  return true;
}

void TwinPe::start(TaskState& task) {
  charge_start(task);
  task.started = true;
  write_room_since_.reset();
  std::vector<FiberState*> fibers;
  for (FiberState& fiber : task.fibers) fibers.push_back(&fiber);
  if (context_.mutation.header_bursts_backwards) std::reverse(fibers.begin(), fibers.end());
  for (FiberState* fiber : fibers) {  // burst 0 may hold header bytes only
    if (fiber->bursts.size() <= 2) continue;
    const std::uint64_t end = (fiber->bursts[0].first + fiber->bursts[0].lines) * kLineBytes;
    if (fiber->fiber->first_byte + fiber->fiber->header < end) continue;
    ++log_.events["header_only_bursts"];
    queue_refill(*fiber, 2);
  }
}

void TwinPe::queue_refill(FiberState& fiber, std::uint64_t index) {
  if (index < fiber.bursts.size()) refills_.push_back({&fiber, index});
}

/// The fiber whose next element has the smallest coordinate, the first of them.
TwinPe::FiberState& TwinPe::smallest_head(TaskState& task) const {
  FiberState* smallest = nullptr;
  for (FiberState& fiber : task.fibers) {
    if (fiber.consumed == fiber.fiber->coordinates.size()) continue;
    if (smallest == nullptr ||
        fiber.fiber->coordinates[fiber.consumed] < smallest->fiber->coordinates[smallest->consumed])
      smallest = &fiber;
  }
  return *smallest;
}

/// No other fiber's next element has the same coordinate.
bool TwinPe::last_input_of_output(const TaskState& task, const FiberState& of) const {
  const Coordinate coordinate = of.fiber->coordinates[of.consumed];
  for (const FiberState& fiber : task.fibers)
    if (&fiber != &of && fiber.consumed < fiber.fiber->coordinates.size() &&
        fiber.fiber->coordinates[fiber.consumed] == coordinate)
      return false;
  return true;
}

std::vector<const Reply*> TwinPe::bursts_of_next_element(const FiberState& fiber) const {
  const ByteRange element = next_element(fiber);
  std::vector<const Reply*> bursts;
  for (const Burst& burst : fiber.bursts)
    if (element.first < (burst.first + burst.lines) * kLineBytes && burst.first * kLineBytes < element.last)
      bursts.push_back(burst.reply);
  return bursts;
}

/// Up to merge_width elements, or one of merge_interval cycles. False: nothing was done in this cycle.
bool TwinPe::work(TaskState& task, Cycle t) {
  if (consume_at_) {
    if (*consume_at_ > t) return true;
    consume_at_.reset();
    consume(task, smallest_head(task), t);
    return true;
  }
  bool worked = false;
  for (std::uint64_t n = 0; n < config_.merge_width && task.inputs_left > 0; ++n) {
    if (!try_consume(task, t)) {
      if (worked) ++log_.events["short_groups"];
      break;
    }
    worked = true;
  }
  return worked;
}

bool TwinPe::try_consume(TaskState& task, Cycle t) {
  FiberState& fiber = smallest_head(task);
  if (!write_room_since_) {
    const auto wanted = last_input_of_output(task, fiber) ? new_write_bursts(task) : std::vector<WriteBurst>{};
    if (write_room(wanted, t)) write_room_since_ = t;
  }
  const std::vector<const Reply*> bursts = bursts_of_next_element(fiber);
  for (const Reply* burst : bursts)
    if (burst == nullptr || !is_in(*burst, t)) return false;
  if (!write_room_since_) return false;
  charge_element(task, fiber.fiber->partial ? Tensor::partial : Tensor::b, bursts);
  log_.mark(t);
  if (config_.merge_interval == 1) {
    consume(task, fiber, t);
  } else {
    consume_at_ = t + config_.merge_interval - 1;
  }
  return true;
}

void TwinPe::consume(TaskState& task, FiberState& fiber, Cycle t) {
  log_.mark(t);
  last_consumed_ = t;
  if (!fiber.fiber->partial) ++products;
  if (last_input_of_output(task, fiber)) emit(task, t);
  const ByteRange element = next_element(fiber);
  for (std::uint64_t j = 0; j < fiber.bursts.size(); ++j) {
    const std::uint64_t last = (fiber.bursts[j].first + fiber.bursts[j].lines) * kLineBytes - 1;  // byte of burst j
    if (element.first <= last && last < element.last) queue_refill(fiber, j + 2);
  }
  ++fiber.consumed;
  --task.inputs_left;
  write_room_since_.reset();
}

// ---- account (rule 20): the cycles of a wait are charged when it is over

void TwinPe::charge_start(const TaskState& task) {
  const Reply* head = nullptr;
  const FiberState* head_fiber = nullptr;
  const Reply* pointers = nullptr;  // the latest of the task
  for (const FiberState& fiber : task.fibers) {
    if (!fiber.bursts.empty()) {
      const Reply* reply = fiber.bursts[0].reply;
      if (head == nullptr || reply->at > head->at || (context_.mutation.last_of_latest_heads && reply->at == head->at))
        head = reply, head_fiber = &fiber;
    }
    if (fiber.pointers != nullptr && (pointers == nullptr || fiber.pointers->at > pointers->at))
      pointers = fiber.pointers;
  }
  for (const Cycle c : waiting_) {
    if (head == nullptr || (pointers != nullptr && pointers->at > head->at)) {
      account.set(c, waiting_cell(c, *pointers, Tensor::pointers));
    } else if (head_fiber->pointers != nullptr && c < head_fiber->pointers->at) {
      account.set(c, waiting_cell(c, *head_fiber->pointers, Tensor::pointers));
    } else {
      account.set(c, waiting_cell(c, *head, head_fiber->fiber->partial ? Tensor::partial : Tensor::b));
    }
  }
  waiting_.clear();
}

void TwinPe::charge_element(const TaskState& task, Tensor in, const std::vector<const Reply*>& bursts) {
  if (waiting_.empty()) return;
  const Reply* last = bursts.front();
  for (const Reply* burst : bursts)
    if (burst->at > last->at) last = burst;
  const bool burst_decides = last->at > waiting_.front() && last->at >= *write_room_since_;
  const Tensor out = task.task->to_c ? Tensor::c : Tensor::partial;
  for (const Cycle c : waiting_)
    account.set(c, burst_decides ? waiting_cell(c, *last, in) : stall(out, Cause::output_full));
  if (last->at > waiting_.front() && *write_room_since_ > waiting_.front()) ++log_.events["waits_for_burst_and_room"];
  waiting_.clear();
}

}  // namespace heddle::twin
