// What a DRAM scheduler handles as one: the bursts of a line that lie behind one queue, and how their commands follow
// each other.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/memory/dram_clock.h"
#include "sim/memory/dram_part.h"

namespace heddle {

/// Map bank_group_interleaved keeps a line together: an access is the whole line. Its bursts lie in as many
/// neighbouring bank groups (same bank, same row: a *bank set*) or, where the part has fewer groups, side by side in
/// one row. The other maps spread bursts over the channels: an access is one burst.
struct DramAccess {
  std::uint32_t per_line = 1;  ///< accesses of a line
  std::uint32_t bursts = 1;    ///< of an access
  std::uint32_t across = 1;    ///< banks of its set: 1 or `bursts`
  Clock row_step = 0;          ///< clocks from its ACT (PRE) in one bank to that in the next: rrd_s
  Clock column_step = 0;       ///< clocks from its RD (WR) for one burst to that for the next

  DramAccess() = default;
  DramAccess(DramMap map, const DramPart& part) {
    const bool together = map == DramMap::bank_group_interleaved;
    (together ? bursts : per_line) = part.bursts_per_line();
    if (part.bank_groups >= bursts) across = bursts;
    const DramTiming& t = part.timing;
    if (across > 1) row_step = t.rrd_s;
    if (bursts > 1) column_step = std::max(t.burst, across > 1 ? t.ccd_s : std::max(t.ccd_s, t.ccd_l));
  }
  /// Clocks from the first to the last command.
  Clock row_span() const { return (across - 1) * row_step; }
  Clock column_span() const { return (bursts - 1) * column_step; }
  /// Edges of the command bus taken, bit i for the i-th after the first.
  std::uint64_t row_slots() const { return slots(across, row_step); }
  std::uint64_t column_slots() const { return slots(bursts, column_step); }

 private:
  static std::uint64_t slots(std::uint32_t count, Clock step) {
    std::uint64_t all = 0;
    for (std::uint32_t i = 0; i < count; ++i) all |= std::uint64_t{1} << (i * step);
    return all;
  }
};

}  // namespace heddle
