#include "dataflows/inner_product/micro_tiles.h"

#include <algorithm>

namespace heddle::inner_product {

MicroTiles::MicroTiles(const Csr& matrix, std::uint32_t side) {
  struct Nonzero {
    std::uint32_t k_tile, row;
    Coordinate coordinate;
  };
  std::vector<Nonzero> band;
  coordinates_.reserve(matrix.nnz());
  for (std::uint64_t first = 0; first < matrix.rows; first += side) {
    band.clear();
    const std::uint64_t end = std::min<std::uint64_t>(matrix.rows, first + side);
    for (auto row = static_cast<std::uint32_t>(first); row < end; ++row)
      for (const Coordinate k : matrix.row(row).coordinates) band.push_back({k / side, row, k});
    std::stable_sort(band.begin(), band.end(),
                     [](const Nonzero& left, const Nonzero& right) { return left.k_tile < right.k_tile; });
    for (std::size_t i = 0; i < band.size(); ++i) {
      const bool new_tile = i == 0 || band[i].k_tile != band[i - 1].k_tile;
      if (new_tile) tiles_.push_back({band[i].k_tile, fibers_.size(), fibers_.size()});
      if (new_tile || band[i].row != band[i - 1].row) {
        fibers_.push_back({coordinates_.size(), coordinates_.size()});
        tiles_.back().end = fibers_.size();
      }
      coordinates_.push_back(band[i].coordinate);
      fibers_.back().end = coordinates_.size();
    }
    band_pointers_.push_back(tiles_.size());
  }
}

std::span<const MicroTile> MicroTiles::of_band(std::uint32_t band, std::uint64_t first_k, std::uint64_t end_k) const {
  const auto begin = tiles_.begin() + static_cast<std::ptrdiff_t>(band_pointers_[band]);
  const auto end = tiles_.begin() + static_cast<std::ptrdiff_t>(band_pointers_[band + std::size_t{1}]);
  const auto below = [](const MicroTile& tile, std::uint64_t k) { return tile.k < k; };
  const auto first = std::lower_bound(begin, end, first_k, below);
  return {first, std::lower_bound(first, end, end_k, below)};
}

}  // namespace heddle::inner_product
