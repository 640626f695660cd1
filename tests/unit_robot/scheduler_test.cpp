// CPU schedulers alone: exact CPU time of threads that always have work, or work once per period.
#include "models/robot/cpu_scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

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

/// Runs the scheduler until `at` and then `look`.
void run_until(CpuScheduler& scheduler, Cycle at, std::function<void()> look) {
  Kernel kernel;
  kernel.add(scheduler);
  Observer observer(at, [&] {
    scheduler.advance(at);
    look();
  });
  kernel.add(observer);
  EXPECT_THROW(kernel.run(), Observer::Ended);
}

TEST(Cfs, EqualWeightsGetEqualTime) {
  CpuScheduler scheduler({}, 1);
  Ignore ignore;
  const GroupId a = scheduler.add_group("a", SchedulingClass::fair),
                b = scheduler.add_group("b", SchedulingClass::fair);
  scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  scheduler.submit(scheduler.add_thread(b, &ignore), kForever, 0);
  run_until(scheduler, 600'000, [&] {
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 300'000);
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(b), 300'000);
  });
}

TEST(Cfs, GroupsNotThreadsAreEqual) {
  CpuScheduler scheduler({}, 1);
  Ignore ignore;
  const GroupId a = scheduler.add_group("a", SchedulingClass::fair),
                b = scheduler.add_group("b", SchedulingClass::fair);
  scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  for (int i = 0; i < 3; ++i) scheduler.submit(scheduler.add_thread(b, &ignore), kForever, 0);
  run_until(scheduler, 6'000'000, [&] {
    EXPECT_NEAR(scheduler.cpu_time_us(a), 3'000'000, 12'000);
    EXPECT_NEAR(scheduler.cpu_time_us(b), 3'000'000, 12'000);
  });
}

TEST(Cfs, WeightsFiveToOneWithinOnePeriod) {
  CpuScheduler scheduler({}, 1);
  Ignore ignore;
  const GroupId a = scheduler.add_group("a", SchedulingClass::fair, 5 * 1024);
  const GroupId b = scheduler.add_group("b", SchedulingClass::fair, 1024);
  scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  scheduler.submit(scheduler.add_thread(b, &ignore), kForever, 0);
  run_until(scheduler, 6'000, [&] {
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 5'000);
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(b), 1'000);
  });
}

TEST(Cfs, QuotaCapsAGroupThatIsAlone) {
  CpuScheduler scheduler({}, 4);
  Ignore ignore;
  const GroupId a = scheduler.add_group("a", SchedulingClass::fair);
  scheduler.set_quota(a, 0.3);
  for (int i = 0; i < 4; ++i) scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  run_until(scheduler, 1'000'000, [&] { EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 300'000); });
}

TEST(Cfs, QuotaIsSpentWithinEachPeriod) {
  CpuScheduler scheduler({}, 4);
  Ignore ignore;
  const GroupId a = scheduler.add_group("a", SchedulingClass::fair);
  scheduler.set_quota(a, 0.3);
  scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  run_until(scheduler, 99'999, [&] { EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 30'000); });
}

TEST(Realtime, RuntimeIsPerCpuAndSecond) {
  CpuScheduler scheduler({}, 4);
  Ignore ignore;
  const GroupId a = scheduler.add_group("slam", SchedulingClass::realtime);
  scheduler.set_rt_runtime(a, 825'688);
  for (int i = 0; i < 4; ++i) scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  run_until(scheduler, 3'000'000 - 1, [&] {
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 4 * 3 * 825'688.0);
    for (std::uint32_t c = 0; c < 4; ++c) EXPECT_DOUBLE_EQ(scheduler.rt_used_us(a, c), 825'688);
  });
}

TEST(Realtime, WithSharingOneThreadBorrowsTheOtherCpusRuntime) {
  KernelConfig config;
  config.rt_share = true;
  CpuScheduler scheduler(config, 4);
  Ignore ignore;
  const GroupId a = scheduler.add_group("a", SchedulingClass::realtime);
  scheduler.set_rt_runtime(a, 200'000);
  scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  run_until(scheduler, 1'999'999, [&] { EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 2 * 800'000); });
}

TEST(Realtime, UnusedTimeGoesToFairGroups) {
  CpuScheduler scheduler({}, 1);
  Ignore ignore;
  const GroupId a = scheduler.add_group("rt", SchedulingClass::realtime);
  const GroupId b = scheduler.add_group("fair", SchedulingClass::fair);
  scheduler.set_rt_runtime(a, 300'000);
  scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  scheduler.submit(scheduler.add_thread(b, &ignore), kForever, 0);
  run_until(scheduler, 1'999'999, [&] {
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 600'000);
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(b), 1'399'999);
  });
}

TEST(Realtime, FivePerCentStayForFairGroups) {
  CpuScheduler scheduler({}, 1);
  Ignore ignore;
  const GroupId a = scheduler.add_group("rt", SchedulingClass::realtime);
  const GroupId b = scheduler.add_group("fair", SchedulingClass::fair);
  scheduler.set_rt_runtime(a, 1'000'000);
  scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
  scheduler.submit(scheduler.add_thread(b, &ignore), kForever, 0);
  run_until(scheduler, 999'999, [&] {
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), 950'000);
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(b), 49'999);
  });
}

TEST(Realtime, RoundRobinSharesAndFifoDoesNot) {
  for (const RtOrder order : {RtOrder::round_robin, RtOrder::fifo}) {
    KernelConfig config;
    config.rt_order = order;
    CpuScheduler scheduler(config, 1);
    Ignore ignore;
    const GroupId a = scheduler.add_group("a", SchedulingClass::realtime);
    const GroupId b = scheduler.add_group("b", SchedulingClass::realtime);
    scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
    scheduler.submit(scheduler.add_thread(b, &ignore), kForever, 0);
    run_until(scheduler, 800'000, [&] {
      EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(a), order == RtOrder::fifo ? 800'000 : 400'000);
      EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(b), order == RtOrder::fifo ? 0 : 400'000);
    });
  }
}

/// Uses up its budget, gets nine times as much at 200 ms; CPU time at 300 ms and at 1100 ms.
void expect_effect_of_more(SchedulingClass kind, double at_300, double at_1100) {
  for (const Cycle look : {Cycle{300'000}, Cycle{1'100'000}}) {
    CpuScheduler scheduler({}, 1);
    Ignore ignore;
    const GroupId a = scheduler.add_group("a", kind);
    scheduler.set_quota(a, kind == SchedulingClass::fair ? std::optional(0.1) : std::nullopt);
    scheduler.set_rt_runtime(a, 100'000);
    scheduler.submit(scheduler.add_thread(a, &ignore), kForever, 0);
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
  CpuScheduler scheduler({}, 1);
  Ignore ignore;
  const GroupId greedy = scheduler.add_group("greedy", SchedulingClass::deadline);
  const GroupId fair = scheduler.add_group("fair", SchedulingClass::fair);
  const ThreadId thread = scheduler.add_thread(greedy, &ignore);
  scheduler.set_reservation(thread, 30'000, 100'000);
  scheduler.submit(thread, kForever, 0);
  scheduler.submit(scheduler.add_thread(fair, &ignore), kForever, 0);
  run_until(scheduler, 999'999, [&] {
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(greedy), 300'000);
    EXPECT_DOUBLE_EQ(scheduler.cpu_time_us(fair), 699'999);
  });
}

TEST(Interference, SlowsOnlyWhileTwoGroupsRun) {
  KernelConfig config;
  config.interference = 2;
  for (const int groups : {1, 2}) {
    CpuScheduler scheduler(config, 2);
    Ignore ignore;
    const GroupId a = scheduler.add_group("a", SchedulingClass::fair);
    const GroupId b = groups == 1 ? a : scheduler.add_group("b", SchedulingClass::fair);
    const ThreadId first = scheduler.add_thread(a, &ignore);
    scheduler.submit(first, 10'000, 0);
    scheduler.submit(scheduler.add_thread(b, &ignore), kForever, 0);
    run_until(scheduler, 10'001, [&] { EXPECT_EQ(scheduler.idle(first), groups == 1); });
  }
}

}  // namespace
}  // namespace heddle::robot_test
