// Families without structure in their columns: only how many nonzeros a row gets differs.
#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "matrices/generate_families.h"
#include "matrices/sampling.h"

namespace heddle {

Csr uniform_pattern(const GeneratorConfig& config, Random& random) {
  const std::uint64_t cols = columns_of(config);
  std::vector<std::uint64_t> chosen;
  sample_distinct(random, config.rows * cols, wanted_entries(config), chosen);
  PatternBuilder pattern(config.rows, columns_of(config));
  for (const std::uint64_t position : chosen) {
    pattern.go_to_row(position / cols);
    pattern.add(static_cast<Coordinate>(position % cols));
  }
  return pattern.finish();
}

namespace {

/// Each row gets its number of different columns, all sets equally likely.
Csr rows_of_lengths(std::span<const std::uint64_t> lengths, std::uint32_t cols, Random& random) {
  PatternBuilder pattern(static_cast<std::uint32_t>(lengths.size()), cols);
  std::vector<std::uint64_t> chosen;
  for (const std::uint64_t length : lengths) {
    sample_distinct(random, cols, length, chosen);
    for (const std::uint64_t column : chosen) pattern.add(static_cast<Coordinate>(column));
    pattern.end_row();
  }
  return pattern.finish();
}

/// What fraction of the sum of weights lies up to r decides how many of the entries lie up to r; a row that would be
/// longer than the matrix is wide hands what is too much to the next ones.
std::vector<std::uint64_t> power_law_lengths(const GeneratorConfig& config) {
  const std::uint64_t cols = columns_of(config);
  const std::uint64_t total = wanted_entries(config);
  std::vector<std::uint64_t> lengths(config.rows);
  for (std::uint32_t r = 0; r < config.rows; ++r)
    lengths[r] = 1 + static_cast<std::uint64_t>(0x1p32 / portable_power(double(r) + 1.0, config.exponent));
  const std::uint64_t weights = std::accumulate(lengths.begin(), lengths.end(), std::uint64_t{0});
  std::uint64_t weight_so_far = 0;
  std::uint64_t given = 0;
  for (std::uint64_t& length : lengths) {
    weight_so_far += length;
    length = std::min(cols, share(total, weight_so_far, weights) - given);
    given += length;
  }
  for (std::uint64_t& length : lengths) {
    const std::uint64_t more = std::min(cols - length, total - given);
    length += more;
    given += more;
  }
  return lengths;
}

}  // namespace

Csr power_law_pattern(const GeneratorConfig& config, Random& random) {
  std::vector<std::uint64_t> lengths = power_law_lengths(config);
  random.shuffle(std::span(lengths));
  return rows_of_lengths(lengths, columns_of(config), random);
}

Csr pruned_pattern(const GeneratorConfig& config, Random& random) {
  const std::uint64_t cols = columns_of(config);
  const std::uint64_t mean = nearest_count(config.density, cols);
  const std::uint64_t spread = nearest_count(config.row_spread, mean);
  std::vector<std::uint64_t> lengths(config.rows);
  for (std::uint64_t& length : lengths) length = std::min(cols, mean - spread + random.uniform_u64(2 * spread + 1));
  return rows_of_lengths(lengths, columns_of(config), random);
}

Csr n_m_pruned_pattern(const GeneratorConfig& config, Random& random) {
  const std::uint64_t cols = columns_of(config);
  PatternBuilder pattern(config.rows, columns_of(config));
  std::vector<std::uint64_t> chosen;
  for (std::uint32_t row = 0; row < config.rows; ++row) {
    for (std::uint64_t first = 0; first < cols; first += config.group) {
      const std::uint64_t size = std::min<std::uint64_t>(config.group, cols - first);
      sample_distinct(random, size, std::min<std::uint64_t>(config.kept, size), chosen);
      for (const std::uint64_t offset : chosen) pattern.add(static_cast<Coordinate>(first + offset));
    }
    pattern.end_row();
  }
  return pattern.finish();
}

}  // namespace heddle
