#include "models/robot/cpu_scheduler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "sim/base/errors.h"

namespace heddle::robot {
namespace {

constexpr EnumName<RtOrder> kRtOrders[] = {{RtOrder::round_robin, "round_robin", "a slice each, in turn"},
                                           {RtOrder::fifo, "fifo", "until it sleeps"}};

Cycle period_number(Cycle now, double period_ms) {
  return static_cast<Cycle>(double(now) / (period_ms * 1e3) + 1e-9);
}
Cycle period_start(Cycle number, double period_ms) {
  return static_cast<Cycle>(std::llround(double(number) * period_ms * 1e3));
}

}  // namespace

std::span<const EnumName<RtOrder>> enum_names(RtOrder) {
  return kRtOrders;
}

CpuScheduler::CpuScheduler(const KernelConfig& config, std::uint32_t cpus, ActivitySink* timeline)
    : config_(config), scale_(1 + std::floor(std::log2(double(cpus)))), cpus_(cpus) {
  for (std::uint32_t c = 0; c < cpus; ++c) {
    if (timeline != nullptr) timeline->on_track(c, "cpu", c);
    cpus_[c].account.attach(timeline, c);
  }
}

GroupId CpuScheduler::add_group(const std::string& name, SchedulingClass scheduling_class, double weight) {
  Group group;
  group.name = name;
  group.scheduling_class = scheduling_class;
  group.weight = weight;
  group.local.resize(cpus_.size());
  group.rt_used.resize(cpus_.size());
  group.rt_throttled.resize(cpus_.size());
  group.rt_runtime = config_.rt_total_ms * 1e3;
  groups_.push_back(std::move(group));
  return static_cast<GroupId>(groups_.size() - 1);
}

ThreadId CpuScheduler::add_thread(GroupId group, BurstListener* listener) {
  threads_.push_back({group, listener});
  return static_cast<ThreadId>(threads_.size() - 1);
}

void CpuScheduler::submit(ThreadId id, double work_us, Cycle now) {
  advance(now);
  Thread& thread = threads_[id];
  HEDDLE_CHECK(thread.state == State::idle && work_us > 0);
  place_vruntime(thread);
  thread.remaining = work_us;
  thread.state = State::waiting;
  thread.order = ++orders_;
  thread.ran = 0;
  thread.woken = true;
  if (groups_[thread.group].scheduling_class != SchedulingClass::deadline) return;
  const bool stale =
      now >= thread.deadline || thread.budget * thread.reserve_period > double(thread.deadline - now) * thread.reserved;
  if (!stale) return;
  thread.deadline = now + static_cast<Cycle>(thread.reserve_period);
  thread.budget = thread.reserved;
  thread.exhausted = false;
}

/// A sleeper comes back at most half a period behind the others.
void CpuScheduler::place_vruntime(Thread& thread) {
  Group& group = groups_[thread.group];
  bool others = false;
  double least = std::numeric_limits<double>::max();
  for (const Thread& t : threads_)
    if (t.group == thread.group && t.state != State::idle) others = true, least = std::min(least, t.vruntime);
  if (others) {
    thread.vruntime = std::max(thread.vruntime, least);
    return;
  }
  const double floor = least_vruntime(thread.group) - config_.latency_ms * 1e3 * scale_ / 2;
  group.vruntime = std::max(group.vruntime, floor);
}

double CpuScheduler::least_vruntime(GroupId except) const {
  double least = std::numeric_limits<double>::max();
  for (const Thread& t : threads_)
    if (t.group != except && t.state != State::idle && groups_[t.group].scheduling_class == SchedulingClass::fair)
      least = std::min(least, groups_[t.group].vruntime);
  return least == std::numeric_limits<double>::max() ? groups_[except].vruntime : least;
}

void CpuScheduler::set_weight(GroupId group, double weight) {
  HEDDLE_CHECK(weight > 0);
  groups_[group].weight = weight;
}

void CpuScheduler::set_quota(GroupId id, std::optional<double> cpus) {
  Group& group = groups_[id];
  std::optional<double> quota;
  if (cpus) quota = *cpus * config_.bandwidth_period_ms * 1e3;
  if (quota && group.quota) group.pool = std::max(0.0, group.pool + *quota - *group.quota);
  if (quota && !group.quota) {
    group.pool = *quota;
    std::fill(group.local.begin(), group.local.end(), 0.0);
  }
  group.quota = quota;
}

void CpuScheduler::set_rt_runtime(GroupId group, std::uint64_t runtime_us) {
  groups_[group].rt_runtime = double(runtime_us);
}

void CpuScheduler::set_reservation(ThreadId id, std::uint64_t runtime_us, std::uint64_t period_us) {
  HEDDLE_CHECK(runtime_us > 0 && runtime_us <= period_us);
  threads_[id].reserved = double(runtime_us);
  threads_[id].reserve_period = double(period_us);
}

bool CpuScheduler::admissible() const {
  double utilisation = 0;
  for (const Thread& t : threads_)
    if (t.reserve_period > 0) utilisation += t.reserved / t.reserve_period;
  return utilisation <= 0.95 * double(cpus_.size()) + kEpsilon;
}

double CpuScheduler::speed() const {
  if (config_.interference == 1.0) return 1;
  std::set<GroupId> running;
  for (const Cpu& cpu : cpus_)
    if (cpu.thread != kNone) running.insert(threads_[cpu.thread].group);
  return running.size() > 1 ? 1 / config_.interference : 1;
}

void CpuScheduler::advance(Cycle now) {
  if (now == last_) return;
  const double elapsed = double(now - last_);
  const double progress = elapsed * speed();
  for (std::uint32_t c = 0; c < cpus_.size(); ++c) {
    Cpu& cpu = cpus_[c];
    if (cpu.thread == kNone) {
      cpu.account.no_work(now);
      continue;
    }
    threads_[cpu.thread].remaining -= progress;
    charge(c, elapsed);
    cpu.account.busy(now);
  }
  last_ = now;
}

void CpuScheduler::charge(std::uint32_t c, double elapsed) {
  Thread& thread = threads_[cpus_[c].thread];
  Group& group = groups_[thread.group];
  thread.ran += elapsed;
  group.cpu_time += elapsed;
  switch (group.scheduling_class) {
    case SchedulingClass::fair:
      thread.vruntime += elapsed;
      group.vruntime += elapsed * 1024 / group.weight;
      if (group.quota) group.local[c] -= elapsed;
      return;
    case SchedulingClass::realtime:
      group.rt_used[c] += elapsed;
      group.rt_throttled[c] = rt_left(group, c) <= kEpsilon;
      cpus_[c].rt_used += elapsed;
      return;
    case SchedulingClass::deadline:
      thread.budget -= elapsed;
      if (thread.budget <= kEpsilon) thread.exhausted = true;
      return;
  }
}

/// Periods begin at multiples of their length, for all groups at once. What a CPU took and did not use lapses.
void CpuScheduler::refill(Cycle now) {
  const Cycle bandwidth = period_number(now, config_.bandwidth_period_ms);
  if (bandwidth != bandwidth_periods_) {
    bandwidth_periods_ = bandwidth;
    for (Group& group : groups_) {
      if (!group.quota) continue;
      group.pool = *group.quota;
      std::fill(group.local.begin(), group.local.end(), 0.0);
    }
  }
  const Cycle rt = period_number(now, config_.rt_period_ms);
  if (rt == rt_periods_) return;
  rt_periods_ = rt;
  for (Group& group : groups_) {
    std::fill(group.rt_used.begin(), group.rt_used.end(), 0.0);
    std::fill(group.rt_throttled.begin(), group.rt_throttled.end(), false);
  }
  for (Cpu& cpu : cpus_) cpu.rt_used = 0;
}

void CpuScheduler::refill_deadlines(Cycle now) {
  for (Thread& thread : threads_) {
    if (!thread.exhausted || now < thread.deadline) continue;
    thread.deadline += static_cast<Cycle>(thread.reserve_period);
    thread.budget = thread.reserved;
    thread.exhausted = false;
  }
}

void CpuScheduler::release(std::uint32_t c) {
  threads_[cpus_[c].thread].state = State::waiting;
  cpus_[c].thread = kNone;
}

void CpuScheduler::run(std::uint32_t c, ThreadId id) {
  Thread& thread = threads_[id];
  if (cpus_[c].thread != kNone) release(c);
  cpus_[c].thread = id;
  thread.state = State::running;
  thread.cpu = c;
  thread.ran = 0;
  take_quota(thread, c);
}

void CpuScheduler::take_quota(Thread& thread, std::uint32_t c) {
  Group& group = groups_[thread.group];
  if (group.scheduling_class != SchedulingClass::fair || !group.quota || group.local[c] > kEpsilon) return;
  const double taken = std::min(group.pool, config_.bandwidth_slice_ms * 1e3);
  group.local[c] = taken;
  group.pool -= taken;
}

void CpuScheduler::finish_bursts(Cycle now) {
  for (Cpu& cpu : cpus_) {
    if (cpu.thread == kNone || threads_[cpu.thread].remaining > kEpsilon) continue;
    const ThreadId id = cpu.thread;
    threads_[id].state = State::idle;
    threads_[id].cpu = kNone;
    cpu.thread = kNone;
    threads_[id].listener->burst_done(id, now);
  }
}

/// Microseconds of real-time runtime a group can still use on a CPU in this period. With sharing the CPUs have one sum,
/// of which one CPU uses at most the whole period.
double CpuScheduler::rt_left(const Group& group, std::uint32_t c) const {
  const double total = config_.rt_total_ms * 1e3;
  if (!config_.rt_share) return std::min(group.rt_runtime - group.rt_used[c], total - cpus_[c].rt_used);
  double group_used = 0, all_used = 0;
  for (std::uint32_t i = 0; i < cpus_.size(); ++i) group_used += group.rt_used[i], all_used += cpus_[i].rt_used;
  const auto n = static_cast<double>(cpus_.size());
  return std::min(
      {n * group.rt_runtime - group_used, n * total - all_used, config_.rt_period_ms * 1e3 - cpus_[c].rt_used});
}

/// Microseconds until something about the thread on this CPU changes.
double CpuScheduler::until_event(std::uint32_t c) const {
  const Thread& thread = threads_[cpus_[c].thread];
  const Group& group = groups_[thread.group];
  double until = thread.remaining / speed();
  switch (group.scheduling_class) {
    case SchedulingClass::fair:
      if (group.quota) until = std::min(until, group.local[c]);
      return std::min(until, fair_slice(thread) - thread.ran);
    case SchedulingClass::realtime:
      until = std::min(until, rt_left(group, c));
      if (config_.rt_order == RtOrder::round_robin) until = std::min(until, config_.rt_slice_ms * 1e3 - thread.ran);
      return until;
    case SchedulingClass::deadline:
      return std::min(until, thread.budget);
  }
  throw InternalError("unknown scheduling class");
}

Cycle CpuScheduler::next_event(Cycle now) const {
  Cycle next = kNever;
  for (std::uint32_t c = 0; c < cpus_.size(); ++c)
    if (cpus_[c].thread != kNone)
      next = std::min(next, now + static_cast<Cycle>(std::max(1.0, std::ceil(until_event(c) - kEpsilon))));
  for (const Thread& thread : threads_) {
    if (thread.state == State::idle) continue;
    const Group& group = groups_[thread.group];
    if (group.quota) next = std::min(next, period_start(bandwidth_periods_ + 1, config_.bandwidth_period_ms));
    if (group.scheduling_class == SchedulingClass::realtime)
      next = std::min(next, period_start(rt_periods_ + 1, config_.rt_period_ms));
    if (thread.exhausted) next = std::min(next, std::max(now + 1, thread.deadline));
  }
  return next;
}

Cycle CpuScheduler::step(Cycle now) {
  advance(now);
  refill(now);
  refill_deadlines(now);
  finish_bursts(now);
  schedule();
  return next_event(now);
}

bool CpuScheduler::done() const {
  return std::all_of(threads_.begin(), threads_.end(), [](const Thread& t) { return t.state == State::idle; });
}

void CpuScheduler::close(Cycle end) {
  for (Cpu& cpu : cpus_) cpu.account.close(std::max(end, cpu.account.charged_until()));
}

}  // namespace heddle::robot
