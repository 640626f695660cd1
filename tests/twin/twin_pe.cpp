// The merger and the writer of a PE; the loader is in twin_pe_loader.cpp.
#include "tests/twin/twin_pe.h"

namespace heddle::twin {

void TwinPe::give(std::shared_ptr<TwinTask> task, Cycle t) {
  log_.mark(t);
  inbox_.emplace_back(std::move(task), t);
}

bool TwinPe::done() const {
  if (!tasks_.empty() || !inbox_.empty()) return false;
  for (const WriteLine& line : write_lines_)
    if (line.reply == nullptr) return false;
  return true;
}

void TwinPe::step(Cycle t) {
  while (!inbox_.empty() && inbox_.front().second < t) {
    TaskState& state = tasks_.emplace_back();
    state.task = inbox_.front().first;
    state.output = state.task->merged();
    state.inputs_left = state.task->inputs();
    for (const TwinFiber& fiber : state.task->fibers) {
      FiberState& f = state.fibers.emplace_back();
      f.fiber = &fiber;
      f.number = next_number_++;
      const ByteRange bytes = bytes_of(f);
      for (std::uint64_t i = 0; i < lines_spanned(bytes.first, bytes.last); ++i)
        f.lines.push_back({line_of(bytes.first) + i});
      if (fiber.partial) continue;
      const std::uint64_t first = context_.b_pointers.byte(fiber.pointer);
      const std::uint64_t last = context_.b_pointers.byte(fiber.pointer + 2);
      for (std::uint64_t i = 0; i < lines_spanned(first, last); ++i) f.pointer_lines.push_back(line_of(first) + i);
    }
    inbox_.pop_front();
  }
  pass_what_needs_no_request(t);
  if (context_.mutation.port_before_merge) port(t);
  merge(t);
  issue_writes(t);
  if (!context_.mutation.port_before_merge) port(t);
}

ByteRange TwinPe::bytes_of(const FiberState& fiber) const {
  const TwinFiber& f = *fiber.fiber;
  if (f.coordinates.empty()) return {f.first_byte, f.first_byte};
  return {f.first_byte, f.first_byte + f.header + f.coordinates.size() * context_.element_bytes};
}

ByteRange TwinPe::bytes_of(const TaskState& task, std::uint64_t element) const {
  const std::uint64_t first = task.task->first_byte + element * context_.element_bytes;
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
  if (!task.started && can_start(task, t)) start(task, t);
  if (!task.started || !try_consume(task, t)) {
    wait(t);
    if (task.started && !write_room_since_) ++log_.events["output_full"];
    return;
  }
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
  pass_what_needs_no_request(t);
}

bool TwinPe::can_start(const TaskState& task, Cycle t) const {
  if (last_consumed_ == t) return false;
  for (const FiberState& fiber : task.fibers) {
    if (!pointers_in(fiber, t)) return false;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(2, fiber.lines.size()); ++i)
      if (fiber.lines[i].reply == nullptr || !is_in(*fiber.lines[i].reply, t)) return false;
  }
  return true;
}

void TwinPe::start(TaskState& task, Cycle) {
  charge_start(task);
  task.started = true;
  write_room_since_.reset();
  for (FiberState& fiber : task.fibers) {  // line 0 may hold header bytes only
    const bool header_only =
        fiber.fiber->first_byte + fiber.fiber->header >= (line_of(fiber.fiber->first_byte) + 1) * kLineBytes;
    if (!header_only || fiber.lines.empty()) continue;
    ++log_.events["header_only_lines"];
    queue_refill(fiber, 2);
  }
}

