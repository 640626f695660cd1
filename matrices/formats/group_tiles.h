// 64 x 64 groups of 8 x 8 tiles in the order of SpInfer (EuroSys 2025): 16 x 16 blocks row by row, in each the four
// tiles column by column. Also the order of ZipServ's tiles here. Internal to formats.
#pragma once

#include <utility>

#include "matrices/formats/codec.h"

namespace heddle::formats {

inline constexpr std::uint32_t kGroup = 64;          // rows and columns of a group
inline constexpr std::uint32_t kTilesPerGroup = 64;  // 8 x 8 each
inline constexpr std::uint32_t kStripsPerGroup = 4;  // of 16 rows
inline constexpr std::uint32_t kTilesPerStrip = 16;

/// Number of an 8 x 8 tile within its group, from the tile's row and column in the group.
constexpr std::uint32_t group_tile(std::uint32_t tile_row, std::uint32_t tile_column) {
  return tile_row / 2 * kTilesPerStrip + tile_column / 2 * 4 + tile_column % 2 * 2 + tile_row % 2;
}
/// The inverse: row and column of the tile's first element in the group.
constexpr std::pair<std::uint32_t, std::uint32_t> group_tile_place(std::uint32_t tile) {
  const std::uint32_t in_strip = tile % kTilesPerStrip;
  return {(tile / kTilesPerStrip * 2 + in_strip % 2) * 8, (in_strip / 4 * 2 + in_strip % 4 / 2) * 8};
}

inline std::uint64_t groups_across(std::uint32_t cols) {
  return blocks_of(cols, kGroup);
}
inline std::uint64_t group_count(std::uint32_t rows, std::uint32_t cols) {
  return blocks_of(rows, kGroup) * groups_across(cols);
}
/// A TileGrid whose tiles are 8 x 8, numbered group by group; an element's position is its bit.
inline TileGrid small_tiles(std::uint32_t cols) {
  return {kGroup, groups_across(cols) * kTilesPerGroup};
}
inline TilePlace place_in_small_tile(std::uint32_t row, Coordinate column) {
  const std::uint64_t group = column / kGroup;
  return {group * kTilesPerGroup + group_tile(row / 8, column % kGroup / 8), row % 8 * 8 + column % 8};
}
/// A TileGrid whose tiles are the groups; position: row 64 + column within it.
inline TileGrid groups(std::uint32_t cols) {
  return {kGroup, groups_across(cols)};
}
inline TilePlace place_in_group(std::uint32_t row, Coordinate column) {
  return {column / kGroup, row * kGroup + column % kGroup};
}
/// Row and column of bit `bit` of small tile `tile`.
inline std::pair<std::uint64_t, std::uint64_t> small_tile_place(std::uint32_t cols, std::uint64_t tile,
                                                                std::uint32_t bit) {
  const std::uint64_t group = tile / kTilesPerGroup;
  const auto [row, column] = group_tile_place(static_cast<std::uint32_t>(tile % kTilesPerGroup));
  return {group / groups_across(cols) * kGroup + row + bit / 8,
          group % groups_across(cols) * kGroup + column + bit % 8};
}

}  // namespace heddle::formats
