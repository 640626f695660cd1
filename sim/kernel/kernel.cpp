#include "sim/kernel/kernel.h"

#include <algorithm>
#include <bit>

#include "sim/base/errors.h"

namespace heddle {

AgentId Kernel::add(Agent& agent, bool asleep) {
  HEDDLE_CHECK(!stepping_);
  const auto id = static_cast<AgentId>(slots_.size());
  slots_.push_back({&agent, kNever});
  const auto words = static_cast<std::uint32_t>((slots_.size() + 63) / 64);
  if (words != words_ || bits_.empty()) {  // widen every row; agents are only added before the run
    std::vector<std::uint64_t> wider(std::size_t{kHorizon} * words);
    for (std::size_t r = 0; !bits_.empty() && r < kHorizon; ++r)
      std::copy_n(&bits_[r * words_], words_, &wider[r * words]);
    bits_ = std::move(wider);
    words_ = words;
  }
  if (!asleep) insert(id, now_);
  return id;
}

void Kernel::insert(AgentId id, Cycle at) {
  slots_[id].wake_at = at;
  if (at - now_ >= kHorizon) {
    far_.emplace(at, id);
    return;
  }
  mark(id, at);
}

void Kernel::remove(AgentId id) {
  const Cycle at = slots_[id].wake_at;
  if (at == kNever || at - now_ >= kHorizon) return;  // an entry of far_ becomes stale and is dropped when it surfaces
  row(at)[id / 64] &= ~(std::uint64_t{1} << (id % 64));
}

void Kernel::wake(AgentId id, Cycle at) {
  HEDDLE_DCHECK(at > now_ || (at == now_ && (!stepping_ || id > current_)));
  if (at >= slots_[id].wake_at) return;
  remove(id);
  insert(id, at);
}

Cycle Kernel::next_cycle() {
  while (!far_.empty() && far_.top().first - now_ < kHorizon) {  // bring far wake-ups into the wheel
    const auto [at, id] = far_.top();
    far_.pop();
    if (slots_[id].wake_at == at) insert(id, at);
  }
  constexpr std::uint32_t kGroups = kHorizon / 64;
  const auto start = static_cast<std::uint32_t>(now_ & (kHorizon - 1));
  for (std::uint32_t i = 0; i <= kGroups; ++i) {
    const std::uint32_t group = (start / 64 + i) % kGroups;
    std::uint64_t mask = occupied_[group];
    if (i == 0) mask &= ~std::uint64_t{0} << (start % 64);
    if (i == kGroups) mask &= ~(~std::uint64_t{0} << (start % 64));
    while (mask != 0) {
      const std::uint32_t r = group * 64 + static_cast<std::uint32_t>(std::countr_zero(mask));
      const std::uint64_t* words = &bits_[std::size_t{r} * words_];
      if (std::any_of(words, words + words_, [](std::uint64_t w) { return w != 0; }))
        return now_ + ((r - start) & (kHorizon - 1));
      occupied_[group] &= ~(std::uint64_t{1} << (r % 64));  // emptied by remove()
      mask &= mask - 1;
    }
  }
  while (!far_.empty() && slots_[far_.top().second].wake_at != far_.top().first) far_.pop();
  return far_.empty() ? kNever : far_.top().first;
}

/// next_cycle(), when the agents of now() have been stepped: most often the very next.
inline Cycle Kernel::following_cycle() {
  const std::uint64_t* const next = row(now_ + 1);
  const std::uint64_t* const present = row(now_);
  const bool quick = words_ <= 2 && (next[0] | next[words_ - 1]) != 0 && (present[0] | present[words_ - 1]) == 0 &&
                     (far_.empty() || far_.top().first > now_ + 1);
  return quick ? now_ + 1 : next_cycle();
}

void Kernel::step_agents_of(Cycle cycle) {
  now_ = cycle;
  std::uint64_t* words = row(cycle);
  for (std::uint32_t w = 0; w < words_; ++w) {
    while (words[w] != 0) {  // an agent may wake a later one for this same cycle
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(words[w]));
      words[w] &= words[w] - 1;
      current_ = w * 64 + bit;
      Slot& slot = slots_[current_];
      slot.wake_at = kNever;
      const Cycle next = slot.agent->step(cycle);
      HEDDLE_CHECK(next > cycle);
      if (next >= slot.wake_at) continue;  // woken for an earlier cycle while it acted
      if (slot.wake_at == kNever && next - cycle < kHorizon) {
        slot.wake_at = next;
        mark(current_, next);
      } else {
        wake(current_, next);
      }
    }
  }
  const Cycle r = cycle & (kHorizon - 1);
  occupied_[r / 64] &= ~(std::uint64_t{1} << (r % 64));
}

Cycle Kernel::run() {
  std::uint64_t steps = 0;
  stepping_ = true;
  for (Cycle cycle = next_cycle(); cycle != kNever; cycle = following_cycle()) {
    if (cycle - now_ >= kHorizon) {  // jump: everything pending is far
      now_ = cycle;
      continue;
    }
    step_agents_of(cycle);
    if (livelock_steps_ != 0 && ++steps > livelock_steps_) report_deadlock("livelock");
  }
  stepping_ = false;
  for (const Slot& slot : slots_)
    if (!slot.agent->done()) report_deadlock("deadlock");
  return now_;
}

void Kernel::report_deadlock(const char* kind) const {
  std::string message = std::string(kind) + " at cycle " + std::to_string(now_) + ":";
  for (std::size_t id = 0; id < slots_.size(); ++id) {
    if (slots_[id].agent->done()) continue;
    message += "\n  agent " + std::to_string(id) + " waits for " + slots_[id].agent->waiting_for();
  }
  throw Deadlock(message);
}

}  // namespace heddle
