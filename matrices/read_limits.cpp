#include "matrices/read_limits.h"

#include <algorithm>

namespace heddle {

void check_dimensions(const TextScanner& scanner, std::uint64_t rows, std::uint64_t cols, std::uint64_t entries,
                      const ReadLimits& limits) {
  const std::uint64_t most = std::max(limits.dimension, limits.dimension_per_entry * entries);
  if (std::max(rows, cols) <= most) return;
  scanner.fail_file("announces " + std::to_string(rows) + " rows and " + std::to_string(cols) + " columns for " +
                    std::to_string(entries) + " entries; expected at most " + std::to_string(most) + " for so few");
}

}  // namespace heddle
