// A DRAM's own clock beside the core clock: edge d falls at d * core / dram core cycles, an exact fraction.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>

#include "sim/base/units.h"

namespace heddle {

/// A point in time or a duration in clocks of the DRAM part.
using Clock = std::uint64_t;
inline constexpr Clock kNeverClock = std::numeric_limits<Clock>::max();

class DramClock {
 public:
  DramClock(std::uint64_t core_hertz, std::uint64_t dram_hertz)
      : core_(core_hertz / std::gcd(core_hertz, dram_hertz)),
        dram_(dram_hertz / std::gcd(core_hertz, dram_hertz)),
        shifted_(dram_ == 1 && std::has_single_bit(core_)),
        shift_(static_cast<std::uint32_t>(std::countr_zero(core_))) {}

  /// The core cycle that edge `d` falls into: the first one not before it.
  Cycle cycle_of(Clock d) const {
    if (dram_ == 1) [[likely]]
      return d * core_;
    return scale_up(d, core_, dram_);
  }
  /// The last edge not after core cycle `cycle`.
  Clock edge_by(Cycle cycle) const {
    if (shifted_) return cycle >> shift_;
    if (cycle <= kSafe && dram_ <= kSafe) [[likely]]
      return core_ == 1 ? cycle * dram_ : cycle * dram_ / core_;
    return static_cast<Clock>(Wide{cycle} * dram_ / core_);
  }
  /// What is handed over in core cycle `cycle` is seen by the first edge strictly after it.
  Clock edge_after(Cycle cycle) const { return edge_by(cycle) + 1; }

 private:
  using Wide = unsigned __int128;
  static constexpr std::uint64_t kSafe = 0xffff'ffff;  // factors whose product fits 64 bits

  static Cycle scale_up(Clock d, std::uint64_t by, std::uint64_t over) {
    if (d <= kSafe && by <= kSafe) [[likely]]
      return (d * by + over - 1) / over;
    return static_cast<Cycle>((Wide{d} * by + over - 1) / over);
  }

  std::uint64_t core_;
  std::uint64_t dram_;
  bool shifted_;  // an edge falls into every 2 ** shift_-th cycle
  std::uint32_t shift_;
};

}  // namespace heddle
