// Banks that become ready at known clocks: a wheel of bank masks, one bit per occupied clock above it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "sim/memory/dram_clock.h"

namespace heddle {

/// Clocks further away than the wheel reaches are entered at its end: whoever takes a bank out looks whether it is
/// ready and puts it back otherwise.
class BankWheel {
 public:
  static constexpr std::uint32_t kClocks = 256;

  /// The first clock that holds a bank, kNeverClock if none.
  Clock next() const { return next_; }
  /// `at` is later than `now`; nothing is entered for clocks before `now` any more.
  void insert(std::uint64_t banks, Clock at, Clock now) {
    at = std::min(at, now + kClocks - 1);
    const std::uint32_t slot = static_cast<std::uint32_t>(at) % kClocks;
    banks_[slot] |= banks;
    occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    next_ = std::min(next_, at);
  }
  /// The banks of clock next(), which is `now`.
  std::uint64_t take(Clock now) {
    const std::uint32_t slot = static_cast<std::uint32_t>(now) % kClocks;
    occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    find_next(now, slot);
    const std::uint64_t banks = banks_[slot];
    banks_[slot] = 0;
    return banks;
  }

 private:
  void find_next(Clock now, std::uint32_t slot) {
    const std::uint64_t here = occupied_[slot / 64] >> (slot % 64);
    if (here != 0) {
      next_ = now + static_cast<std::uint32_t>(std::countr_zero(here));
      return;
    }
    for (std::uint32_t i = 1; i <= kClocks / 64; ++i) {
      const std::uint32_t group = (slot / 64 + i) % (kClocks / 64);
      if (occupied_[group] == 0) continue;
      const std::uint32_t found = group * 64 + static_cast<std::uint32_t>(std::countr_zero(occupied_[group]));
      next_ = now + (found - slot) % kClocks;
      return;
    }
    next_ = kNeverClock;
  }

  Clock next_ = kNeverClock;
  std::array<std::uint64_t, kClocks> banks_{};
  std::array<std::uint64_t, kClocks / 64> occupied_{};
};

}  // namespace heddle
