// Dense blocks in compressed rows of blocks.
#include <algorithm>

#include "matrices/formats/codec.h"

namespace heddle::formats {
namespace {

TileGrid grid_of(std::uint32_t cols, std::uint32_t block) {
  return {block, blocks_of(cols, block)};
}

auto place_by(std::uint32_t block) {
  return [block](std::uint32_t row, Coordinate column) -> TilePlace {
    return {column / block, row * block + column % block};
  };
}

/// Blocks hold padding where the matrix ends; their zeros inside count as values, as in every dense block.
FormatSize size(const NarrowMatrix& matrix, const FormatOptions& options) {
  const std::uint64_t side = options.block;
  TileWalk walk(matrix, grid_of(matrix.cols, options.block), place_by(options.block));
  std::uint64_t blocks = 0, inside = 0;
  for (std::uint64_t block_row = 0; block_row < walk.block_count(); ++block_row) {
    const std::uint64_t rows = std::min(side, matrix.rows - block_row * side);
    walk.filled_tiles(block_row, [&](std::uint64_t block, std::span<const TileEntry>) {
      ++blocks;
      inside += rows * std::min(side, matrix.cols - block * side);
    });
  }
  require_offset(blocks);
  FormatSize size;
  size.values = value_bytes(matrix.type, inside);
  size.positions = 4 * blocks;
  size.offsets = 4 * (walk.block_count() + 1);
  size.padding = value_bytes(matrix.type, blocks * side * side) - size.values;
  return size;
}

void encode(const NarrowMatrix& matrix, Encoded& out) {
  const std::uint32_t side = out.options.block;
  TileWalk walk(matrix, grid_of(matrix.cols, side), place_by(side));
  std::vector<std::uint8_t> pointers, columns;
  CodeWriter values(matrix.type);
  std::uint64_t blocks = 0;
  std::vector<std::uint16_t> codes(std::uint64_t{side} * side);
  put_offset(pointers, 0);
  for (std::uint64_t block_row = 0; block_row < walk.block_count(); ++block_row) {
    walk.filled_tiles(block_row, [&](std::uint64_t block, std::span<const TileEntry> entries) {
      std::fill(codes.begin(), codes.end(), std::uint16_t{0});
      for (const TileEntry& entry : entries) codes[entry.position] = entry.code;
      for (const std::uint16_t code : codes) values.put(code);
      put(columns, static_cast<std::uint32_t>(block));
      ++blocks;
    });
    put_offset(pointers, blocks);
  }
  out.sections = {{"pointers", std::move(pointers)}, {"columns", std::move(columns)}, {"values", values.take()}};
}

NarrowMatrix decode(const Encoded& encoded) {
  const std::uint64_t side = encoded.options.block, area = side * side;
  const SectionReader pointers(encoded, "pointers"), columns(encoded, "columns"), values(encoded, "values");
  const std::uint64_t block_rows = blocks_of(encoded.rows, side);
  pointers.require_bytes(4 * (block_rows + 1));
  const std::uint64_t count = columns.bytes() / 4;
  columns.require_bytes(4 * count);
  values.require_codes(count * area);
  if (pointers.number<std::uint32_t>(0) != 0 || pointers.number<std::uint32_t>(block_rows) != count)
    pointers.fail("expected 0 first and the number of blocks, " + std::to_string(count) + ", last");
  MatrixBuilder matrix(encoded);
  for (std::uint64_t r = 0; r < block_rows; ++r) {
    const auto begin = pointers.number<std::uint32_t>(r), end = pointers.number<std::uint32_t>(r + 1);
    if (begin > end || end > count) pointers.fail("pointer " + std::to_string(r + 1) + " is out of order or range");
    for (std::uint64_t b = begin; b < end; ++b) {
      const std::uint64_t column = columns.number<std::uint32_t>(b);
      if (column >= blocks_of(encoded.cols, side))
        columns.fail("block column " + std::to_string(column) + " is beyond the matrix");
      if (b > begin && column <= columns.number<std::uint32_t>(b - 1)) columns.fail("block columns are not ascending");
      for (std::uint64_t i = 0; i < area; ++i)
        matrix.add_unless_zero(r * side + i / side, column * side + i % side, values.code(b * area + i));
    }
  }
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions&) {
  return {"pointers", "columns", "values"};
}

}  // namespace

const Codec kBsr = {Format::bsr, encode, decode, size, sections};

}  // namespace heddle::formats
