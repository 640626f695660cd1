#include "models/llm/tile_figures.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "sim/base/random.h"

namespace heddle::llm {
namespace {

constexpr std::uint32_t kLanes = 32, kTilesPerBlock = 64;

std::vector<std::uint64_t> words_of(const Encoded& encoded) {
  const std::vector<std::uint8_t>& bytes = encoded.section("bitmap");
  std::vector<std::uint64_t> words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

std::uint64_t bytes_read(std::span<const std::uint64_t> words) {
  std::uint64_t bytes = 0;
  for (const std::uint64_t word : words)
    bytes += 8 + 4 + 16 * std::min<std::uint64_t>(static_cast<std::uint64_t>(std::popcount(word)) / 8 + 1, 8);
  return bytes;
}

/// Mean over the 64 x 64 blocks: a warp expands the first tile of every lane, then the second.
double expansion_steps(std::span<const std::uint64_t> words) {
  double steps = 0;
  for (std::size_t block = 0; block < words.size(); block += kTilesPerBlock)
    for (std::size_t second = 0; second < 2; ++second) {
      int slowest = 0;
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        slowest = std::max(slowest, std::popcount(words[block + 2 * lane + second]));
      steps += slowest;
    }
  return steps / (static_cast<double>(words.size()) / kTilesPerBlock);
}

}  // namespace

KvFigures measure_kv(std::uint32_t tokens, std::uint32_t channels, double outlier, KeepRule rule, double sparsity,
                     std::uint64_t seed) {
  KvFigures figures;
  figures.dense_bytes = std::uint64_t{2} * tokens * channels;
  for (const TileOrder order : {TileOrder::columns, TileOrder::rows}) {
    const bool is_k = order == TileOrder::columns;
    DenseMatrix matrix = generate_kv(tokens, channels, is_k ? outlier : 0, seed + (is_k ? 0 : 1));
    if (sparsity > 0) prune(matrix, magnitudes(matrix), 1, channels, rule, sparsity);
    const NarrowMatrix pruned = to_fp16(matrix);
    FormatOptions options;
    options.tile_order = order;
    const Encoded encoded = encode(pruned, Format::tile_bitmap, options);
    const std::vector<std::uint64_t> words = words_of(encoded);
    (is_k ? figures.k : figures.v) = encoded.size;
    (is_k ? figures.k_steps : figures.v_steps) = expansion_steps(words);
    figures.read_bytes += bytes_read(words);
    figures.kept += pruned.nnz();
  }
  return figures;
}

double store_conflicts(TileOrder order, double density, std::uint64_t seed) {
  Random random(seed);
  std::array<std::vector<std::uint32_t>, kTilesPerBlock> tiles;  // positions set, ascending
  for (auto& tile : tiles)
    for (std::uint32_t i = 0; i < 64; ++i)
      if (random.uniform_real() < density) tile.push_back(i);
  std::uint64_t stores = 0, extra = 0;
  for (std::uint32_t second = 0; second < 2; ++second) {
    for (std::size_t step = 0; step < 64; ++step) {
      std::array<std::uint32_t, 32> in_bank{};
      for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
        const auto& tile = tiles[2 * lane + second];
        if (step >= tile.size()) continue;
        const std::uint32_t across = 2 * lane + second;
        const std::uint32_t row = order == TileOrder::columns ? tile[step] : across;
        const std::uint32_t column = order == TileOrder::columns ? across : tile[step];
        ++in_bank[(row * 64 + column) / 2 % 32];
      }
      const std::uint32_t worst = *std::max_element(in_bank.begin(), in_bank.end());
      if (worst == 0) continue;
      ++stores;
      extra += worst - 1;
    }
  }
  return stores == 0 ? 0 : static_cast<double>(extra) / static_cast<double>(stores);
}

}  // namespace heddle::llm
