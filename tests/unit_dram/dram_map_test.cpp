// Address maps: distinct bursts lie in distinct places, queues are enumerated without gaps, neighbours alternate
// groups.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "sim/memory/dram_map.h"

namespace heddle {
namespace {

TEST(DramMap, EnumeratesTheBurstsOfAQueue) {
  for (const DramPart& part : dram_presets()) {
    for (const auto& map : kDramMapNames) {
      for (const std::uint32_t units : {1u, 2u}) {
        if (part.channels % units != 0 || part.bank_groups * part.banks * units > 64) continue;
        const DramMapper mapper(map.value, part, units);
        for (std::uint32_t q = 0; q < part.channels / units; ++q) {
          for (std::uint64_t from : {0u, 1u, 7u, 30u, 33u, 100u}) {
            std::uint64_t x = mapper.first_in(q, from), count = 0;
            for (std::uint64_t brute = from; brute < 500; ++brute) {
              if (mapper.queue_of(brute) != q) continue;
              ASSERT_EQ(x, brute) << part.name << ' ' << map.name;
              x = mapper.next_in(x);
              ++count;
            }
            ASSERT_EQ(mapper.count_in(q, from, 499), count);
          }
        }
      }
    }
  }
}

TEST(DramMap, IsOneToOneWithinARow) {
  for (const DramPart& part : dram_presets()) {
    for (const auto& map : kDramMapNames) {
      const DramMapper mapper(map.value, part, 1);
      std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>, std::uint32_t> bursts_in_row;
      const std::uint64_t rows = 8;  // of every bank; rows of mop are mixed within larger powers of two
      const std::uint64_t bursts =
          std::uint64_t{part.channels} * part.bank_groups * part.banks * part.bursts_per_row() * rows;
      for (std::uint64_t x = 0; x < bursts; ++x) {
        const DramPlace p = mapper.place(x);
        ++bursts_in_row[{mapper.queue_of(x), p.bank, p.row}];
      }
      EXPECT_EQ(bursts_in_row.size(), std::uint64_t{part.channels} * part.bank_groups * part.banks * rows)
          << part.name << ' ' << map.name;
      for (const auto& [place, count] : bursts_in_row)
        ASSERT_EQ(count, part.bursts_per_row()) << part.name << ' ' << map.name;
    }
  }
}

TEST(DramMap, DefaultPutsTheBurstsOfALineIntoTwoGroupsOfOneChannel) {
  for (const DramPart& part : dram_presets()) {
    const DramMapper mapper(DramMap::bank_group_interleaved, part, 1);
    for (std::uint64_t line = 0; line < 1000; ++line) {
      std::set<std::uint32_t> groups;
      for (std::uint64_t b = 0; b < part.bursts_per_line(); ++b) {
        const std::uint64_t x = line * part.bursts_per_line() + b;
        EXPECT_EQ(mapper.queue_of(x), line % part.channels);
        groups.insert(mapper.place(x).bank / part.banks);
      }
      EXPECT_EQ(groups.size(), part.bursts_per_line());
    }
  }
}

}  // namespace
}  // namespace heddle
