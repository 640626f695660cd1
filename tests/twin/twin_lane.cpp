#include "tests/twin/twin_lane.h"

namespace heddle::twin {

void TwinLane::add(const LaneFiber& fiber) {
  Task& task = tasks_.emplace_back();
  task.fiber = fiber;
  const PeConfig& pe = config_.machine.pe;
  const std::uint64_t h = std::max(1U, std::min(pe.burst_lines, config_.row_wise.lane_lines / 4));
  const std::uint64_t lines =
      lines_spanned(fiber.first_byte, fiber.first_byte + fiber.coordinates.size() * element_bytes());
  for (std::uint64_t i = 0; i < lines; ++i) {
    if (i % h == 0) task.bursts.push_back({line_of(fiber.first_byte) + i, 0, nullptr});
    ++task.bursts.back().lines;
  }
}

/// The first burst with bytes of the next element that is not in.
const TwinLane::Burst* TwinLane::missing_burst(const Task& task, Cycle t) const {
  const std::uint64_t first = next_byte(task), last = first + element_bytes();
  for (const Burst& burst : task.bursts)
    if (first < (burst.first + burst.lines) * kLineBytes && burst.first * kLineBytes < last && !in(burst.request, t))
      return &burst;
  return nullptr;
}

void TwinLane::fetch(std::uint64_t window, Cycle t) {
  if (through(window)) return;
  Task& task = tasks_.front();
  if (!in(task.pointers, t)) return;
  if (task.fiber.coordinates.empty()) {
    ++log_.events["fiber_without_elements"];
    return end_task(t);
  }
  while (has_room()) {
    if (missing_burst(task, t) != nullptr) return;
    const std::uint64_t first = next_byte(task), last = first + element_bytes();
    stream.emplace_back(window, task.fiber.coordinates[task.fetched]);
    log_.mark(t);
    for (std::size_t j = 0; j < task.bursts.size(); ++j) {  // rule 17: its half passes on
      const std::uint64_t end = (task.bursts[j].first + task.bursts[j].lines) * kLineBytes - 1;
      if (first <= end && end < last && j + 2 < task.bursts.size()) refills_.push_back({&task, j + 2});
    }
    if (++task.fetched == task.fiber.coordinates.size()) return end_task(t);
  }
}

void TwinLane::end_task(Cycle t) {
  tasks_.pop_front();
  log_.mark(t);
}

WindowKey TwinLane::next_key() const {
  const Task& task = tasks_.front();
  const std::uint64_t column = task.fetched == 0 ? 0 : task.fiber.coordinates[task.fetched - 1] + std::uint64_t{1};
  return {task.fiber.window, column};
}

Cell TwinLane::missing(Cycle t) const {
  const Task& task = tasks_.front();
  if (task.pointers == nullptr) return stall(Tensor::pointers, Cause::port);
  if (!task.pointers->in(t)) return stall(Tensor::pointers, Cause::dram_timing);
  const Burst* burst = missing_burst(task, t);
  HEDDLE_CHECK(burst != nullptr);
  return stall(Tensor::b, burst->request == nullptr ? Cause::port : Cause::dram_timing);
}

// ---- rule 19

void TwinLane::port(Cycle t) {
  std::erase_if(outstanding_, [t](const LineRequest* request) { return request->in(t); });
  if (t < port_free_at_) return;
  if (issue_refill(t)) return;
  if (outstanding_.size() >= config_.machine.pe.line_buffers) return;
  if (!issue_head(t)) issue_pointers(t);
}

bool TwinLane::issue_refill(Cycle t) {
  if (refills_.empty()) return false;
  Burst& burst = refills_.front().task->bursts[refills_.front().index];
  refills_.pop_front();
  burst.request = &request(burst.first, burst.lines, Tensor::b, t);
  ++log_.events["refills"];
  return true;
}

bool TwinLane::issue_head(Cycle t) {
  std::uint64_t held = 0;
  Task* next = nullptr;
  for (Task& task : tasks_) {
    if (task.head_requested()) held += task.head_lines();
    if (next == nullptr && !task.bursts.empty() && !task.head_requested()) next = &task;
  }
  if (next == nullptr || !in(next->pointers, t)) return false;
  if (held + next->head_lines() > config_.row_wise.lane_lines) {
    ++log_.events["lane_lines_full"];
    return false;
  }
  const LineRequest& head = request(next->bursts[0].first, next->head_lines(), Tensor::b, t);
  for (std::size_t j = 0; j < 2 && j < next->bursts.size(); ++j) next->bursts[j].request = &head;
  outstanding_.push_back(&head);
  return true;
}

bool TwinLane::issue_pointers(Cycle t) {
  for (Task& task : tasks_) {
    if (task.pointers != nullptr) continue;
    const std::uint64_t k = task.fiber.k;
    const LineAddr first = line_of(b_pointers_.byte(k)), last = line_of(b_pointers_.byte(k + 2) - 1);
    if (last > first) ++log_.events["lane_pointers_in_two_lines"];
    task.pointers = &request(first, last - first + 1, Tensor::pointers, t);
    outstanding_.push_back(task.pointers);
    return true;
  }
  return false;
}

const LineRequest& TwinLane::request(LineAddr first, std::uint64_t lines, Tensor tensor, Cycle t) {
  LineRequest& request = requests_.emplace_back();
  for (std::uint64_t i = 0; i < lines; ++i)
    request.lines.push_back(&cache_.access(TwinCache::Kind::read, first + i, tensor, 0, t));
  request.earliest = t + lines - 1 + config_.machine.sram.latency;
  port_free_at_ = t + lines;
  log_.mark(t);
  return request;
}

}  // namespace heddle::twin
