// Miss status holding registers of a banked cache: each holds one fill and one eviction until both are over, and
// whoever waits for the fill. Rules 8 to 12 of sim/SEMANTICS.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/list_pool.h"
#include "sim/memory/cache_sets.h"
#include "sim/memory/memory.h"

namespace heddle {

class Mshrs {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Waiter {
    BurstReply* reply = nullptr;
    Cycle granted = 0;
    std::uint32_t number = 0;  // of the line in its request
  };
  struct Mshr {
    Reply fill, eviction;            // tagged with the index of the MSHR
    CacheSets::Way* way = nullptr;   // brought into; none for a taken line
    ListPool<Waiter>::List waiters;  // in order of service
    std::uint32_t bank = 0;
  };

  /// `sink` hears of fills and evictions that are decided late. A line is read out `latency` cycles after it is there.
  Mshrs(std::uint32_t banks, std::uint32_t per_bank, Cycle latency, ReplySink& sink);

  std::uint32_t per_bank() const { return per_bank_; }
  Mshr& operator[](std::uint32_t index) { return mshrs_[index]; }
  /// The index of a bank's own `number`-th.
  std::uint32_t index(std::uint32_t bank, std::uint8_t number) const { return bank * per_bank_ + number; }
  std::uint8_t number(std::uint32_t index) const {
    return static_cast<std::uint8_t>(index - mshrs_[index].bank * per_bank_);
  }

  /// The fill of a line by `number` is under way in cycle `g`, or not even decided.
  bool filling(std::uint32_t bank, std::uint8_t number, Cycle g) const {
    return number != CacheSets::kNoMshr && fill_at_[index(bank, number)] > g;
  }
  /// One of the bank's is free from this cycle on; kNever: not yet decided.
  Cycle free_at(std::uint32_t bank) const { return bank_free_at_[bank]; }
  /// The bank's first that is free in `g`, or kNone.
  std::uint32_t find_free(std::uint32_t bank, Cycle g) const;
  /// The next cycle after `g` in which one of the bank's fills ends, or both fill and eviction; kNever if none is
  /// known.
  Cycle next_end(std::uint32_t bank, Cycle g) const;

  /// Use a free one anew; what it brought before is known to be there.
  Mshr& take(std::uint32_t index);
  /// Its fill or eviction was requested or decided.
  void update(std::uint32_t index);

  /// Answer the line `waiter` asks for from the fill: now if that is decided, else when it is.
  void wait(std::uint32_t index, const Waiter& waiter);
  /// The fill has been decided: answer all who wait for it.
  void answer_waiters(std::uint32_t index);

 private:
  void answer(const Waiter& waiter, const Reply& fill) const;

  std::uint32_t per_bank_;
  Cycle latency_;
  std::vector<Mshr> mshrs_;
  std::vector<Cycle> free_at_;       // both its fill and its eviction are over
  std::vector<Cycle> fill_at_;       // the fill alone
  std::vector<Cycle> bank_free_at_;  // the least free_at_ of each bank
  ListPool<Waiter> waiters_;
};

inline std::uint32_t Mshrs::find_free(std::uint32_t bank, Cycle g) const {
  if (bank_free_at_[bank] > g) return kNone;
  const std::uint32_t first = bank * per_bank_;
  std::uint32_t found = kNone;
  for (std::uint32_t m = first + per_bank_; m-- > first;) found = free_at_[m] <= g ? m : found;  // no guesses
  return found;
}

inline Mshrs::Mshr& Mshrs::take(std::uint32_t index) {
  Mshr& mshr = mshrs_[index];
  if (mshr.way != nullptr && mshr.way->mshr == number(index)) mshr.way->mshr = CacheSets::kNoMshr;
  mshr.way = nullptr;
  mshr.fill.at = mshr.eviction.at = 0;
  return mshr;
}

inline void Mshrs::update(std::uint32_t index) {
  const Mshr& mshr = mshrs_[index];
  fill_at_[index] = mshr.fill.at;
  free_at_[index] = std::max(mshr.fill.at, mshr.eviction.at);
  const auto first = free_at_.begin() + static_cast<std::ptrdiff_t>(mshr.bank * per_bank_);
  bank_free_at_[mshr.bank] = *std::min_element(first, first + per_bank_);
}

inline void Mshrs::answer(const Waiter& waiter, const Reply& fill) const {
  const Cycle g = waiter.granted;
  waiter.reply->decide(waiter.number, {std::max(g, fill.at) + latency_, g, std::max(g, fill.dram_start),
                                       std::max(g, fill.dram_done), fill.queue_cause});
}

inline void Mshrs::wait(std::uint32_t index, const Waiter& waiter) {
  Mshr& mshr = mshrs_[index];
  if (mshr.fill.known()) return answer(waiter, mshr.fill);
  waiters_.push(mshr.waiters, waiter);
}

}  // namespace heddle
