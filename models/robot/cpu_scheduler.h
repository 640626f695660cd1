// The CPUs of a robot under the schedulers of a Linux kernel, one tick a microsecond. Threads belong to groups
// (containers). A group is of one class:
//
//   fair      CFS: the group with the least virtual runtime runs, in it the thread with the least; a CPU quota per
//             period can cap it (bandwidth control: not work-conserving; kernel documentation sched-design-CFS,
//             sched-bwc)
//   realtime  RR or FIFO above fair groups, with a runtime per CPU and period (sched-rt-group)
//   deadline  EDF above both, each thread in a constant-bandwidth server (sched-deadline)
//
// Idealised: one fair run queue for all CPUs instead of one per CPU with periodic balancing; no cost of a context
// switch or migration. A thread that sleeps keeps its virtual runtime, but not more than half a period behind the least
// of the others when it wakes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/describe.h"
#include "sim/kernel/account.h"
#include "sim/kernel/kernel.h"

namespace heddle::robot {

using GroupId = std::uint32_t;
using ThreadId = std::uint32_t;

enum class SchedulingClass : std::uint8_t { fair, realtime, deadline };

enum class RtOrder : std::uint8_t { round_robin, fifo };
std::span<const EnumName<RtOrder>> enum_names(RtOrder);

/// Times of the kernel. The first three are multiplied by 1 + log2(CPUs), as the kernel does by default.
struct KernelConfig {
  double latency_ms = 6, granularity_ms = 0.75, wakeup_ms = 1;
  double bandwidth_period_ms = 100, bandwidth_slice_ms = 5;
  double rt_period_ms = 1000, rt_total_ms = 950, rt_slice_ms = 100;
  RtOrder rt_order = RtOrder::round_robin;
  bool rt_share = false;
  double interference = 1.0;
};
template <class V>
void describe(V& v, KernelConfig& c) {
  v.field("latency_ms", c.latency_ms, "ms", "CFS: every runnable thread runs once in this time", in_range(0.01, 1e6));
  v.field("granularity_ms", c.granularity_ms, "ms", "CFS: least slice; stretches the period of many threads",
          in_range(0.01, 1e6));
  v.field("wakeup_ms", c.wakeup_ms, "ms", "CFS: lead in virtual runtime with which a waking thread preempts",
          in_range(0, 1e6));
  v.field("bandwidth_period_ms", c.bandwidth_period_ms, "ms", "CFS quotas are per this period", in_range(1, 1e6));
  v.field("bandwidth_slice_ms", c.bandwidth_slice_ms, "ms", "quota a CPU takes from its group at a time",
          in_range(0.01, 1e6));
  v.field("rt_period_ms", c.rt_period_ms, "ms", "period of real-time budgets", in_range(1, 1e6));
  v.field("rt_total_ms", c.rt_total_ms, "ms", "all real-time groups together, per CPU and period", in_range(0, 1e6));
  v.field("rt_slice_ms", c.rt_slice_ms, "ms", "round robin among real-time threads", in_range(0.01, 1e6));
  v.field("rt_order", c.rt_order, "name", "among real-time threads of one CPU");
  v.field("rt_share", c.rt_share, "bool",
          "a CPU borrows what the others have left of a group's real-time runtime (Linux's default before 5.10)");
  v.field("interference", c.interference, "factor", "slowdown of every thread while two groups run at once; 1: none",
          in_range(1, 100));
}

/// Hears when the work given to a thread is done, during the scheduler's step; may submit more.
class BurstListener {
 public:
  virtual ~BurstListener() = default;
  virtual void burst_done(ThreadId thread, Cycle now) = 0;
};

class CpuScheduler : public Agent {
 public:
  /// Tracks of `timeline`: "cpu".
  CpuScheduler(const KernelConfig& config, std::uint32_t cpus, ActivitySink* timeline = nullptr);

  GroupId add_group(const std::string& name, SchedulingClass scheduling_class, double weight = 1024);
  ThreadId add_thread(GroupId group, BurstListener* listener);

  /// Gives an idle thread `work_us` of undisturbed CPU time to do. Wake the scheduler afterwards.
  void submit(ThreadId thread, double work_us, Cycle now);
  bool idle(ThreadId thread) const { return threads_[thread].state == State::idle; }

