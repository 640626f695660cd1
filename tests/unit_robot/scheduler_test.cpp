// CPU schedulers alone: exact CPU time of threads that always have work, or work once per period.
#include "models/robot/cpu_scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace heddle::robot_test {
namespace {

using namespace heddle::robot;

constexpr double kForever = 1e12;

/// Ends the run at a fixed time by looking at it.
class Observer : public Agent {
 public:
  Observer(Cycle at, std::function<void()> look) : at_(at), look_(std::move(look)) {}
  Cycle step(Cycle now) override {
    if (now < at_) return at_;
    look_();
    throw Ended{};
  }
  bool done() const override { return true; }
  std::string waiting_for() const override { return ""; }
  struct Ended {};

 private:
  Cycle at_;
  std::function<void()> look_;
};

class Ignore : public BurstListener {
 public:
  void burst_done(ThreadId, Cycle) override {}
};

/// A scheduler with threads that always have work.
class Bench {
 public:
  explicit Bench(std::uint32_t cpus, const KernelConfig& config = {}) : scheduler(config, cpus) {}

  GroupId group(SchedulingClass kind, std::uint32_t weight = 1024) {
    return scheduler.add_group("group", kind, weight);
  }
  GroupId busy_group(SchedulingClass kind, int threads = 1, std::uint32_t weight = 1024) {
    const GroupId id = group(kind, weight);
    for (int i = 0; i < threads; ++i) work(id, kForever);
    return id;
  }
  ThreadId work(GroupId in, double us) {
    const ThreadId thread = scheduler.add_thread(in, &ignore_);
    scheduler.submit(thread, us, 0);
    return thread;
  }
  void reserve_and_work(GroupId in, std::uint64_t runtime_us, std::uint64_t period_us) {
    const ThreadId thread = scheduler.add_thread(in, &ignore_);
    scheduler.set_reservation(thread, runtime_us, period_us);
    scheduler.submit(thread, kForever, 0);
  }
  void run_until(Cycle at) {
    Kernel kernel;
    kernel.add(scheduler);
    Observer observer(at, [&] { scheduler.advance(at); });
    kernel.add(observer);
    EXPECT_THROW(kernel.run(), Observer::Ended);
  }
  double time_us(GroupId of) { return scheduler.cpu_time_us(of); }

  CpuScheduler scheduler;

