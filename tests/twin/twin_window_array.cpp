#include "tests/twin/twin_window_array.h"

#include <algorithm>
#include <set>

namespace heddle::twin {

std::optional<Cycle> PartialFiber::ended(std::uint64_t element_bytes) const {
  if (coordinates.empty()) return window_over;
  const ByteRange all = bytes(element_bytes);
  if (puts.size() < lines_spanned(all.first, all.last)) return std::nullopt;
  Cycle end = 0;
  for (const Reply* put : puts) {
    if (!put->known()) return std::nullopt;
    end = std::max(end, put->at);
  }
  return end;
}

TwinWindowArray::TwinWindowArray(const Workload& workload, const Config& config, const Layout& layout, TwinCache& cache,
                                 WorkLog& log)
    : workload_(workload),
      config_(config),
      layout_(layout),
      cache_(cache),
      log_(log),
      element_bytes_(config.layout.element_bytes()),
      writers_(config.row_wise.lanes) {
  for (std::uint32_t i = 0; i < config.row_wise.lanes; ++i) lanes_.emplace_back(config, layout.b_pointers, cache, log);
}

void TwinWindowArray::step(Cycle t) {
  while (!inbox_.empty() && inbox_.front().second < t) {
    held_.push_back(inbox_.front().first);
    inbox_.pop_front();
    see(*held_.back());
    windows_[held_.back()->number] = held_.back();
  }
  turn(t);
  if (current_ != nullptr)
    for (TwinLane& lane : lanes_) lane.fetch(current_->number, t);
  form(t);
  leave(t);
  for (Writer& writer : writers_) write(writer, t);
  for (TwinLane& lane : lanes_) lane.port(t);
  if (const std::optional<Cell> cell = activity(t)) {
    account.set(t, *cell);
    account.task_ended(t + 1);
  }
}

bool TwinWindowArray::done() const {
  for (const Writer& writer : writers_)
    for (const WriteBurst& burst : writer)
      if (burst.replies.empty()) return false;
  return held() == 0 && empty();
}

/// W2: its fibers go to the lanes.
void TwinWindowArray::see(const Window& window) {
  const std::uint64_t w = lanes_.size() / window.h;
  for (std::uint64_t g = 0; g < window.h; ++g) {
    for (std::uint64_t n = 0; n < window.groups[g].size(); ++n) {
      const Coordinate k = window.groups[g][n];
      const Fiber row = workload_.b->row(k);
      lanes_[g * w + n].add({window.number,
                             k,
                             layout_.b.byte(workload_.b->pointers[k]),
                             {row.coordinates.begin(), row.coordinates.end()}});
    }
  }
}

bool TwinWindowArray::all_through() const {
  for (std::uint64_t lane = 0; lane < lanes_.size(); ++lane)
    if (!through(lane)) return false;
  return true;
}

/// Neither elements nor products.
bool TwinWindowArray::empty() const {
  for (const TwinLane& lane : lanes_)
    if (!lane.stream.empty()) return false;
  for (const Unit& unit : units_)
    if (!unit.empty()) return false;
  return true;
}

// W5a. Lanes get through in (b): those that are through now have been since an earlier cycle.
void TwinWindowArray::turn(Cycle t) {
  if (current_ != nullptr && all_through()) {
    current_->over = t;
    for (const auto& fiber : current_->partial) {
      if (fiber == nullptr) continue;
      fiber->window_over = t;
      if (fiber->coordinates.empty()) ++log_.events["partial_without_elements"];
    }
    held_.pop_front();
    current_ = nullptr;
    log_.mark(t);
  }
  if (current_ != nullptr || held_.empty()) return;
  const WindowPtr& next = held_.front();
  if (h_ != 0 && next->h != h_ && !empty()) {
    ++log_.events["window_waits_for_change_of_shape"];
    return;
  }
  if (h_ != 0 && next->h != h_) ++log_.events["changes_of_shape"];
  current_ = next;
  current_->start = t;
  if (h_ == current_->h) return;
  h_ = current_->h;
  units_.assign(lanes_.size() / lanes_of_a_unit(), {});
}

// W5c
void TwinWindowArray::form(Cycle t) {
  formed_ = false;
  for (std::uint64_t unit = 0; unit < units_.size(); ++unit) {
    const std::uint64_t u = lanes_of_a_unit();
    std::vector<std::size_t> before;
    for (std::uint64_t i = 0; i < u; ++i) before.push_back(lanes_[unit * u + i].stream.size());
    for (std::uint64_t n = 0; n < u && form_one(unit); ++n) {
      formed_ = true;
      ++products;
      log_.mark(t);
    }
    for (std::uint64_t i = 0; i < u; ++i)
      if (before[i] >= lanes_[unit * u + i].stream.size() + 2) ++log_.events["take_side_by_side"];
  }
}

bool TwinWindowArray::form_one(std::uint64_t unit) {
  const std::uint64_t u = lanes_of_a_unit();
  TwinLane* least = nullptr;
  for (std::uint64_t lane = unit * u; lane < (unit + 1) * u; ++lane) {
    TwinLane& l = lanes_[lane];
    if (l.stream.empty() && !through(lane)) return false;
    if (!l.stream.empty() && (least == nullptr || l.stream.front() < least->stream.front())) least = &l;
  }
  if (least == nullptr) return false;
  if (units_[unit].size() >= u * config_.row_wise.product_depth) {
    ++log_.events["product_room_wait"];
    return false;
  }
  units_[unit].push_back(least->stream.front());
  least->stream.pop_front();
  return true;
}

// W5d
void TwinWindowArray::leave(Cycle t) {
  lines_wanted_ = false;
  for (std::uint64_t group = 0; group < h_; ++group) leave(group, t);
}

void TwinWindowArray::leave(std::uint64_t group, Cycle t) {
  const std::uint64_t first_unit = group * units_of_a_group(), last_unit = first_unit + units_of_a_group();
  std::set<std::uint64_t> in_flight;  // windows
  for (std::uint64_t unit = first_unit; unit < last_unit; ++unit)
    for (const WindowKey& product : units_[unit]) in_flight.insert(product.first);
  if (in_flight.empty()) return;
  const std::uint64_t earliest = *in_flight.begin();
  if (in_flight.size() > 1) ++log_.events["two_windows_in_flight_of_a_group"];

  const Limit limit = this->limit(group);
  std::uint64_t leaving = 0;
  bool stay = false;
  std::set<std::uint64_t> columns;
  for (std::uint64_t unit = first_unit; unit < last_unit; ++unit) {
    for (const WindowKey& product : units_[unit]) {
      if (product.first != earliest) continue;
      if (limit.key && product >= *limit.key) {
        stay = true;
        continue;
      }
      ++leaving;
      columns.insert(product.second);
    }
  }
  if (stay && limit.unknown) ++log_.events["limit_by_unknown"];
  if (stay && limit.third) ++log_.events["limit_by_third"];
  if (leaving == 0) return;

  const std::shared_ptr<Window>& window = windows_.at(earliest);
  const std::shared_ptr<PartialFiber>& fiber = window->partial[group];
  std::uint64_t next = fiber->emitted;
  for (const std::uint64_t column : columns) HEDDLE_CHECK(fiber->coordinates.at(next++) == column);
  const std::uint64_t first = fiber->first_byte + fiber->emitted * element_bytes_;
  const ByteRange sums{first, first + columns.size() * element_bytes_};
  Writer& writer = writers_[group];
  const std::vector<WriteBurst> wanted = new_bursts(fiber, sums);
  if (!room(writer, wanted, t)) {
    lines_wanted_ = true;
    ++log_.events["sums_wait_for_lines"];
    return;
  }
  for (const WriteBurst& burst : wanted) writer.push_back(burst);
  for (WriteBurst& burst : writer)
    if (burst.of == fiber && sums.first < burst.bytes.last && burst.bytes.last <= sums.last)
      burst.issue_at = t + config_.machine.pe.latency;
  for (std::uint64_t unit = first_unit; unit < last_unit; ++unit)
    std::erase_if(units_[unit], [&](const WindowKey& product) {
      return product.first == earliest && (!limit.key || product < *limit.key);
    });
  if (leaving > columns.size()) ++log_.events["products_added"];
  if (columns.size() > 1) ++log_.events["several_sums_in_a_cycle"];
  if (wanted.size() > 1) ++log_.events["several_bursts_in_a_cycle"];
  fiber->emitted += columns.size();
  window->left += leaving;
  if (window->left == window->products) window->last_left = t;
  log_.mark(t);
}

TwinWindowArray::Limit TwinWindowArray::limit(std::uint64_t group) const {
  Limit limit;
  const auto lower = [&](const WindowKey& key, bool unknown, bool third) {
    if (!limit.key || key < *limit.key) limit = {key, unknown, third};
  };
  for (std::uint64_t lane = group * width(); lane < (group + 1) * width(); ++lane) {
    if (!lanes_[lane].stream.empty()) {
      lower(lanes_[lane].stream.front(), false, false);
    } else if (!through(lane)) {
      lower(lanes_[lane].next_key(), true, false);
    }
  }
  const std::uint64_t most = 2 * lanes_of_a_unit();
  for (std::uint64_t unit = group * units_of_a_group(); unit < (group + 1) * units_of_a_group(); ++unit)
    if (units_[unit].size() > most) lower(units_[unit][most], false, true);
  return limit;
}

// ---- the writer of a group: rule 18 for partial fibers

/// Bursts of the fiber that its next `sums` are the first to touch.
std::vector<TwinWindowArray::WriteBurst> TwinWindowArray::new_bursts(const std::shared_ptr<PartialFiber>& fiber,
                                                                     ByteRange sums) const {
  const std::uint64_t burst_bytes = config_.machine.pe.burst_lines * kLineBytes;
  const ByteRange all = fiber->bytes(element_bytes_);
  std::vector<WriteBurst> bursts;
  for (std::uint64_t number = sums.first / burst_bytes; number * burst_bytes < sums.last; ++number) {
    const ByteRange bytes{std::max(all.first, number * burst_bytes), std::min(all.last, (number + 1) * burst_bytes)};
    if (bytes.first >= sums.first)
      bursts.push_back({fiber, bytes, lines_spanned(bytes.first, bytes.last), std::nullopt, {}});
  }
  return bursts;
}

bool TwinWindowArray::free_again(const WriteBurst& burst, Cycle t) {
  if (burst.replies.empty()) return false;
  for (const Reply* reply : burst.replies)
    if (!is_in(*reply, t)) return false;
  return true;
}

bool TwinWindowArray::room(const Writer& writer, const std::vector<WriteBurst>& wanted, Cycle t) const {
  std::uint64_t lines = 0;
  for (const WriteBurst& burst : writer)
    if (!free_again(burst, t)) lines += burst.lines;
  for (const WriteBurst& burst : wanted) lines += burst.lines;
  return lines <= config_.machine.pe.write_lines;
}

// W5e
void TwinWindowArray::write(Writer& writer, Cycle t) {
  for (WriteBurst& burst : writer) {
    if (burst.issue_at != t) continue;
    log_.mark(t);
    for (LineAddr line = line_of(burst.bytes.first); line <= line_of(burst.bytes.last - 1); ++line) {
      burst.replies.push_back(
          &cache_.access(TwinCache::Kind::put, line, Tensor::partial, burst.bytes.in_line(line), t));
      burst.of->puts.push_back(burst.replies.back());
    }
  }
  std::erase_if(writer, [t](const WriteBurst& burst) { return free_again(burst, t); });
}

// W9, as things are at the end of the cycle.
std::optional<Cell> TwinWindowArray::activity(Cycle t) const {
  if (formed_) return Cell{Activity::Kind::busy};
  if (lines_wanted_) return stall(Tensor::partial, Cause::output_full);
  if (current_ != nullptr) {
    for (std::uint64_t lane = 0; lane < lanes_.size(); ++lane)
      if (!through(lane) && lanes_[lane].has_room()) return lanes_[lane].missing(t);
    return stall(Tensor::b, Cause::merge_order);
  }
  if (!held_.empty()) return stall(Tensor::b, Cause::reconfigure);
  return std::nullopt;
}

}  // namespace heddle::twin
