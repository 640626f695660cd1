// 64-element tiles: Coruscant (MICRO 2025) for weights, Mustafar (arXiv 2505.22913) for K and V.
#include <algorithm>

#include "matrices/formats/codec.h"

namespace heddle::formats {
namespace {

constexpr std::uint32_t kTile = 64;
constexpr std::uint64_t kPadded = 8;  // values; 16 B of fp16

TileGrid grid_of(std::uint32_t cols, TileOrder order) {
  if (order == TileOrder::columns) return {kTile, cols};
  return {kTile, blocks_of(cols, kTile) * kTile};
}

auto place_by(TileOrder order) {
  return [order](std::uint32_t row, Coordinate column) -> TilePlace {
    if (order == TileOrder::columns) return {column, row};
    return {std::uint64_t{column / kTile} * kTile + row, column % kTile};
  };
}

/// Row and column of element `position` of `tile`.
std::pair<std::uint64_t, std::uint64_t> place_of(const Encoded& e, std::uint64_t tile, std::uint32_t position) {
  const TileGrid grid = grid_of(e.cols, e.options.tile_order);
  const std::uint64_t block = tile / grid.tiles_per_block, local = tile % grid.tiles_per_block;
  if (e.options.tile_order == TileOrder::columns) return {block * kTile + position, local};
  return {block * kTile + local % kTile, local / kTile * kTile + position};
}

/// Offsets count units of 4 bytes.
std::uint64_t offset_of(ValueType type, std::uint64_t stored) {
  return stored * value_bits(type) / 32;
}

FormatSize size(const NarrowMatrix& matrix, const FormatOptions& options) {
  TileWalk walk(matrix, grid_of(matrix.cols, options.tile_order), place_by(options.tile_order));
  std::uint64_t stored = 0;
  for (std::uint64_t block = 0; block < walk.block_count(); ++block)
    walk.filled_tiles(
        block, [&](std::uint64_t, std::span<const TileEntry> entries) { stored += round_up(entries.size(), kPadded); });
  require_offset(offset_of(matrix.type, stored));
  const std::uint64_t tiles = grid_of(matrix.cols, options.tile_order).tiles(matrix.rows);
  FormatSize size;
  size.values = value_bytes(matrix.type, matrix.nnz());
  size.positions = 8 * tiles;
  size.offsets = 4 * (tiles + 1);
  size.padding = value_bytes(matrix.type, stored) - size.values;
  return size;
}

void encode(const NarrowMatrix& matrix, Encoded& out) {
  TileWalk walk(matrix, grid_of(matrix.cols, out.options.tile_order), place_by(out.options.tile_order));
  std::vector<std::uint8_t> bitmap, offsets;
  CodeWriter values(matrix.type);
  put_offset(offsets, 0);
  walk.all_tiles([&](std::uint64_t, std::span<const TileEntry> entries) {
    std::uint64_t word = 0;
    for (const TileEntry& entry : entries) {
      word |= std::uint64_t{1} << (kTile - 1 - entry.position);
      values.put(entry.code);
    }
    values.pad_to(kPadded);
    put(bitmap, word);
    put_offset(offsets, offset_of(matrix.type, values.count()));
  });
  out.sections = {{"bitmap", std::move(bitmap)}, {"offsets", std::move(offsets)}, {"values", values.take()}};
}

NarrowMatrix decode(const Encoded& encoded) {
  const std::uint64_t tiles = grid_of(encoded.cols, encoded.options.tile_order).tiles(encoded.rows);
  const SectionReader bitmap(encoded, "bitmap"), offsets(encoded, "offsets"), values(encoded, "values");
  bitmap.require_bytes(8 * tiles);
  offsets.require_bytes(4 * (tiles + 1));
  std::uint64_t stored = 0;
  for (std::uint64_t t = 0; t <= tiles; ++t) {
    if (offsets.number<std::uint32_t>(t) != offset_of(encoded.type, stored))
      offsets.fail("offset " + std::to_string(t) + " is " + std::to_string(offsets.number<std::uint32_t>(t)) +
                   ", the bitmaps before it need " + std::to_string(offset_of(encoded.type, stored)));
    if (t < tiles)
      stored += round_up(static_cast<std::uint64_t>(std::popcount(bitmap.number<std::uint64_t>(t))), kPadded);
  }
  values.require_codes(stored);
  MatrixBuilder matrix(encoded);
  std::uint64_t next = 0;
  for (std::uint64_t t = 0; t < tiles; ++t) {
    const auto word = bitmap.number<std::uint64_t>(t);
    for (std::uint32_t i = 0; i < kTile; ++i) {
      if ((word >> (kTile - 1 - i) & 1) == 0) continue;
      const auto [row, column] = place_of(encoded, t, i);
      matrix.add_nonzero(row, column, values.code(next++));
    }
    values.require_zero(next, round_up(next, kPadded));
    next = round_up(next, kPadded);
  }
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions&) {
  return {"bitmap", "offsets", "values"};
}

}  // namespace

const Codec kTileBitmap = {Format::tile_bitmap, encode, decode, size, sections};

}  // namespace heddle::formats
