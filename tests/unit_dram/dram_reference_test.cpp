// Bandwidth and latency against Ramulator 2.1 with the same timings, maps, queue sizes and injection: 100,000 reads of
// 64 B, sequential or uniformly random in 1 GiB, clocks of the part. HBM2 there has one queue per channel of two
// pseudo-channels and takes one command per clock: its random figure is three commands per burst at 0.95 commands a
// clock.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/unit_dram/dram_driver.h"

namespace heddle::testing {
namespace {

struct Row {
  const char* part;
  DramMap map;
  bool random;
  Injection injection;
  double gigabytes_per_second, mean;
};

const Injection kDdr4Max{.at_once = 1};
const Injection kHbmMax{.at_once = 8};
const Row kRows[] = {
    {"ddr4_2400", DramMap::ro_ba_ra_co_ch, false, kDdr4Max, 14.35, 190.4},
    {"ddr4_2400", DramMap::mop, false, kDdr4Max, 17.94, 158.3},
    {"ddr4_2400", DramMap::ro_ba_ra_co_ch, false, {.every = 6}, 12.40, 58.9},
    {"ddr4_2400", DramMap::ro_ba_ra_co_ch, false, {.every = 24}, 3.20, 35.2},
    {"ddr4_2400", DramMap::ro_ba_ra_co_ch, false, {.in_flight = 1}, 3.46, 21.2},
    {"ddr4_2400", DramMap::ro_ba_ra_co_ch, true, kDdr4Max, 11.22, 254.0},
    {"ddr4_2400", DramMap::ro_ba_ra_co_ch, true, {.every = 24}, 3.20, 71.2},
    {"ddr4_2400", DramMap::ro_ba_ra_co_ch, true, {.in_flight = 1}, 1.42, 53.3},
    {"hbm2", DramMap::ro_ba_ra_co_ch, false, kHbmMax, 129.9, 78.5},
    {"hbm2", DramMap::mop, false, kHbmMax, 223.6, 52.3},
    {"hbm2", DramMap::ro_ba_ra_co_ch, false, {.every = 1}, 59.7, 44.3},
    {"hbm2", DramMap::ro_ba_ra_co_ch, false, {.every = 4}, 16.0, 39.6},
    {"hbm2", DramMap::ro_ba_ra_co_ch, true, kHbmMax, 73.7, 110.7},
    {"hbm2", DramMap::ro_ba_ra_co_ch, true, {.every = 1}, 58.8, 77.0},
    {"hbm2", DramMap::ro_ba_ra_co_ch, true, {.every = 4}, 16.0, 68.4},
};

Measured measure(const Row& row) {
  std::vector<Access> accesses = sequential(100'000);
  std::mt19937_64 generator(7);
  if (row.random)
    for (Access& a : accesses) a.line = generator() % (1u << 24);
  BankedDramConfig config;
  config.preset = row.part;
  config.map = row.map;
  config.channels_per_queue = std::string(row.part) == "hbm2" ? 2 : 1;
  config.command_buses = 1;
  return run_port(config, accesses, row.injection);
}

TEST(DramReference, WithinFivePercentOfRamulator) {
  std::printf("%-10s %-15s %-6s %7s %6s | GB/s %8s %8s %7s | mean %8s %8s %7s | p50 p99 min max\n", "part", "map",
              "order", "every", "flying", "there", "here", "error", "there", "here", "error");
  for (const Row& row : kRows) {
    const Measured m = measure(row);
    const double bandwidth_error = m.gigabytes_per_second / row.gigabytes_per_second - 1;
    const double mean_error = m.mean / row.mean - 1;
    std::printf("%-10s %-15s %-6s %7u %6u | %13.2f %8.2f %+6.1f%% | %13.1f %8.1f %+6.1f%% | %llu %llu %llu %llu\n",
                row.part, std::string(enum_name(row.map)).c_str(), row.random ? "random" : "seq", row.injection.every,
                row.injection.in_flight, row.gigabytes_per_second, m.gigabytes_per_second, 100 * bandwidth_error,
                row.mean, m.mean, 100 * mean_error, (unsigned long long)m.p50, (unsigned long long)m.p99,
                (unsigned long long)m.min, (unsigned long long)m.max);
    EXPECT_LE(std::abs(bandwidth_error), 0.05);
    EXPECT_LE(std::abs(mean_error), 0.05);
  }
}

}  // namespace
}  // namespace heddle::testing
