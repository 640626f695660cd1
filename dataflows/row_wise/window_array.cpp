#include "dataflows/row_wise/window_array.h"

#include <algorithm>

namespace heddle::row_wise {

WindowArray::WindowArray(const RowWiseConfig& config, const MergePeConfig& lane_config, std::uint32_t number,
                         const WindowOutputNeighbours& neighbours, WindowListener& listener)
    : config_(config),
      number_(number),
      id_(neighbours.kernel.add(*this, true)),
      latency_(neighbours.config.pe.latency),
      listener_(listener),
      partials_(neighbours.listener),
      kernel_(neighbours.kernel),
      unit_products_(config.lanes) {
  for (std::uint32_t lane = 0; lane < config.lanes; ++lane) {
    lanes_.emplace_back(lane_config, config.stream_depth, neighbours.cache, kernel_, id_);
    outputs_.emplace_back(neighbours, id_);
  }
}

void WindowArray::push(const Window& window, std::span<const GroupTask> tasks, Cycle now) {
  for (std::uint32_t group = 0; group < window.height; ++group)
    for (std::uint32_t i = 0; i < tasks[group].fibers; ++i) lanes_[group * window.width + i].push(window.number, now);
  std::uint64_t products = 0;
  for (const GroupTask& task : tasks) products += task.elements;
  windows_.push_back({window, now, {tasks.begin(), tasks.end()}, products, 0});
  kernel_.wake(id_, now + 1);
}

Cycle WindowArray::step(Cycle now) {
  if (waiting_) account_.charge(now, *waiting_);
  bool moved = turn(now);
  moved |= fetch(now);
  const std::uint32_t formed = form();
  moved |= leave(now);
  moved |= write(now);
  moved |= issue(now);
  waiting_ = formed != 0 ? Activity{Activity::Kind::busy} : activity(now);
  if (waiting_) account_.no_work(now);
  if (!moved && formed == 0) return next_step(now);
  last_work_ = now;
  return now + 1;
}

bool WindowArray::turn(Cycle now) {
  const bool over = current_ != kNone && all_through();
  if (over) end_turn(now);
  if (current_ != kNone || windows_.empty() || windows_.front().pushed >= now) return over;
  if (width_ != 0 && windows_.front().window.width != width_ && !drained()) return over;
  begin_turn(now);
  return true;
}

bool WindowArray::all_through() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [this](const WindowLane& l) { return l.through(current_); });
}

void WindowArray::end_turn(Cycle now) {
  const Held& held = windows_.front();
  for (const GroupTask& group : held.groups)
    if (group.fibers != 0 && group.elements == 0) partials_.on_partial_end(group.task.tag, now);
  if (held.products == 0) listener_.on_window_end(held.window.block, now - held.start, now);
  windows_.pop_front();
  current_ = kNone;
  listener_.on_room(number_, now);
}

void WindowArray::begin_turn(Cycle now) {
  Held& held = windows_.front();
  held.start = now;
  current_ = held.window.number;
  width_ = held.window.width;
  for (std::uint32_t g = 0; g < held.window.height; ++g) {
    const GroupTask& group = held.groups[g];
    if (group.elements == 0) continue;
    fibers_.clear();
    for (std::uint32_t i = 0; i < group.fibers; ++i) fibers_.push_back(lanes_[g * width_ + i].fiber());
    outputs_[g].begin(group.task, fibers_);
  }
  if (held.products != 0) running_.push_back({current_, held.window.block, now, held.products});
}

bool WindowArray::drained() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const WindowLane& l) { return l.empty(); }) &&
         std::all_of(unit_products_.begin(), unit_products_.end(), [](const Ring<Key>& p) { return p.empty(); });
}

bool WindowArray::fetch(Cycle now) {
  bool fetched = false;
  for (WindowLane& lane : lanes_) fetched |= lane.fetch(current_, now);
  return fetched;
}

std::uint32_t WindowArray::form() {
  if (width_ == 0) return 0;
  std::uint32_t formed = 0;
  for (std::uint32_t unit = 0; unit < config_.lanes / unit_lanes(); ++unit)
    for (std::uint32_t i = 0; i < unit_lanes() && form_one(unit); ++i) ++formed;
  products_ += formed;
  return formed;
}

/// One product of the unit: the least of its lanes' fronts, if none of them may yet bring a lesser one.
bool WindowArray::form_one(std::uint32_t unit) {
  const std::uint32_t lanes = unit_lanes();
  if (unit_products_[unit].size() >= std::size_t{lanes} * config_.product_depth) return false;
  WindowLane* least = nullptr;
  for (std::uint32_t lane = unit * lanes; lane < (unit + 1) * lanes; ++lane) {
    WindowLane& candidate = lanes_[lane];
    if (candidate.empty()) {
      if (!candidate.through(current_)) return false;
    } else if (least == nullptr || candidate.front() < least->front()) {
      least = &candidate;
    }
  }
  if (least == nullptr) return false;
  unit_products_[unit].push_back(least->front());
  least->pop_front();
  return true;
}