 private:
  Ignore ignore_;
};

TEST(Cfs, EqualWeightsGetEqualTime) {
  Bench bench(1);
  const GroupId a = bench.busy_group(SchedulingClass::fair), b = bench.busy_group(SchedulingClass::fair);
  bench.run_until(600'000);
  EXPECT_DOUBLE_EQ(bench.time_us(a), 300'000);
  EXPECT_DOUBLE_EQ(bench.time_us(b), 300'000);
}

TEST(Cfs, GroupsNotThreadsAreEqual) {
  Bench bench(1);
  const GroupId a = bench.busy_group(SchedulingClass::fair), b = bench.busy_group(SchedulingClass::fair, 3);
  bench.run_until(6'000'000);
  EXPECT_NEAR(bench.time_us(a), 3'000'000, 12'000);
  EXPECT_NEAR(bench.time_us(b), 3'000'000, 12'000);
}

TEST(Cfs, WeightsFiveToOneWithinOnePeriod) {
  Bench bench(1);
  const GroupId a = bench.busy_group(SchedulingClass::fair, 1, 5 * 1024);
  const GroupId b = bench.busy_group(SchedulingClass::fair, 1, 1024);
  bench.run_until(6'000);
  EXPECT_DOUBLE_EQ(bench.time_us(a), 5'000);
  EXPECT_DOUBLE_EQ(bench.time_us(b), 1'000);
}

TEST(Cfs, QuotaCapsAGroupThatIsAlone) {
  Bench bench(4);
  const GroupId a = bench.busy_group(SchedulingClass::fair, 4);
  bench.scheduler.set_quota(a, 0.3);
  bench.run_until(1'000'000);
  EXPECT_DOUBLE_EQ(bench.time_us(a), 300'000);
}

TEST(Cfs, QuotaIsSpentWithinEachPeriod) {
  Bench bench(4);
  const GroupId a = bench.busy_group(SchedulingClass::fair);
  bench.scheduler.set_quota(a, 0.3);
  bench.run_until(99'999);
  EXPECT_DOUBLE_EQ(bench.time_us(a), 30'000);
}

TEST(Realtime, RuntimeIsPerCpuAndSecond) {
  Bench bench(4);
  const GroupId a = bench.busy_group(SchedulingClass::realtime, 4);
  bench.scheduler.set_rt_runtime(a, 825'688);
  bench.run_until(3'000'000 - 1);
  EXPECT_DOUBLE_EQ(bench.time_us(a), 4 * 3 * 825'688.0);
  for (std::uint32_t c = 0; c < 4; ++c) EXPECT_DOUBLE_EQ(bench.scheduler.rt_used_us(a, c), 825'688);
}

TEST(Realtime, WithSharingOneThreadBorrowsTheOtherCpusRuntime) {
  KernelConfig config;
  config.rt_share = true;
  Bench bench(4, config);
  const GroupId a = bench.busy_group(SchedulingClass::realtime);
  bench.scheduler.set_rt_runtime(a, 200'000);
  bench.run_until(1'999'999);
  EXPECT_DOUBLE_EQ(bench.time_us(a), 2 * 800'000);
}

/// Real time with `runtime_us` per second before fair groups, both always busy on one CPU: what each gets until `at`.
std::pair<double, double> times_beside_realtime(std::uint64_t runtime_us, Cycle at) {
  Bench bench(1);
  const GroupId a = bench.busy_group(SchedulingClass::realtime), b = bench.busy_group(SchedulingClass::fair);
  bench.scheduler.set_rt_runtime(a, runtime_us);
  bench.run_until(at);
  return {bench.time_us(a), bench.time_us(b)};
}

TEST(Realtime, UnusedTimeGoesToFairGroups) {
  const auto [realtime, fair] = times_beside_realtime(300'000, 1'999'999);
  EXPECT_DOUBLE_EQ(realtime, 600'000);
  EXPECT_DOUBLE_EQ(fair, 1'399'999);
}

TEST(Realtime, FivePerCentStayForFairGroups) {
  const auto [realtime, fair] = times_beside_realtime(1'000'000, 999'999);
  EXPECT_DOUBLE_EQ(realtime, 950'000);
  EXPECT_DOUBLE_EQ(fair, 49'999);
}

TEST(Realtime, RoundRobinSharesAndFifoDoesNot) {
  for (const RtOrder order : {RtOrder::round_robin, RtOrder::fifo}) {
    KernelConfig config;
    config.rt_order = order;
    Bench bench(1, config);
    const GroupId a = bench.busy_group(SchedulingClass::realtime), b = bench.busy_group(SchedulingClass::realtime);
    bench.run_until(800'000);
    EXPECT_DOUBLE_EQ(bench.time_us(a), order == RtOrder::fifo ? 800'000 : 400'000);
    EXPECT_DOUBLE_EQ(bench.time_us(b), order == RtOrder::fifo ? 0 : 400'000);
  }
}

/// Uses up its budget, gets nine times as much at 200 ms; CPU time at 300 ms and at 1100 ms.
void expect_effect_of_more(SchedulingClass kind, double at_300, double at_1100) {
  for (const Cycle look : {Cycle{300'000}, Cycle{1'100'000}}) {
    Bench bench(1);
    CpuScheduler& scheduler = bench.scheduler;
    const GroupId a = bench.busy_group(kind);
    scheduler.set_quota(a, kind == SchedulingClass::fair ? std::optional(0.1) : std::nullopt);
    scheduler.set_rt_runtime(a, 100'000);
    Kernel kernel;
    const AgentId id = kernel.add(scheduler);
    class More : public Agent {
     public:
      More(std::function<void()> act) : act_(std::move(act)) {}
      Cycle step(Cycle now) override {
        if (now < 210'000) return 210'000;
        act_();
        return kNever;
      }
      bool done() const override { return true; }
      std::string waiting_for() const override { return ""; }
      std::function<void()> act_;
    } more([&] {
      scheduler.advance(kernel.now());
      if (kind == SchedulingClass::fair) scheduler.set_quota(a, 0.9);
      scheduler.set_rt_runtime(a, 900'000);
      kernel.wake(id, kernel.now() + 1);
    });
    kernel.add(more);
    Observer observer(look, [&] { scheduler.advance(look); });
    kernel.add(observer);
    EXPECT_THROW(kernel.run(), Observer::Ended);
    EXPECT_NEAR(scheduler.cpu_time_us(a), look == 300'000 ? at_300 : at_1100, 2);
  }
}

TEST(Realtime, MoreRuntimeWaitsForTheNextPeriod) {
  expect_effect_of_more(SchedulingClass::realtime, 100'000, 100'000 + 100'000);
}

TEST(Cfs, MoreQuotaCountsAtOnce) {
  // 10 ms per period until 210 ms, then 80 ms more in this one; 90 ms in each of the next seven and in the last.
  expect_effect_of_more(SchedulingClass::fair, 30'000 + 80'000, 30'000 + 80'000 + 8 * 90'000);
}

/// Periodic jobs with implicit deadlines on one CPU, `work` us each `period` us, under EDF.
class PeriodicJobs : public Agent, public BurstListener {
 public:
  PeriodicJobs(Kernel& kernel, CpuScheduler& scheduler) : kernel_(kernel), scheduler_(scheduler) {}
  void add(ThreadId thread, double work, Cycle period) { jobs_[thread] = {work, period, 0, 0}; }

  Cycle step(Cycle now) override {
    Cycle next = kNever;
    for (auto& [thread, job] : jobs_) {
      if (now % job.period == 0 && now < kEnd) {
        ++job.released;
        if (scheduler_.idle(thread)) scheduler_.submit(thread, job.work, now);
        kernel_.wake(scheduler_id, now);
      }
      const Cycle release = (now / job.period + 1) * job.period;
      if (release <= kEnd) next = std::min(next, release);
    }
    return next;
  }
  void burst_done(ThreadId thread, Cycle now) override {
    Job& job = jobs_[thread];
    if (now > ++job.finished * job.period) ++misses;  // the n-th job is due at n periods
    if (job.finished < job.released) scheduler_.submit(thread, job.work, now);
  }
  bool done() const override { return true; }
  std::string waiting_for() const override { return ""; }

  AgentId scheduler_id = 0;
  int misses = 0;

 private:
  static constexpr Cycle kEnd = 1'200'000;
  struct Job {
    double work = 0;
    Cycle period = 0;
    std::uint64_t released = 0, finished = 0;
  };
  Kernel& kernel_;
  CpuScheduler& scheduler_;
  std::map<ThreadId, Job> jobs_;
};

int misses_under_edf(double work_a, double work_b, double work_c) {
  Kernel kernel;
  CpuScheduler scheduler({}, 1);
  PeriodicJobs jobs(kernel, scheduler);
  const double work[] = {work_a, work_b, work_c};
  const Cycle period[] = {20'000, 30'000, 60'000};
  for (int i = 0; i < 3; ++i) {
    const GroupId group = scheduler.add_group("job", SchedulingClass::deadline);
    const ThreadId thread = scheduler.add_thread(group, &jobs);
    scheduler.set_reservation(thread, static_cast<std::uint64_t>(work[i]), period[i]);
    jobs.add(thread, work[i], period[i]);
  }
  kernel.add(jobs);
  jobs.scheduler_id = kernel.add(scheduler);
  kernel.run();
  return jobs.misses;
}

TEST(Edf, FullUtilisationMissesNothing) {
  EXPECT_EQ(misses_under_edf(10'000, 10'000, 10'000), 0) << "1/2 + 1/3 + 1/6 = 1";
}

TEST(Edf, MoreThanFullMisses) {
  EXPECT_GT(misses_under_edf(10'000, 10'000, 10'700), 0);
}

TEST(Edf, AdmissionIsNinetyFivePerCent) {
  CpuScheduler scheduler({}, 1);
  Ignore ignore;
  const GroupId group = scheduler.add_group("d", SchedulingClass::deadline);
  scheduler.set_reservation(scheduler.add_thread(group, &ignore), 95'000, 100'000);
  EXPECT_TRUE(scheduler.admissible());
  scheduler.set_reservation(scheduler.add_thread(group, &ignore), 1'000, 100'000);
  EXPECT_FALSE(scheduler.admissible());
}

TEST(Cbs, AServerNeverExceedsItsBandwidth) {
  Bench bench(1);
  const GroupId greedy = bench.group(SchedulingClass::deadline);
  bench.reserve_and_work(greedy, 30'000, 100'000);
  const GroupId fair = bench.busy_group(SchedulingClass::fair);
  bench.run_until(999'999);
  EXPECT_DOUBLE_EQ(bench.time_us(greedy), 300'000);
  EXPECT_DOUBLE_EQ(bench.time_us(fair), 699'999);
}

TEST(Interference, SlowsOnlyWhileTwoGroupsRun) {
  KernelConfig config;
  config.interference = 2;
  for (const int groups : {1, 2}) {
    Bench bench(2, config);
    const GroupId a = bench.group(SchedulingClass::fair);
    const ThreadId first = bench.work(a, 10'000);
    bench.work(groups == 1 ? a : bench.group(SchedulingClass::fair), kForever);
    bench.run_until(10'001);
    EXPECT_EQ(bench.scheduler.idle(first), groups == 1);
  }
}

}  // namespace
}  // namespace heddle::robot_test
