#include "sim/kernel/kernel.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "sim/base/errors.h"

namespace heddle {
namespace {

class Recorder final : public Agent {
 public:
  Recorder(std::vector<std::string>& log, std::string name) : log_(log), name_(std::move(name)) {}
  Cycle step(Cycle now) override {
    log_.push_back(name_ + std::to_string(now));
    return act ? act(now) : kNever;
  }
  bool done() const override { return finished; }
  std::string waiting_for() const override { return "a sign for " + name_; }

  std::function<Cycle(Cycle)> act;
  bool finished = true;

 private:
  std::vector<std::string>& log_;
  std::string name_;
};

using Log = std::vector<std::string>;

TEST(Kernel, StepsAgentsOfACycleInOrderOfRegistration) {
  Log log;
  Kernel kernel;
  Recorder a(log, "a"), b(log, "b"), c(log, "c");
  kernel.add(a);
  kernel.add(b);
  kernel.add(c);
  EXPECT_EQ(kernel.run(), 0u);
  EXPECT_EQ(log, (Log{"a0", "b0", "c0"}));
}

TEST(Kernel, AnAgentMayWakeALaterOneInTheSameCycle) {
  Log log;
  Kernel kernel;
  Recorder a(log, "a"), b(log, "b");
  kernel.add(a);
  const AgentId later = kernel.add(b, true);
  a.act = [&](Cycle now) {
    kernel.wake(later, now);
    return kNever;
  };
  kernel.run();
  EXPECT_EQ(log, (Log{"a0", "b0"}));
}

TEST(Kernel, TheEarlierOfTwoWakeUpsWins) {
  Log log;
  Kernel kernel;
  Recorder a(log, "a");
  const AgentId id = kernel.add(a, true);
  kernel.wake(id, 9);
  kernel.wake(id, 5);
  kernel.wake(id, 7);
  EXPECT_EQ(kernel.run(), 5u);
  EXPECT_EQ(log, (Log{"a5"}));
}

TEST(Kernel, WakesFarBeyondTheWheelAndReplacesSuchAWakeUp) {
  Log log;
  Kernel kernel;
  Recorder a(log, "a"), b(log, "b");
  a.act = [](Cycle now) { return now < 50'000'000 ? now * 10 + 5000 : kNever; };
  kernel.add(a);
  const AgentId id = kernel.add(b, true);
  kernel.wake(id, 1'000'000);
  kernel.wake(id, 6'000);
  kernel.run();
  EXPECT_EQ(log, (Log{"a0", "a5000", "b6000", "a55000", "a555000", "a5555000", "a55555000"}));
}

TEST(Kernel, KeepsOrderBetweenWheelAndFarWakeUpsOfOneCycle) {
  Log log;
  Kernel kernel;
  Recorder a(log, "a"), b(log, "b");
  const AgentId first = kernel.add(a, true);
  kernel.add(b);
  kernel.wake(first, 10'000);
  b.act = [](Cycle now) { return now < 10'000 ? now + 1000 : kNever; };
  kernel.run();
  EXPECT_EQ(log[log.size() - 2], "a10000");
  EXPECT_EQ(log.back(), "b10000");
}

TEST(Kernel, ManyAgentsAreAllStepped) {
  Log log;
  Kernel kernel;
  std::vector<std::unique_ptr<Recorder>> agents;
  for (int i = 0; i < 200; ++i) {
    agents.push_back(std::make_unique<Recorder>(log, std::to_string(i) + "@"));
    kernel.add(*agents.back());
  }
  kernel.run();
  ASSERT_EQ(log.size(), 200u);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(log[std::size_t(i)], std::to_string(i) + "@0");
}

TEST(Kernel, ADeadlockNamesEveryAgentThatIsNotDone) {
  Log log;
  Kernel kernel;
  Recorder a(log, "a"), b(log, "b");
  kernel.add(a);
  kernel.add(b);
  b.finished = false;
  try {
    kernel.run();
    FAIL() << "no deadlock reported";
  } catch (const Deadlock& deadlock) {
    const std::string text = deadlock.what();
    EXPECT_NE(text.find("cycle 0"), std::string::npos) << text;
    EXPECT_NE(text.find("agent 1 waits for a sign for b"), std::string::npos) << text;
    EXPECT_EQ(text.find("sign for a"), std::string::npos) << text;
  }
}

TEST(Kernel, ARunWithoutEndIsALivelock) {
  Log log;
  Kernel kernel(1000);
  Recorder a(log, "a");
  a.act = [](Cycle now) { return now + 1; };
  a.finished = false;
  kernel.add(a);
  EXPECT_THROW(kernel.run(), Deadlock);
}

}  // namespace
}  // namespace heddle
