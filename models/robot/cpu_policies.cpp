// Which thread runs where: deadline over realtime over fair.
#include <algorithm>
#include <cmath>

#include "models/robot/cpu_scheduler.h"
#include "sim/base/errors.h"

namespace heddle::robot {

bool CpuScheduler::may_run(const Thread& thread, std::uint32_t c) const {
  const Group& group = groups_[thread.group];
  switch (group.scheduling_class) {
    case SchedulingClass::fair:
      return !group.quota || group.local[c] > kEpsilon || group.pool > kEpsilon;
    case SchedulingClass::realtime:
      return !group.rt_throttled[c] && rt_left(group, c) > kEpsilon;
    case SchedulingClass::deadline:
      return !thread.exhausted;
  }
  throw InternalError("unknown scheduling class");
}

bool CpuScheduler::waits(ThreadId id, SchedulingClass scheduling_class) const {
  return threads_[id].state == State::waiting && groups_[threads_[id].group].scheduling_class == scheduling_class;
}

/// Threads whose budget or slice is used up leave their CPU.
void CpuScheduler::drop_ineligible() {
  for (std::uint32_t c = 0; c < cpus_.size(); ++c) {
    if (cpus_[c].thread == kNone) continue;
    Thread& thread = threads_[cpus_[c].thread];
    take_quota(thread, c);
    const SchedulingClass kind = groups_[thread.group].scheduling_class;
    const bool fair_over = kind == SchedulingClass::fair && thread.ran >= fair_slice(thread) - kEpsilon;
    const bool rt_over = kind == SchedulingClass::realtime && config_.rt_order == RtOrder::round_robin &&
                         thread.ran >= config_.rt_slice_ms * 1e3 - kEpsilon;
    if (rt_over) thread.order = ++orders_;
    if (fair_over || rt_over || !may_run(thread, c)) release(c);
  }
}

void CpuScheduler::schedule() {
  drop_ineligible();
  schedule_deadline();
  place_woken_realtime();
  schedule_realtime();
  schedule_fair();
  preempt_for_woken();
  for (Thread& thread : threads_) thread.woken = false;
}

/// The earliest deadlines, one per CPU.
void CpuScheduler::schedule_deadline() {
  std::vector<ThreadId> ready;
  for (ThreadId t = 0; t < threads_.size(); ++t)
    if (threads_[t].state != State::idle && !threads_[t].exhausted &&
        groups_[threads_[t].group].scheduling_class == SchedulingClass::deadline)
      ready.push_back(t);
  std::stable_sort(ready.begin(), ready.end(),
                   [&](ThreadId a, ThreadId b) { return threads_[a].deadline < threads_[b].deadline; });
  if (ready.size() > cpus_.size()) ready.resize(cpus_.size());
  for (const ThreadId t : ready) {
    if (threads_[t].state == State::running) continue;
    for (std::uint32_t c = 0; c < cpus_.size(); ++c) {
      const ThreadId now = cpus_[c].thread;
      if (now != kNone && std::find(ready.begin(), ready.end(), now) != ready.end()) continue;
      run(c, t);
      break;
    }
  }
}

/// A CPU whose budget allows it and which no thread of these two classes holds; else one whose budget allows it; else
/// 0.
std::uint32_t CpuScheduler::free_cpu_for(const Thread& thread) const {
  std::uint32_t allowed = 0;
  bool found = false;
  for (std::uint32_t c = 0; c < cpus_.size(); ++c) {
    if (!may_run(thread, c)) continue;
    if (!found) allowed = c, found = true;
    const ThreadId now = cpus_[c].thread;
    const bool taken = now != kNone && groups_[threads_[now].group].scheduling_class != SchedulingClass::fair;
    const bool promised = std::any_of(threads_.begin(), threads_.end(), [&](const Thread& t) {
      return &t != &thread && t.cpu == c && t.state == State::waiting &&
             groups_[t.group].scheduling_class == SchedulingClass::realtime;
    });
    if (!taken && !promised) return c;
  }
  return allowed;
}

void CpuScheduler::place_woken_realtime() {
  for (ThreadId t = 0; t < threads_.size(); ++t)
    if (waits(t, SchedulingClass::realtime) && threads_[t].cpu == kNone) threads_[t].cpu = free_cpu_for(threads_[t]);
}

/// The first in order of those queued here; else of those queued behind another thread elsewhere. A thread whose group
/// has no budget left where it is queued stays there until the next period.
std::uint32_t CpuScheduler::pick_realtime(std::uint32_t c) const {
  std::uint32_t best = kNone;
  bool best_here = false;
  for (ThreadId t = 0; t < threads_.size(); ++t) {
    if (!waits(t, SchedulingClass::realtime)) continue;
    const Thread& thread = threads_[t];
    const bool here = thread.cpu == c;
    if (!may_run(thread, c) || (!here && !may_run(thread, thread.cpu))) continue;
    const bool better =
        best == kNone || (here && !best_here) || (here == best_here && thread.order < threads_[best].order);
    if (better) best = t, best_here = here;
  }
  return best;
}

void CpuScheduler::schedule_realtime() {
  for (std::uint32_t c = 0; c < cpus_.size(); ++c) {
    const ThreadId now = cpus_[c].thread;
    if (now != kNone && groups_[threads_[now].group].scheduling_class != SchedulingClass::fair) continue;
    const std::uint32_t next = pick_realtime(c);
    if (next != kNone) run(c, next);
  }
}

bool CpuScheduler::fair_before(const Thread& a, const Thread& b) const {
  if (a.group != b.group) return groups_[a.group].vruntime < groups_[b.group].vruntime;
  return a.vruntime < b.vruntime;
}

std::uint32_t CpuScheduler::pick_fair(std::uint32_t c) const {
  std::uint32_t best = kNone;
  for (ThreadId t = 0; t < threads_.size(); ++t)
    if (waits(t, SchedulingClass::fair) && may_run(threads_[t], c) &&
        (best == kNone || fair_before(threads_[t], threads_[best])))
      best = t;
  return best;
}

void CpuScheduler::schedule_fair() {
  for (std::uint32_t c = 0; c < cpus_.size(); ++c) {
    if (cpus_[c].thread != kNone) continue;
    const std::uint32_t next = pick_fair(c);
    if (next != kNone) run(c, next);
  }
}

/// A thread that woke takes the CPU of the fair group that is furthest ahead, if by more than the wake-up granularity.
void CpuScheduler::preempt_for_woken() {
  const double lead = config_.wakeup_ms * 1e3 * scale_;
  for (ThreadId t = 0; t < threads_.size(); ++t) {
    if (!waits(t, SchedulingClass::fair) || !threads_[t].woken) continue;
    std::uint32_t victim = kNone;
    double furthest = groups_[threads_[t].group].vruntime + lead;
    for (std::uint32_t c = 0; c < cpus_.size(); ++c) {
      const ThreadId now = cpus_[c].thread;
      if (now == kNone || !may_run(threads_[t], c)) continue;
      const Group& group = groups_[threads_[now].group];
      if (group.scheduling_class == SchedulingClass::fair && group.vruntime > furthest)
        victim = c, furthest = group.vruntime;
    }
    if (victim != kNone) run(victim, t);
  }
}

/// Its share of a period of the run queue, never below the granularity.
double CpuScheduler::fair_slice(const Thread& thread) const {
  double weights = 0, mine = 0;
  std::uint32_t runnable = 0;
  std::vector<bool> counted(groups_.size());
  for (const Thread& t : threads_) {
    const Group& group = groups_[t.group];
    if (t.state == State::idle || group.scheduling_class != SchedulingClass::fair) continue;
    ++runnable;
    if (t.group == thread.group) ++mine;
    if (!counted[t.group]) weights += group.weight, counted[t.group] = true;
  }
  const double per_cpu = std::ceil(double(runnable) / double(cpus_.size()));
  const double granularity = config_.granularity_ms * 1e3 * scale_;
  const double period = std::max(config_.latency_ms * 1e3 * scale_, per_cpu * granularity);
  const double share = groups_[thread.group].weight / weights / mine * double(cpus_.size());
  return std::max(std::min(1.0, share) * period, granularity);
}

}  // namespace heddle::robot
