#include "dataflows/dispatcher.h"

#include <bit>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {

Dispatcher::Dispatcher(const DispatcherSpec& spec, RowSource& source, RowStreams* streams, Memory& dram, Kernel& kernel)
    : spec_(spec),
      source_(source),
      streams_(streams),
      dram_(dram),
      kernel_(kernel),
      id_(kernel.add(*this, true)),
      next_partial_(spec.partial_base),
      pointer_writes_(spec.write_lines) {
  if (streams_ != nullptr) streams_->set_owner(id_);
  for (Reply& reply : pointer_writes_) reply.at = 0, reply.sink = this;
}

void Dispatcher::set_pes(std::vector<MergePe*> pes) {
  pes_ = std::move(pes);
  loads_.assign(pes_.size(), 0);
  pes_by_load_.assign(spec_.places + 1, std::vector<std::uint64_t>((pes_.size() + 63) / 64));
  for (std::size_t p = 0; p < pes_.size(); ++p) pes_by_load_[0][p / 64] |= std::uint64_t{1} << (p % 64);
}

void Dispatcher::begin(Cycle at) {
  kernel_.wake(id_, at);
}

Cycle Dispatcher::step(Cycle now) {
  next_ = kNever;
  if (!ready_.empty() && ready_.top().ready <= now)
    dispatch_parent(now);
  else
    pass_rows(now);
  if (!ready_.empty() && ready_.top().ready > now) ask(ready_.top().ready);
  if (streams_ != nullptr && streams_->wants()) {
    streams_->request(now);
    last_work_ = now;
    ask(now + 1);
  }
  return next_;
}

/// Rule 23b: pass rows until one has to wait or a second task would be dispatched.
void Dispatcher::pass_rows(Cycle now) {
  if (finished_) return;
  wrote_pointers_ = false;
  bool dispatched = false;
  while (row_ < spec_.rows) {
    if (!row_open_ && !open_row(now)) return;
    if (leaf_ < leaves_) {
      if (dispatched) return ask(now + 1);
      if (!dispatch_leaf(now)) return;
      dispatched = true;
      if (leaf_ < leaves_) return ask(now + 1);
    }
    if (!pass_row(now)) return;
  }
  if (spec_.rows == 0) write_pointers(1, now);
  finished_ = true;
}

bool Dispatcher::open_row(Cycle now) {
  const Cycle ready = source_.ready(row_);
  if (ready > now) return ask(ready), false;
  if (streams_ != nullptr) {
    const Cycle in = streams_->pointers_in(row_);
    if (in > now) return ask(in), false;
  }
  const std::uint64_t fibers = source_.fiber_count(row_);
  row_open_ = true;
  leaf_ = 0;
  leaves_ = fibers == 0 ? 0 : 1;
  open_tree_ = nullptr;
  if (fibers > spec_.radix) start_tree(fibers);
  return true;
}

void Dispatcher::start_tree(std::uint64_t fibers) {
  if (free_trees_.empty()) {
    free_trees_.push_back(static_cast<std::uint32_t>(trees_.size()));
    trees_.emplace_back();
  }
  open_slot_ = free_trees_.back();
  free_trees_.pop_back();
  trees_[open_slot_] = std::make_unique<TaskTree>(row_, fibers, spec_.radix);
  open_tree_ = trees_[open_slot_].get();
  leaves_ = open_tree_->leaves;
  ++live_trees_;
}

/// Where a task that makes `row` of C puts it.
void Dispatcher::aim(Task& task, std::uint32_t row) const {
  task.out_byte = spec_.c.begin(row);
  task.outputs = spec_.c_pointers[std::size_t{row} + 1] - spec_.c_pointers[row];
  if (spec_.c_coordinates == nullptr) return;
  task.c_coordinates = spec_.c_coordinates + spec_.c_pointers[row];
  task.c_values = spec_.c_values + spec_.c_pointers[row];
}

/// Dispatch the row's only task or its next leaf, if operands and room allow.
bool Dispatcher::dispatch_leaf(Cycle now) {
  const std::uint64_t first = open_tree_ == nullptr ? 0 : open_tree_->first_fiber(leaf_);
  const std::uint64_t last = open_tree_ == nullptr ? source_.fiber_count(row_) : open_tree_->first_fiber(leaf_ + 1);
  const std::uint64_t element = streams_ == nullptr ? 0 : source_.first_element(row_);
  if (streams_ != nullptr) {
    const Cycle in = streams_->elements_in(element + first, element + last);
    if (in > now) return ask(in), false;
  }
  const std::uint32_t pe = pe_with_room();
  if (pe == kNone) return false;
  Task task;
  task.kind = source_.kind();
  task.row = row_;
  task.fibers = static_cast<std::uint32_t>(last - first);
  const std::span<FiberRef> fibers = pes_[pe]->reserve(task.fibers);
  source_.fill(row_, first, fibers);
  if (open_tree_ == nullptr) {
    aim(task, row_);
  } else {
    TaskTree::Node& node = open_tree_->nodes[leaf_];
    task.tag = open_slot_ << 32 | leaf_;
    task.partial = &node.out;
    task.out_byte = node.out_byte = take_partial_lines(fibers);
  }
  dispatch(pe, task, now);
  ++leaf_;
  if (streams_ != nullptr) streams_->release_elements(element + last);
  return true;
}

/// Rule 23c. False if the row has to wait for its pointer's line.
bool Dispatcher::pass_row(Cycle now) {
  const std::uint64_t stride = spec_.c_pointer_array.stride;
  const std::uint64_t bytes = (std::uint64_t{row_} + 2) * stride;
  const bool last = row_ + 1 == spec_.rows;
  if (!write_pointers((bytes + (last ? kLineBytes - 1 : 0)) / kLineBytes, now)) return false;
  last_work_ = now;
  ++row_;
  row_open_ = false;
  if (streams_ != nullptr) streams_->release_pointers(row_);
  return true;
}

