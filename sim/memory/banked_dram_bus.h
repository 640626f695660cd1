// A command bus: one command per edge, some of them promised in advance.
#pragma once

#include <cstdint>

#include "sim/memory/dram_clock.h"

namespace heddle {

/// Calls never go back in time. `slots`: bit i stands for the i-th edge after `now`.
class CommandBus {
 public:
  /// The first edge from `now` on at which `slots` are free.
  Clock free_from(Clock now, std::uint64_t slots) {
    move_to(now);
    Clock later = 0;
    while ((taken_ >> later & slots) != 0) ++later;
    return now + later;
  }
  void take(Clock now, std::uint64_t slots) {
    move_to(now);
    taken_ |= slots;
  }

 private:
  void move_to(Clock now) {
    const Clock by = now - base_;
    taken_ = by < 64 ? taken_ >> by : 0;
    base_ = now;
  }

  std::uint64_t taken_ = 0;
  Clock base_ = 0;
};

}  // namespace heddle
