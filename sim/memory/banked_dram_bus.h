// A command bus: one command per edge, some of them promised in advance.
#pragma once

#include <cstdint>

#include "sim/memory/dram_clock.h"

namespace heddle {

/// Calls never go back in time. `slots`: bit i stands for the i-th edge after `now`.
class CommandBus {
 public:
  /// The first edge from `now` on at which `slots` are free.
  Clock free_from(Clock now, std::uint64_t slots) const {
    Clock by = now - base_;
    while (by < 64 && (taken_ >> by & slots) != 0) ++by;
    return base_ + by;
  }
  void take(Clock now, std::uint64_t slots) {
    const Clock by = now - base_;
    taken_ = (by < 64 ? taken_ >> by : 0) | slots;
    base_ = now;
  }

 private:
  std::uint64_t taken_ = 0;  // bit i: the i-th edge after `base_`, that of the last command
  Clock base_ = 0;
};

}  // namespace heddle