/// Write the lines of C's pointers before line `end` that have not been written. False if that has to wait.
bool Dispatcher::write_pointers(std::uint64_t end, Cycle now) {
  const std::uint64_t count = end - pointer_lines_written_;
  if (count == 0) return true;
  if (wrote_pointers_) return ask(now + 1), false;
  std::uint64_t room = 0;
  Cycle earliest = kNever;
  for (const Reply& reply : pointer_writes_) {
    room += reply.at <= now;
    if (reply.at > now) earliest = std::min(earliest, reply.at);
  }
  if (room < count) return ask(earliest), false;
  for (Reply& reply : pointer_writes_) {
    if (pointer_lines_written_ == end) break;
    if (reply.at > now) continue;
    reply.at = kNever;
    dram_.write(line_of(spec_.c_pointer_array.base) + pointer_lines_written_++, Tensor::pointers, now, reply);
  }
  wrote_pointers_ = true;
  last_work_ = now;
  return true;
}

void Dispatcher::dispatch_parent(Cycle now) {
  const std::uint32_t pe = pe_with_room();
  if (pe == kNone) return;
  const std::uint64_t tag = ready_.top().tag;
  ready_.pop();
  TaskTree& tree = *trees_[tag >> 32];
  const auto number = static_cast<std::uint32_t>(tag);
  TaskTree::Node& node = tree.nodes[number];
  Task task;
  task.kind = FiberKind::partial;
  task.fibers = node.last_child - node.first_child;
  task.tag = tag;
  const std::span<FiberRef> fibers = pes_[pe]->reserve(task.fibers);
  for (std::uint32_t c = 0; c < task.fibers; ++c) {
    const TaskTree::Node& child = tree.nodes[node.first_child + c];
    fibers[c] = operand(child.out, child.out_byte);
  }
  if (tree.is_root(number)) {
    aim(task, tree.row);
  } else {
    task.partial = &node.out;
    task.out_byte = node.out_byte = take_partial_lines(fibers);
  }
  dispatch(pe, task, now);
  ask(now + 1);
}

std::uint64_t Dispatcher::take_partial_lines(std::span<const FiberRef> fibers) {
  std::uint64_t elements = 0;
  for (const FiberRef& fiber : fibers) elements += fiber.elements;
  const std::uint64_t bytes = elements * spec_.element_bytes;
  return std::exchange(next_partial_, next_partial_ + (bytes + kLineBytes - 1) / kLineBytes * kLineBytes);
}

/// Rule 24: the PE the next task goes to, kNone if it has no room.
std::uint32_t Dispatcher::pe_with_room() const {
  if (spec_.scheduler == Scheduler::static_tasks) {
    const auto pe = static_cast<std::uint32_t>(dispatched_ % pes_.size());
    return loads_[pe] < spec_.places ? pe : kNone;
  }
  for (std::uint32_t load = 0; load < spec_.places; ++load) {
    const std::vector<std::uint64_t>& words = pes_by_load_[load];
    for (std::uint32_t w = 0; w < words.size(); ++w)
      if (words[w] != 0) return w * 64 + static_cast<std::uint32_t>(std::countr_zero(words[w]));
  }
  return kNone;
}

void Dispatcher::set_load(std::uint32_t pe, std::uint32_t load) {
  const std::uint64_t bit = std::uint64_t{1} << (pe % 64);
  pes_by_load_[loads_[pe]][pe / 64] &= ~bit;
  pes_by_load_[load][pe / 64] |= bit;
  loads_[pe] = load;
}

void Dispatcher::dispatch(std::uint32_t pe, const Task& task, Cycle now) {
  pes_[pe]->push(task, now);
  set_load(pe, loads_[pe] + 1);
  ++dispatched_;
  last_work_ = now;
}

void Dispatcher::on_task_end(std::uint32_t pe, const Task& task, Cycle now) {
  set_load(pe, loads_[pe] - 1);
  if (!done()) kernel_.wake(id_, now + 1);
  if (task.row != kNoRow) source_.release(task.row, task.fibers);
  if (task.tag == kNoTask || task.kind != FiberKind::partial) return;
  TaskTree& tree = *trees_[task.tag >> 32];
  const auto number = static_cast<std::uint32_t>(task.tag);
  const TaskTree::Node& node = tree.nodes[number];
  for (std::uint32_t c = node.first_child; c < node.last_child; ++c) tree.nodes[c].out = {};
  if (!tree.is_root(number)) return;
  trees_[task.tag >> 32].reset();
  free_trees_.push_back(static_cast<std::uint32_t>(task.tag >> 32));
  --live_trees_;
}

void Dispatcher::on_partial_end(std::uint64_t tag, Cycle at) {
  TaskTree& tree = *trees_[tag >> 32];
  const std::uint32_t parent = tree.nodes[static_cast<std::uint32_t>(tag)].parent;
  TaskTree::Node& node = tree.nodes[parent];
  node.ready = std::max(node.ready, at + 1);
  if (--node.running_children != 0) return;
  ready_.push({node.ready, tree.row, node.level, node.index, (tag >> 32) << 32 | parent});
  kernel_.wake(id_, node.ready);
}

std::string Dispatcher::waiting_for() const {
  return "row " + std::to_string(row_) + " of " + std::to_string(spec_.rows) + ", task " + std::to_string(leaf_) +
         " of " + std::to_string(leaves_) + " of it; " + std::to_string(live_trees_) + " rows split over tasks, " +
         std::to_string(ready_.size()) + " parents ready";
}

}  // namespace heddle
