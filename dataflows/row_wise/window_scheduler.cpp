#include "dataflows/row_wise/window_scheduler.h"

#include <algorithm>
#include <utility>

namespace heddle::row_wise {

WindowScheduler::WindowScheduler(const Workload& workload, const Config& config, const Layout& layout,
                                 bool carry_values, WindowRows& rows, Cache& cache, Memory& dram, Kernel& kernel)
    : a_(*workload.a),
      config_(config),
      layout_(layout),
      operands_(workload, layout, carry_values, cache),
      places_(config.machine.pe.fetch_ahead + std::size_t{1}),
      rows_(rows),
      cache_(cache),
      kernel_(kernel),
      id_(kernel.add(*this)),
      heights_(a_, config.row_wise),
      pointer_lines_(line_of(layout.a_pointers.base),
                     lines_spanned(layout.a_pointers.base, layout.a_pointers.byte(a_.rows + std::uint64_t{1}))),
      pointers_(dram, pointer_lines_, Tensor::pointers, config.machine.stream_lines, *this, 0),
      next_partial_(layout.partial_base),
      replies_(places_ * config.row_wise.lanes),
      tasks_(config.row_wise.lanes) {
  for (BurstReply& reply : replies_) reply.sink = this;
}

void WindowScheduler::set_arrays(std::vector<WindowArray*> arrays) {
  arrays_ = std::move(arrays);
  loads_.assign(arrays_.size(), 0);
}

Cycle WindowScheduler::step(Cycle now) {
  next_ = kNever;
  bool worked = hand_out(now);
  worked |= cut(now);
  worked |= request(now);
  if (pointers_.wants()) {
    pointers_.request(now);
    worked = true;
  }
  if (worked) last_work_ = now, ask(now + 1);
  return next_;
}

bool WindowScheduler::hand_out(Cycle now) {
  if (cut_.empty()) return false;
  const Cycle in = operands_in(cut_.front());
  if (in > now) return ask(in), false;
  const std::uint32_t array = array_with_room();
  if (array == arrays_.size()) return false;
  give(cut_.front().window, *arrays_[array], now);
  ++loads_[array];
  ++handed_out_;
  cut_.pop_front();
  return true;
}

/// When all nonzeros of the window are in; kNever while that is not known.
Cycle WindowScheduler::operands_in(const Cut& cut) const {
  if (!cut.requested) return kNever;
  Cycle in = 0;
  for (std::uint32_t g = 0; g < cut.window.height; ++g) {
    const auto [first, last] = cut.window.elements(a_, g);
    if (first != last) in = std::max(in, replies_[cut.first_reply + g].at);
  }
  return in;
}

std::uint32_t WindowScheduler::array_with_room() const {
  std::size_t array = handed_out_ % arrays_.size();
  if (config_.row_wise.scheduler == Scheduler::dynamic_tasks)
    array = static_cast<std::size_t>(std::min_element(loads_.begin(), loads_.end()) - loads_.begin());
  return static_cast<std::uint32_t>(loads_[array] < places_ ? array : arrays_.size());
}

void WindowScheduler::give(const Window& window, WindowArray& array, Cycle now) {
  for (std::uint32_t g = 0; g < window.height; ++g) {
    const auto [first, last] = window.elements(a_, g);
    GroupTask& group = tasks_[g];
    group = {};
    group.fibers = static_cast<std::uint32_t>(last - first);
    if (first == last) continue;
    for (std::uint64_t e = first; e < last; ++e) {
      FiberRef& fiber = array.reserve(g * window.width + static_cast<std::uint32_t>(e - first));
      fiber = operands_.hand_out(e);
      group.elements += fiber.elements;
    }
    const std::uint32_t row = window.first_row + g;
    group.task.fibers = group.fibers;
    group.task.tag = WindowRows::tag(row, window.index);
    group.task.out_byte = next_partial_;
    group.task.partial = &rows_.place(row, window.index, next_partial_);
    next_partial_ += packed_lines(group.elements * config_.layout.element_bytes()) * kLineBytes;
  }
  array.push(window, {tasks_.data(), window.height}, now);
}

bool WindowScheduler::cut(Cycle now) {
  bool worked = false;
  while (cut_.size() < places_) {
    if (!block_open_) {
      if (row_ == a_.rows || !open_block(now)) return worked;
      worked = true;
      continue;
    }
    Cut cut;
    cut.window = next_window_;
    cut.window.number = cut_count_;
    cut.first_reply = cut_count_++ % places_ * config_.row_wise.lanes;
    cut_.push_back(cut);
    block_open_ = ++next_window_.index < windows_;
    worked = true;
  }
  return worked;
}

/// Cut the next block out of A. False if it has to wait.
bool WindowScheduler::open_block(Cycle now) {
  const std::uint32_t height = heights_.of(row_);
  if (height == 0) return false;
  const LineAddr origin = line_of(layout_.a_pointers.base);
  const LineAddr last = line_of(layout_.a_pointers.byte(row_ + std::uint64_t{height} + 1) - 1) - origin;
  for (LineAddr line = line_of(layout_.a_pointers.byte(row_)) - origin; line <= last; ++line)
    if (!pointers_.in(line, now)) return ask(line < pointers_.requested() ? pointers_.reply(line).at : kNever), false;

  next_window_ = {0, blocks_, row_, height, config_.row_wise.lanes / height, 0};
  windows_ = 0;
  for (std::uint32_t row = row_; row < row_ + height; ++row) {
    const std::uint64_t windows = divide_up(a_.row_nnz(row), next_window_.width);
    if (windows != 0) rows_.on_cut(row, windows);
    windows_ = std::max(windows_, windows);
  }
  block_open_ = windows_ != 0;
  if (block_open_) heights_.on_cut(blocks_, row_, height, windows_);
  ++blocks_;
  row_ += height;
  pointers_.release(row_ == a_.rows ? pointers_.requested() : line_of(layout_.a_pointers.byte(row_)) - origin);
  return true;
}

/// Request the nonzeros of the next window.
bool WindowScheduler::request(Cycle now) {
  for (std::size_t i = 0; i < cut_.size(); ++i) {
    Cut& cut = cut_[i];
    if (cut.requested) continue;
    cut.requested = true;
    for (std::uint32_t g = 0; g < cut.window.height; ++g) {
      const auto [first, last] = cut.window.elements(a_, g);
      if (first == last) continue;
      const std::uint64_t byte = layout_.a.byte(first);
      const auto lines = static_cast<std::uint32_t>(lines_spanned(byte, layout_.a.byte(last)));
      cache_.read(line_of(byte), lines, Tensor::a, now, replies_[cut.first_reply + g]);
    }
    return true;
  }
  return false;
}

void WindowScheduler::on_room(std::uint32_t array, Cycle now) {
  --loads_[array];
  kernel_.wake(id_, now + 1);
}

void WindowScheduler::on_window_end(std::uint64_t block, Cycle cycles, Cycle now) {
  heights_.on_window_end(block, cycles);
  if (!block_open_ && row_ != a_.rows) kernel_.wake(id_, now + 1);
}

std::string WindowScheduler::waiting_for() const {
  return "row " + std::to_string(row_) + " of " + std::to_string(a_.rows) + ", " + std::to_string(cut_.size()) +
         " windows cut and not handed out";
}

}  // namespace heddle::row_wise
