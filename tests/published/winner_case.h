// Which dataflow wins where: the winner is at least 10 % faster than either other one.
#pragma once

#include <algorithm>
#include <cstdio>
#include <map>
#include <ostream>
#include <string>

#include "tests/published/published_case.h"

namespace heddle::published {

struct WinnerCase {
  const char* file;
  bool transposed;
  const char* machine;
  const char* winner;
};
inline void PrintTo(const WinnerCase& row, std::ostream* out) {
  *out << row.file << (row.transposed ? " times its transpose on " : " on ") << row.machine;
}

/// Cycles of the best other dataflow over those of `row.winner`; printed as well.
inline double lead_of(const WinnerCase& row, const Workload& work) {
  const Config config = machine(row.machine);
  std::uint64_t winner = 0;
  std::uint64_t best_other = ~std::uint64_t{0};
  for (const CatalogEntry& entry : catalog()) {
    const std::uint64_t cycles = run(work, config, entry.name).cycles;
    if (entry.name == row.winner)
      winner = cycles;
    else
      best_other = std::min(best_other, cycles);
  }
  const double lead = static_cast<double>(best_other) / static_cast<double>(winner);
  std::printf("%s on %s: %s %llu cycles, the next %.2f x\n", row.file, row.machine, row.winner,
              static_cast<unsigned long long>(winner), lead);
  return lead;
}

}  // namespace heddle::published
