// Address maps: the accesses of a line and of a row lie where they should, every row is full.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "sim/memory/dram_map.h"

namespace heddle {
namespace {

TEST(DramMap, EveryRowHoldsAsManyAccessesAsFit) {
  for (const DramPart& part : dram_presets()) {
    for (const auto& map : kDramMapNames) {
      const DramMapper mapper(map.value, part, 1);
      const DramAccess access(map.value, part);
      std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>, std::uint32_t> accesses_in_row;
      const std::uint64_t rows = 8;  // of every bank; rows of mop are mixed within larger powers of two
      const std::uint64_t sets = std::uint64_t{part.channels} * part.bank_groups * part.banks / access.across;
      const std::uint64_t in_row = std::uint64_t{part.row_bytes} * access.across / part.burst_bytes / access.bursts;
      for (std::uint64_t y = 0; y < sets * in_row * rows; ++y) {
        const DramPlace p = mapper.place(y);
        ++accesses_in_row[{mapper.queue_of(y), p.bank, p.row}];
      }
      EXPECT_EQ(accesses_in_row.size(), sets * rows) << part.name << ' ' << map.name;
      for (const auto& [place, count] : accesses_in_row) ASSERT_EQ(count, in_row) << part.name << ' ' << map.name;
    }
  }
}

TEST(DramMap, DefaultKeepsALineInOneChannelAndSpreadsNeighbours) {
  for (const DramPart& part : dram_presets()) {
    const DramMapper mapper(DramMap::bank_group_interleaved, part, 1);
    const DramAccess access(DramMap::bank_group_interleaved, part);
    EXPECT_EQ(access.per_line, 1u);
    EXPECT_EQ(access.bursts, part.bursts_per_line());
    EXPECT_EQ(access.across, part.bank_groups >= access.bursts ? access.bursts : 1);
    const std::uint32_t groups = part.bank_groups / access.across;
    std::set<std::uint32_t> seen;
    for (std::uint64_t line = 0; line < std::uint64_t{groups} * part.channels; ++line) {
      EXPECT_EQ(mapper.queue_of(line), line % part.channels);
      if (mapper.queue_of(line) == 0) seen.insert(mapper.place(line).bank / part.banks);
    }
    EXPECT_EQ(seen.size(), groups) << part.name << ": lines of a channel that follow each other lie in other groups";
  }
}

TEST(DramMap, OtherMapsSpreadTheBurstsOfALineOverTheChannels) {
  for (const DramPart& part : dram_presets()) {
    for (const DramMap map : {DramMap::ro_ba_ra_co_ch, DramMap::mop}) {
      const DramMapper mapper(map, part, 1);
      const DramAccess access(map, part);
      EXPECT_EQ(access.bursts, 1u);
      EXPECT_EQ(access.per_line, part.bursts_per_line());
      for (std::uint64_t burst = 0; burst < 100; ++burst) EXPECT_EQ(mapper.queue_of(burst), burst % part.channels);
    }
  }
}

}  // namespace
}  // namespace heddle
