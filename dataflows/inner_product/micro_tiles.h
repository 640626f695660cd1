// A matrix cut into micro tiles of equal side, band by band (rule T1 of dataflows/SEMANTICS.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "matrices/csr.h"

namespace heddle::inner_product {

/// Nonzeros of one row in one micro tile.
struct MicroFiber {
  std::uint64_t first = 0, end = 0;  ///< of MicroTiles::coordinates
};

struct MicroTile {
  std::uint32_t k = 0;                     ///< which, along the inner rank
  std::uint64_t first_fiber = 0, end = 0;  ///< of MicroTiles::fibers
};

/// Nonempty micro tiles, by band of rows, then by k.
class MicroTiles {
 public:
  /// Fibers are the rows of `matrix`; coordinates are along the inner rank.
  MicroTiles(const Csr& matrix, std::uint32_t side);

  std::uint32_t bands() const { return static_cast<std::uint32_t>(band_pointers_.size() - 1); }
  /// Micro tiles of a band with k in [first_k, end_k), ascending.
  std::span<const MicroTile> of_band(std::uint32_t band, std::uint64_t first_k, std::uint64_t end_k) const;
  const std::vector<MicroFiber>& fibers() const { return fibers_; }
  const std::vector<Coordinate>& coordinates() const { return coordinates_; }
  std::uint64_t nonzeros(const MicroTile& tile) const {
    return fibers_[tile.end - 1].end - fibers_[tile.first_fiber].first;
  }

 private:
  std::vector<std::uint64_t> band_pointers_ = {0};
  std::vector<MicroTile> tiles_;
  std::vector<MicroFiber> fibers_;
  std::vector<Coordinate> coordinates_;
};

}  // namespace heddle::inner_product