  void set_weight(GroupId group, double weight);
  /// CPUs' worth of quota per period; what it grows or shrinks by counts at once. None: no cap.
  void set_quota(GroupId group, std::optional<double> cpus);
  /// Runtime per CPU and period; time already used counts, and a CPU on which it was used up stays so until the next
  /// period.
  void set_rt_runtime(GroupId group, std::uint64_t runtime_us);
  /// Reservation of a thread of a deadline group: `runtime_us` per `period_us`, deadline at its end.
  void set_reservation(ThreadId thread, std::uint64_t runtime_us, std::uint64_t period_us);
  /// Sum of runtime / period of the reservations is at most CPUs * 0.95, as the kernel demands.
  bool admissible() const;

  /// Charges CPU time up to `now`; figures below are as of then. Schedules nothing.
  void advance(Cycle now);
  Cycle step(Cycle now) override;
  bool done() const override;
  std::string waiting_for() const override { return "runnable threads"; }

  double cpu_time_us(GroupId group) const { return groups_[group].cpu_time; }
  /// CPU time of a group on one CPU in its current real-time period.
  double rt_used_us(GroupId group, std::uint32_t cpu) const { return groups_[group].rt_used[cpu]; }
  void close(Cycle end);

 private:
  enum class State : std::uint8_t { idle, waiting, running };
  static constexpr std::uint32_t kNone = ~0u;
  static constexpr double kEpsilon = 1e-6;

  struct Thread {
    GroupId group;
    BurstListener* listener;
    State state = State::idle;
    double remaining = 0;  ///< us of undisturbed CPU time
    double vruntime = 0;
    std::uint32_t cpu = kNone;  ///< where it runs or, realtime, where it is queued
    double ran = 0;             ///< us since it was last chosen
    std::uint64_t order = 0;    ///< queueing order of realtime threads
    bool woken = false;
    double reserved = 0, reserve_period = 0, budget = 0;
    Cycle deadline = 0;
    bool exhausted = false;  ///< deadline: waits for its next period
  };
  struct Group {
    std::string name;
    SchedulingClass scheduling_class = SchedulingClass::fair;
    double weight = 1024;
    double vruntime = 0;
    double cpu_time = 0;
    std::optional<double> quota;  ///< us per period
    double pool = 0;
    std::vector<double> local;  ///< by CPU: quota taken and not yet used
    double rt_runtime = 0;
    std::vector<double> rt_used;     ///< by CPU
    std::vector<bool> rt_throttled;  ///< by CPU: until the next period, whatever the runtime becomes
  };
  struct Cpu {
    std::uint32_t thread = kNone;
    double rt_used = 0;
    CycleAccount account;
  };

  void charge(std::uint32_t cpu, double elapsed);
  void refill(Cycle now);
  void refill_deadlines(Cycle now);
  void finish_bursts(Cycle now);
  void release(std::uint32_t cpu);
  void run(std::uint32_t cpu, ThreadId thread);
  void drop_ineligible();
  void schedule();
  void schedule_deadline();
  void schedule_realtime();
  void schedule_fair();
  void preempt_for_woken();
  bool may_run(const Thread& thread, std::uint32_t cpu) const;
  double rt_left(const Group& group, std::uint32_t cpu) const;
  void take_quota(Thread& thread, std::uint32_t cpu);
  double speed() const;
  double fair_slice(const Thread& thread) const;
  std::uint32_t pick_fair(std::uint32_t cpu) const;
  bool waits(ThreadId thread, SchedulingClass scheduling_class) const;
  bool fair_before(const Thread& a, const Thread& b) const;
  std::uint32_t free_cpu_for(const Thread& thread) const;
  void place_woken_realtime();
  std::uint32_t pick_realtime(std::uint32_t cpu) const;
  double until_event(std::uint32_t cpu) const;
  Cycle next_event(Cycle now) const;
  double least_vruntime(GroupId except) const;
  void place_vruntime(Thread& thread);

  KernelConfig config_;
  double scale_ = 1;
  std::vector<Group> groups_;
  std::vector<Thread> threads_;
  std::vector<Cpu> cpus_;
  Cycle last_ = 0;
  std::uint64_t bandwidth_periods_ = 0, rt_periods_ = 0, orders_ = 0;
};

}  // namespace heddle::robot