/// The units of `group`, by the products they hold.
std::span<Ring<Key>> WindowArray::units_of(std::uint32_t group) {
  const std::size_t units = width_ / unit_lanes();
  return std::span(unit_products_).subspan(group * units, units);
}

/// What has this key or a greater one has to stay: something before it may still come.
Key WindowArray::limit_of(std::uint32_t group) {
  Key limit;
  for (std::uint32_t lane = group * width_; lane < (group + 1) * width_; ++lane) {
    const WindowLane& l = lanes_[lane];
    if (!l.empty())
      limit = std::min(limit, l.front());
    else if (!l.through(current_))
      limit = std::min(limit, l.next_at_least(current_));
  }
  const std::size_t most = 2 * std::size_t{unit_lanes()};
  for (const Ring<Key>& products : units_of(group))
    if (products.size() > most) limit = std::min(limit, products[most]);
  return limit;
}

bool WindowArray::leave(Cycle now) {
  blocked_ = false;
  bool moved = false;
  for (std::uint32_t group = 0; width_ != 0 && group < config_.lanes / width_; ++group) moved |= leave(group, now);
  return moved;
}

bool WindowArray::leave(std::uint32_t group, Cycle now) {
  std::uint64_t window = kNone;  // the earliest it holds products of
  for (const Ring<Key>& products : units_of(group))
    if (!products.empty()) window = std::min(window, products.front().window);
  if (window == kNone) return false;
  const Key limit = std::min(limit_of(group), Key{window + 1, 0});
  std::uint64_t count = 0;
  for (const Ring<Key>& products : units_of(group))
    for (std::size_t i = 0; i < products.size() && products[i] < limit; ++i) ++count;
  if (count == 0) return false;
  if (!outputs_[group].leave(count, now)) {
    blocked_ = true;
    return false;
  }
  for (Ring<Key>& products : units_of(group))
    while (!products.empty() && products.front() < limit) products.pop_front();
  summed_ += count;
  count_off(window, count, now);
  return true;
}

/// `products` more of `window` have left; with the last one it has ended.
void WindowArray::count_off(std::uint64_t window, std::uint64_t products, Cycle now) {
  const auto running =
      std::find_if(running_.begin(), running_.end(), [window](const Running& r) { return r.window == window; });
  running->products -= products;
  if (running->products != 0) return;
  listener_.on_window_end(running->block, now + latency_ - running->start, now);
  running_.erase(running);
}

bool WindowArray::write(Cycle now) {
  bool written = false;
  for (WindowOutput& output : outputs_) {
    if (output.next_due() > now) continue;
    output.issue(now);
    written = true;
  }
  return written;
}

bool WindowArray::issue(Cycle now) {
  bool issued = false;
  for (WindowLane& lane : lanes_) issued |= lane.issue(now);
  return issued;
}

/// What it waits for in a cycle in which it formed no product. Rule W9.
std::optional<Activity> WindowArray::activity(Cycle now) const {
  if (blocked_) return Activity{Activity::Kind::stall, Tensor::partial, Cause::output_full};
  if (current_ != kNone) {
    for (const WindowLane& lane : lanes_)
      if (lane.waits(current_)) return lane.waiting_for(now);
    return Activity{Activity::Kind::stall, Tensor::b, Cause::merge_order};
  }
  if (!windows_.empty() && windows_.front().pushed < now)
    return Activity{Activity::Kind::stall, Tensor::b, Cause::reconfigure};
  return std::nullopt;
}

/// Nothing moved in `now`: when something may, unless a reply or a window comes first.
Cycle WindowArray::next_step(Cycle now) const {
  if (blocked_) return now + 1;
  Cycle next = kNever;
  for (const WindowOutput& output : outputs_) next = std::min(next, output.next_due());
  for (const WindowLane& lane : lanes_) {
    next = std::min(next, lane.next_issue());
    if (lane.waits(current_)) next = std::min(next, lane.waiting_until(now));
  }
  if (!windows_.empty() && windows_.front().pushed == now) next = std::min(next, now + 1);
  return std::max(next, now + 1);
}

bool WindowArray::done() const {
  return windows_.empty() && drained() &&
         std::all_of(outputs_.begin(), outputs_.end(), [](const WindowOutput& o) { return o.done(); });
}

std::string WindowArray::waiting_for() const {
  return std::to_string(windows_.size()) + " windows held, the first " +
         (windows_.empty() ? std::string("none") : std::to_string(windows_.front().window.number)) + ", current " +
         (current_ == kNone ? std::string("none") : std::to_string(current_)) + "; " + outputs_[0].waiting_for();
}

}  // namespace heddle::row_wise