void TwinPe::queue_refill(FiberState& fiber, std::uint64_t index) {
  if (index >= fiber.lines.size()) return;
  fiber.lines[index].refill_queued = true;
  refills_.push_back({&fiber, index});
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

std::vector<const TwinPe::Line*> TwinPe::lines_of_element(const FiberState& fiber) const {
  const std::uint64_t first = fiber.fiber->first_byte + fiber.fiber->header + fiber.consumed * context_.element_bytes;
  const ByteRange element{first, first + context_.element_bytes};
  std::vector<const Line*> lines;
  for (const Line& line : fiber.lines)
    if (element.in_line(line.line) > 0) lines.push_back(&line);
  return lines;
}

/// Lines of the output that its next element is the first to touch.
std::vector<LineAddr> TwinPe::new_write_lines(const TaskState& task) const {
  const ByteRange element = bytes_of(task, task.outputs_done);
  const ByteRange before{task.task->first_byte, element.first};
  std::vector<LineAddr> lines;
  for (LineAddr line = line_of(element.first); line <= line_of(element.last - 1); ++line)
    if (before.in_line(line) == 0) lines.push_back(line);
  return lines;
}

std::uint64_t TwinPe::write_lines_taken(Cycle t) const {
  std::uint64_t taken = 0;
  for (const WriteLine& line : write_lines_)
    if (line.reply == nullptr || !is_in(*line.reply, t)) ++taken;
  return taken;
}

bool TwinPe::try_consume(TaskState& task, Cycle t) {
  FiberState& fiber = smallest_head(task);
  const bool completes = last_input_of_output(task, fiber);
  const std::uint64_t needed = completes ? new_write_lines(task).size() : 0;
  if (!write_room_since_ && write_lines_taken(t) + needed <= config_.write_lines) write_room_since_ = t;
  const std::vector<const Line*> lines = lines_of_element(fiber);
  for (const Line* line : lines)
    if (line->reply == nullptr || !is_in(*line->reply, t)) return false;
  if (!write_room_since_) return false;
  charge_element(task, lines);
  consume(task, fiber, t);
  return true;
}

void TwinPe::consume(TaskState& task, FiberState& fiber, Cycle t) {
  account.set(t, {Activity::Kind::busy});
  log_.mark(t);
  last_consumed_ = t;
  if (!fiber.fiber->partial) ++products;
  if (last_input_of_output(task, fiber)) emit(task, t);
  const std::uint64_t first = fiber.fiber->first_byte + fiber.fiber->header + fiber.consumed * context_.element_bytes;
  const std::uint64_t last_byte = first + context_.element_bytes - 1;
  for (std::uint64_t i = 0; i < fiber.lines.size(); ++i) {
    const std::uint64_t end_of_line = fiber.lines[i].line * kLineBytes + kLineBytes - 1;
    if (first <= end_of_line && end_of_line <= last_byte) queue_refill(fiber, i + 2);
  }
  ++fiber.consumed;
  --task.inputs_left;
  write_room_since_.reset();
}

/// The next output element is complete: it will be in its line `latency` cycles from now.
void TwinPe::emit(TaskState& task, Cycle t) {
  for (const LineAddr line : new_write_lines(task))
    write_lines_.push_back({line, task.task, output_of(task).in_line(line), std::nullopt, nullptr});
  const ByteRange element = bytes_of(task, task.outputs_done);
  for (WriteLine& line : write_lines_) {
    if (line.task != task.task || line.issue_at) continue;
    const std::uint64_t last = std::min(output_of(task).last, (line.line + 1) * kLineBytes) - 1;  // byte of the output
    if (element.first <= last && last < element.last) line.issue_at = t + config_.latency;
  }
  ++task.outputs_done;
  if (task.task->to_c) ++emitted;
}

// ---- account (rule 20): the cycles of a wait are charged when it is over

void TwinPe::charge_start(const TaskState& task) {
  const Reply* head = nullptr;
  const FiberState* head_fiber = nullptr;
  const Reply* pointer = nullptr;  // the latest pointer reply of the task
  for (const FiberState& fiber : task.fibers) {
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(2, fiber.lines.size()); ++i)
      if (head == nullptr || fiber.lines[i].reply->at > head->at) head = fiber.lines[i].reply, head_fiber = &fiber;
    for (const Reply* reply : fiber.pointers)
      if (pointer == nullptr || reply->at > pointer->at) pointer = reply;
  }
  if (head == nullptr || (pointer != nullptr && pointer->at > head->at)) {
    for (const Cycle c : waiting_) account.set(c, waiting_cell(c, *pointer, Tensor::pointers));
    waiting_.clear();
    return;
  }
  const Reply* own = nullptr;  // the later of the pointer replies of the head line's fiber
  for (const Reply* reply : head_fiber->pointers)
    if (own == nullptr || reply->at > own->at) own = reply;
  const Tensor tensor = head_fiber->fiber->partial ? Tensor::partial : Tensor::b;
  for (const Cycle c : waiting_) {
    if (own != nullptr && c < own->at)
      account.set(c, waiting_cell(c, *own, Tensor::pointers));
    else
      account.set(c, waiting_cell(c, *head, tensor));
  }
  waiting_.clear();
}

void TwinPe::charge_element(const TaskState& task, const std::vector<const Line*>& lines) {
  if (waiting_.empty()) return;
  const Line* last = lines.front();
  for (const Line* line : lines)
    if (line->reply->at > last->reply->at) last = line;
  const bool lines_decide = last->reply->at > waiting_.front() && last->reply->at >= *write_room_since_;
  const Tensor in = smallest_head(const_cast<TaskState&>(task)).fiber->partial ? Tensor::partial : Tensor::b;
  const Tensor out = task.task->to_c ? Tensor::c : Tensor::partial;
  for (const Cycle c : waiting_)
    account.set(c, lines_decide ? waiting_cell(c, *last->reply, in) : stall(out, Cause::output_full));
  waiting_.clear();
}

// ---- writer

void TwinPe::issue_writes(Cycle t) {
  for (WriteLine& line : write_lines_) {  // of one cycle: one task, in address order
    if (line.issue_at != t) continue;
    log_.mark(t);
    if (!line.task->to_c) {
      line.reply = &cache_.access(TwinCache::Kind::put, line.line, Tensor::partial, line.bytes, t);
      line.task->puts.push_back(line.reply);
    } else if (combining_.shared(line.line)) {
      line.reply = &combining_.contribute(line.line, line.bytes, t);
    } else {
      line.reply = &memory_.write(line.line, Tensor::c, t);
    }
  }
  std::erase_if(write_lines_, [t](const WriteLine& line) { return line.reply != nullptr && is_in(*line.reply, t); });
}

}  // namespace heddle::twin
