// The event core: agents, and a wheel of cycles with one bit per agent.
//
// An agent is anything with its own control (a PE, a memory bank, a stream). It has at most one pending wake-up, so the
// queue holds no event objects: nothing is allocated during a run. Same-cycle rule: agents act in construction order.
#pragma once

#include <cstdint>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/units.h"

namespace heddle {

using AgentId = std::uint32_t;

class Agent {
 public:
  virtual ~Agent() = default;
  /// Act at `now`. Returns the next cycle at which to be called (> now), or kNever to sleep until woken.
  virtual Cycle step(Cycle now) = 0;
  /// True when the agent has nothing left to do in this run.
  virtual bool done() const = 0;
  /// One line for the deadlock report.
  virtual std::string waiting_for() const = 0;
};

class Kernel {
 public:
  /// Steps without any agent waking another or being done after which a run is declared livelocked; 0 = no limit.
  explicit Kernel(std::uint64_t livelock_steps = 0) : livelock_steps_(livelock_steps) {}

  /// Order of registration is the priority within a cycle. The agent must outlive the kernel. First wake-up: cycle 0,
  /// unless `asleep`.
  AgentId add(Agent& agent, bool asleep = false);

  /// Ask for agent `id` to be stepped at cycle `at`. One pending wake-up per agent: the earlier wins. `at` must be
  /// later than now, or equal to now for an agent that comes after the one being stepped.
  void wake(AgentId id, Cycle at);

  Cycle now() const { return now_; }

  /// Step agents in (cycle, agent) order until all are done. Returns the cycle of the last step. Throws Deadlock when
  /// some agent is not done and none will ever be stepped.
  Cycle run();

 private:
  static constexpr std::uint32_t kHorizon = 4096;  // cycles covered by the wheel; a power of two

  struct Slot {
    Agent* agent = nullptr;
    Cycle wake_at = kNever;
  };

  std::uint64_t* row(Cycle cycle) { return &bits_[(cycle & (kHorizon - 1)) * words_]; }
  void mark(AgentId id, Cycle at) {
    const Cycle r = at & (kHorizon - 1);
    bits_[r * words_ + id / 64] |= std::uint64_t{1} << (id % 64);
    occupied_[r / 64] |= std::uint64_t{1} << (r % 64);
  }
  void insert(AgentId id, Cycle at);
  void remove(AgentId id);
  Cycle next_cycle();
  Cycle following_cycle();
  void step_agents_of(Cycle cycle);
  [[noreturn]] void report_deadlock(const char* kind) const;

  std::vector<Slot> slots_;
  std::uint32_t words_ = 1;          // 64-bit words per wheel row
  std::vector<std::uint64_t> bits_;  // wheel: kHorizon rows of one bit per agent
  std::vector<std::uint64_t> occupied_ = std::vector<std::uint64_t>(kHorizon / 64);  // rows that hold any bit
  using FarWake = std::pair<Cycle, AgentId>;
  std::priority_queue<FarWake, std::vector<FarWake>, std::greater<>> far_;  // beyond the horizon; entries may be stale
  Cycle now_ = 0;
  AgentId current_ = 0;
  bool stepping_ = false;
  std::uint64_t livelock_steps_;
};

}  // namespace heddle
