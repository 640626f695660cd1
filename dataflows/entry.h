// An element of a row of C while it is being merged.
#pragma once

#include <algorithm>
#include <vector>

#include "matrices/csr.h"

namespace heddle {

struct Entry {
  Coordinate column = 0;
  double value = 0;
};

/// Puts entries in order of column and sums those of the same one, in the order given.
inline void sum_by_column(std::vector<Entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.column < b.column; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (kept != 0 && entries[kept - 1].column == entries[i].column) {
      entries[kept - 1].value += entries[i].value;
    } else {
      entries[kept++] = entries[i];
    }
  }
  entries.resize(kept);
}

}  // namespace heddle
