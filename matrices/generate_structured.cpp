// Families whose nonzeros have a place: bands, blocks, grids and recursive graphs.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "matrices/generate_families.h"
#include "matrices/sampling.h"

namespace heddle {
namespace {

/// Columns of the band in one row: first and how many.
struct BandRow {
  std::uint64_t first;
  std::uint64_t count;
};

BandRow band_row(const GeneratorConfig& config, std::uint64_t row) {
  const std::uint64_t half = config.half_bandwidth;
  const std::uint64_t first = row > half ? row - half : 0;
  const std::uint64_t end = std::min<std::uint64_t>(row + half + 1, columns_of(config));
  return {first, end > first ? end - first : 0};
}

/// A vertex pair by descending `scale` levels of quadrants; one 64-bit draw serves two levels.
class RmatEdges {
 public:
  RmatEdges(const GeneratorConfig& config, Random& random)
      : random_(random),
        scale_(config.scale),
        a_(threshold(config.a)),
        ab_(threshold(config.a + config.b)),
        abc_(threshold(config.a + config.b + config.c)) {}

  std::pair<std::uint32_t, std::uint32_t> draw() {
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    std::uint64_t bits = 0;
    for (std::uint32_t level = 0; level < scale_; ++level) {
      bits = level % 2 == 0 ? random_.bits() : bits >> 32;
      const std::uint64_t drawn = bits & 0xffffffffu;
      const bool lower = drawn >= ab_;
      const bool right = lower ? drawn >= abc_ : drawn >= a_;
      row = row << 1 | static_cast<std::uint32_t>(lower);
      column = column << 1 | static_cast<std::uint32_t>(right);
    }
    return {row, column};
  }

 private:
  static std::uint64_t threshold(double probability) { return nearest_count(std::min(probability, 1.0), 1ull << 32); }

  Random& random_;
  std::uint32_t scale_;
  std::uint64_t a_, ab_, abc_;
};

}  // namespace

Csr rmat_pattern(const GeneratorConfig& config, Random& random) {
  const std::uint32_t vertices = std::uint32_t{1} << config.scale;
  std::vector<std::uint32_t> numbers(config.scramble ? vertices : 0);
  std::iota(numbers.begin(), numbers.end(), 0u);
  random.shuffle(std::span(numbers));

  RmatEdges edges(config, random);
  std::vector<std::uint64_t> keys(std::uint64_t{config.edge_factor} << config.scale);
  for (std::uint64_t& key : keys) {
    auto [row, column] = edges.draw();
    if (config.scramble) row = numbers[row], column = numbers[column];
    key = std::uint64_t{row} << 32 | column;
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());

  PatternBuilder pattern(vertices, vertices);
  for (const std::uint64_t key : keys) {
    pattern.go_to_row(key >> 32);
    pattern.add(static_cast<Coordinate>(key));
  }
  return pattern.finish();
}

Csr banded_pattern(const GeneratorConfig& config, Random& random) {
  std::uint64_t cells = 0;
  for (std::uint32_t row = 0; row < config.rows; ++row) cells += band_row(config, row).count;
  std::vector<std::uint64_t> chosen;
  sample_distinct(random, cells, nearest_count(config.density, cells), chosen);

  PatternBuilder pattern(config.rows, columns_of(config));
  std::size_t next = 0;
  std::uint64_t cell = 0;
  for (std::uint32_t row = 0; row < config.rows; ++row) {
    const BandRow band = band_row(config, row);
    for (; next < chosen.size() && chosen[next] < cell + band.count; ++next)
      pattern.add(static_cast<Coordinate>(band.first + (chosen[next] - cell)));
    cell += band.count;
    pattern.end_row();
  }
  return pattern.finish();
}

Csr block_pattern(const GeneratorConfig& config, Random& random) {
  const std::uint64_t size = config.block_size;
  const std::uint64_t cols = columns_of(config);
  const std::uint64_t block_rows = (config.rows + size - 1) / size;
  const std::uint64_t block_cols = (cols + size - 1) / size;
  std::vector<std::uint64_t> chosen;
  sample_distinct(random, block_rows * block_cols, nearest_count(config.density, block_rows * block_cols), chosen);

  PatternBuilder pattern(config.rows, columns_of(config));
  std::size_t begin = 0;
  for (std::uint64_t block_row = 0; block_row < block_rows; ++block_row) {
    std::size_t end = begin;
    while (end < chosen.size() && chosen[end] / block_cols == block_row) ++end;
    for (std::uint64_t row = block_row * size; row < std::min<std::uint64_t>((block_row + 1) * size, config.rows);
         ++row) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::uint64_t first = chosen[i] % block_cols * size;
        for (std::uint64_t column = first; column < std::min(first + size, cols); ++column)
          pattern.add(static_cast<Coordinate>(column));
      }
      pattern.end_row();
    }
    begin = end;
  }
  return pattern.finish();
}

Csr mesh_pattern(std::uint32_t grid_x, std::uint32_t grid_y, std::uint32_t grid_z) {
  const std::uint32_t plane = grid_x * grid_y;
  PatternBuilder pattern(plane * grid_z, plane * grid_z);
  std::uint32_t point = 0;
  for (std::uint32_t z = 0; z < grid_z; ++z) {
    for (std::uint32_t y = 0; y < grid_y; ++y) {
      for (std::uint32_t x = 0; x < grid_x; ++x, ++point) {
        if (z > 0) pattern.add(point - plane);
        if (y > 0) pattern.add(point - grid_x);
        if (x > 0) pattern.add(point - 1);
        pattern.add(point);
        if (x + 1 < grid_x) pattern.add(point + 1);
        if (y + 1 < grid_y) pattern.add(point + grid_x);
        if (z + 1 < grid_z) pattern.add(point + plane);
        pattern.end_row();
      }
    }
  }
  return pattern.finish();
}

}  // namespace heddle
