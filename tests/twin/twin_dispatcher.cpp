#include "tests/twin/twin_dispatcher.h"

namespace heddle::twin {

TwinDispatcher::TwinDispatcher(RowSource source, const Config& config, Scheduler scheduler,
                               const std::vector<ByteRange>& c_rows, Array c_pointers, std::uint64_t partial_base,
                               std::vector<TwinPe>& pes, TwinCache& cache, TwinMemory& memory, WorkLog& log,
                               DispatcherMutation mutation)
    : source_(std::move(source)),
      pe_config_(config.machine.pe),
      element_bytes_(config.layout.element_bytes()),
      scheduler_(scheduler),
      c_rows_(c_rows),
      c_pointers_(c_pointers),
      next_partial_(partial_base),
      pes_(pes),
      cache_(cache),
      memory_(memory),
      log_(log),
      mutation_(mutation) {}

bool TwinDispatcher::done() const {
  if (source_.rows == 0) return empty_c_written_;
  if (row_ < source_.rows) return false;
  for (const TaskPtr& parent : parents_)
    if (!parent->dispatched) return false;
  return true;
}

void TwinDispatcher::step(Cycle t) {
  if (source_.rows == 0) {
    if (!empty_c_written_) write_pointer_line(line_of(c_pointers_.base), t);
    empty_c_written_ = true;
    return;
  }
  if (mutation_.rows_before_parents) {
    const std::uint64_t sent = tasks_sent_;
    step_rows(t);
    if (tasks_sent_ != sent) return;
  }
  const TaskPtr parent = first_ready_parent(t);
  if (parent == nullptr) {
    if (!mutation_.rows_before_parents) step_rows(t);
    return;
  }
  if (TwinPe* pe = choose_pe(); pe != nullptr) {
    for (const TaskPtr& child : parent->children) {  // their outputs are its inputs
      TwinFiber& fiber = parent->fibers.emplace_back();
      fiber.first_byte = child->first_byte;
      fiber.coordinates = child->merged();
      fiber.partial = true;
    }
    ++log_.events["tree_tasks"];
    if (parent->level >= 2) ++log_.events["third_level_tasks"];
    dispatch(parent, *pe, t);
  }
}

/// The cycle from which on a parent may be dispatched, if all its children have ended.
std::optional<Cycle> TwinDispatcher::ready_since(const TwinTask& parent) const {
  Cycle since = 0;
  for (const TaskPtr& child : parent.children) {
    const std::optional<Cycle> ended = child->ended_for_parent(element_bytes_);
    if (!ended) return std::nullopt;
    since = std::max(since, *ended + 1);
  }
  return since;
}

/// Oldest first; of one cycle in order of row, level, index.
TwinDispatcher::TaskPtr TwinDispatcher::first_ready_parent(Cycle t) const {
  TaskPtr first;
  for (const TaskPtr& parent : parents_) {
    if (parent->dispatched) continue;
    const std::optional<Cycle> since = ready_since(*parent);
    if (!since || *since > t) continue;
    const auto order = [&](const TwinTask& task) {
      return std::tuple(*ready_since(task), task.row, task.level, task.index);
    };
    if (first == nullptr ||
        (mutation_.youngest_parent_first ? order(*parent) > order(*first) : order(*parent) < order(*first)))
      first = parent;
  }
  return first;
}

/// Rows are passed in order; at most one task is dispatched.
void TwinDispatcher::step_rows(Cycle t) {
  bool dispatched = false;
  while (row_ < source_.rows) {
    if (!source_.row_known(row_, t)) return;
    if (row_tasks_.empty()) make_tree(row_, source_.fibers(row_));
    while (row_tasks_sent_ < row_tasks_.size()) {
      if (dispatched || !dispatch_of_row(t)) return;
      dispatched = true;
    }
    if (!try_pass(t)) return;
  }
}

/// Dispatch the next task of the row, if it can go.
bool TwinDispatcher::dispatch_of_row(Cycle t) {
  const std::uint64_t first = row_tasks_sent_ == 0 ? 0 : row_task_ends_[row_tasks_sent_ - 1];
  const std::uint64_t last = row_task_ends_[row_tasks_sent_];
  if (!source_.operands_in(row_, first, last, t)) return false;
  TwinPe* pe = choose_pe();
  if (pe == nullptr) return false;
  dispatch(row_tasks_[row_tasks_sent_++], *pe, t);
  source_.dispatched(row_, last);
  return true;
}

/// Rule 21: one task, or leaves, inner tasks and a root.
void TwinDispatcher::make_tree(std::uint64_t row, std::vector<TwinFiber> fibers) {
  const std::uint64_t radix = pe_config_.radix;
  const std::uint64_t n = fibers.size();
  if (n == 0) return;
  const auto make = [&](std::uint64_t level, std::uint64_t index) {
    auto task = std::make_shared<TwinTask>();
    task->row = row, task->level = level, task->index = index;
    return task;
  };
  std::vector<TaskPtr> tasks;
  const std::uint64_t leaves = (n + radix - 1) / radix;
  for (std::uint64_t s = 0; s < leaves; ++s) {
    const std::uint64_t first = s * n / leaves, last = (s + 1) * n / leaves;
    tasks.push_back(make(0, s));
    for (std::uint64_t i = first; i < last; ++i) tasks.back()->fibers.push_back(fibers[i]);
    row_task_ends_.push_back(last);
  }
  row_tasks_ = tasks;
  for (std::uint64_t level = 1; tasks.size() > 1; ++level) {
    const std::uint64_t inputs = tasks.size();
    const std::uint64_t groups = (inputs + radix - 1) / radix;
    std::vector<TaskPtr> above;
    for (std::uint64_t s = 0; s < groups; ++s) {
      above.push_back(make(level, s));
      for (std::uint64_t i = s * inputs / groups; i < (s + 1) * inputs / groups; ++i) {
        tasks[i]->to_c = false;
        above.back()->children.push_back(tasks[i]);
      }
      parents_.push_back(above.back());
    }
    tasks = above;
  }
  tasks.front()->first_byte = c_rows_[row].first;
}

TwinPe* TwinDispatcher::choose_pe() {
  const std::uint64_t room = std::uint64_t{pe_config_.fetch_ahead} + 1;
  if (scheduler_ == Scheduler::static_tasks) {
    TwinPe& pe = pes_[tasks_sent_ % pes_.size()];
    return pe.held() < room ? &pe : nullptr;
  }
  TwinPe* best = nullptr;
  for (TwinPe& pe : pes_) {
    if (pe.held() >= room) continue;
    if (best == nullptr || pe.held() < best->held() || (mutation_.highest_pe_first && pe.held() == best->held()))
      best = &pe;
  }
  return best;
}

void TwinDispatcher::dispatch(const TaskPtr& task, TwinPe& pe, Cycle t) {
  if (!task->to_c) {  // rule 22
    task->first_byte = next_partial_;
    next_partial_ += (task->inputs() * element_bytes_ + kLineBytes - 1) / kLineBytes * kLineBytes;
  }
  task->dispatched = true;
  ++tasks_sent_;
  log_.mark(t);
  announce(*task);
  pe.give(task, t);
}

/// Rule 25: a line that several fibers share is announced for each of them.
void TwinDispatcher::announce(const TwinTask& task) {
  for (const TwinFiber& fiber : task.fibers) {
    if (fiber.partial) continue;
    cache_.announce(fiber.first_byte, fiber.first_byte + fiber.coordinates.size() * element_bytes_);
    if (mutation_.announces_one_fiber) return;
  }
}

/// Pass row_ if the lines of C's pointers that this completes can be written now.
bool TwinDispatcher::try_pass(Cycle t) {
  const std::uint64_t first = c_pointers_.byte(row_ + 1);
  const std::uint64_t last = c_pointers_.byte(row_ + 2);  // past the end of pointer row_ + 1
  std::vector<LineAddr> completed;
  for (LineAddr line = line_of(first); line <= line_of(last - 1); ++line)
    if ((line + 1) * kLineBytes <= last || row_ + 1 == source_.rows) completed.push_back(line);
  if (!completed.empty()) {
    if (pointer_line_written_in_ == t) return false;
    if (pointer_lines_unaccepted(t) + completed.size() > pe_config_.write_lines) {
      ++log_.events["pointer_lines_full"];
      return false;
    }
  }
  for (const LineAddr line : completed) write_pointer_line(line, t);
  source_.passed(row_);
  log_.mark(t);
  ++row_;
  row_tasks_.clear();
  row_task_ends_.clear();
  row_tasks_sent_ = 0;
  return true;
}

std::uint64_t TwinDispatcher::pointer_lines_unaccepted(Cycle t) const {
  std::uint64_t unaccepted = 0;
  for (const Reply* reply : pointer_writes_)
    if (!is_in(*reply, t)) ++unaccepted;
  return unaccepted;
}

void TwinDispatcher::write_pointer_line(LineAddr line, Cycle t) {
  pointer_writes_.push_back(&memory_.write(line, Tensor::pointers, t));
  pointer_line_written_in_ = t;
}

}  // namespace heddle::twin
