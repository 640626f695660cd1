// Which dataflow wins where: the winner is at least 10 % faster than either other one.
#pragma once

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "tests/published/published_case.h"

namespace heddle::published {

struct WinnerCase {
  const char* file;
  bool transposed;
  const char* machine;
  const char* winner;
};

inline void expect_winner(const WinnerCase& row) {
  SKIP_WITHOUT_COLLECTION(row.file);
  const Config config = machine(row.machine);
  const Workload work = workload(row.file, row.transposed);
  ASSERT_GE(work.products, 100'000u);
  std::uint64_t winner = 0;
  std::uint64_t best_other = ~std::uint64_t{0};
  for (const CatalogEntry& entry : catalog()) {
    const std::uint64_t cycles = run(work, config, entry.name).cycles;
    if (entry.name == row.winner)
      winner = cycles;
    else
      best_other = std::min(best_other, cycles);
  }
  std::printf("%s on %s: %s %llu cycles, the next %.2f x\n", row.file, row.machine, row.winner,
              static_cast<unsigned long long>(winner), static_cast<double>(best_other) / static_cast<double>(winner));
  EXPECT_GE(static_cast<double>(best_other), 1.1 * static_cast<double>(winner));
}

}  // namespace heddle::published
