// A DRAM part: organisation and timings, from a preset and the config's changes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/memory/dram_config.h"

namespace heddle {

struct DramPart {
  std::string_view name;
  std::uint64_t clock_hertz = 0;  ///< command clock; data move on both edges
  std::uint32_t channels = 0;     ///< with data pins of their own: pseudo-channels where the part has them
  std::uint32_t bank_groups = 0;  ///< per channel
  std::uint32_t banks = 0;        ///< per bank group
  std::uint32_t row_bytes = 0;
  std::uint32_t burst_bytes = 0;    ///< moved by one RD or WR
  std::uint32_t command_buses = 1;  ///< 2: row and column commands have pins of their own
  DramTiming timing;

  std::uint32_t bursts_per_line() const { return 64 / burst_bytes; }
  std::uint32_t bursts_per_row() const { return row_bytes / burst_bytes; }
  friend bool operator==(const DramPart&, const DramPart&) = default;
};

/// All presets, unchanged.
std::span<const DramPart> dram_presets();

/// The preset with the config's changes. Throws InputError for an unknown preset or impossible values.
DramPart resolve_part(const BankedDramConfig& config);

}  // namespace heddle
