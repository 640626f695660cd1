// SpInfer (EuroSys 2025), csrc/SpMM_API.cu: InitSparseMatrixA_bitmap.
#include <algorithm>

#include "matrices/formats/group_tiles.h"

namespace heddle::formats {
namespace {

constexpr std::uint64_t kPadded = 8;  // values per group

FormatSize size(const NarrowMatrix& matrix, const FormatOptions& options) {
  TileWalk walk(matrix, groups(matrix.cols), place_in_group);
  std::uint64_t stored = 0;
  for (std::uint64_t block = 0; block < walk.block_count(); ++block)
    walk.filled_tiles(
        block, [&](std::uint64_t, std::span<const TileEntry> entries) { stored += round_up(entries.size(), kPadded); });
  require_offset(stored);
  const std::uint64_t count = group_count(matrix.rows, matrix.cols);
  FormatSize size;
  size.values = value_bytes(matrix.type, matrix.nnz());
  size.positions = 8 * kTilesPerGroup * count;
  size.offsets = 4 * (count + 1) + (options.median_offsets ? 4 * kStripsPerGroup * count : 0);
  size.padding = value_bytes(matrix.type, stored) - size.values;
  return size;
}

void encode(const NarrowMatrix& matrix, Encoded& out) {
  TileWalk walk(matrix, small_tiles(matrix.cols), place_in_small_tile);
  std::vector<std::uint8_t> bitmap, offsets, median_offsets;
  CodeWriter values(matrix.type);
  std::uint64_t group_begin = 0;
  walk.all_tiles([&](std::uint64_t tile, std::span<const TileEntry> entries) {
    if (tile % kTilesPerGroup == 0) {
      group_begin = values.count();
      put_offset(offsets, group_begin);
    }
    if (tile % kTilesPerStrip == 0) put_offset(median_offsets, values.count() - group_begin);
    std::uint64_t word = 0;
    for (const TileEntry& entry : entries) {
      word |= std::uint64_t{1} << entry.position;
      values.put(entry.code);
    }
    put(bitmap, word);
    if (tile % kTilesPerGroup == kTilesPerGroup - 1) values.pad_to(kPadded);
  });
  put_offset(offsets, values.count());
  out.sections = {{"bitmap", std::move(bitmap)}, {"offsets", std::move(offsets)}};
  if (out.options.median_offsets) out.sections.push_back({"median_offsets", std::move(median_offsets)});
  out.sections.push_back({"values", values.take()});
}

void require_offset_is(const SectionReader& offsets, std::uint64_t index, std::uint64_t expected) {
  const auto found = offsets.number<std::uint32_t>(index);
  if (found != expected)
    offsets.fail("offset " + std::to_string(index) + " is " + std::to_string(found) + ", the bitmaps before it have " +
                 std::to_string(expected) + " values");
}

/// Lengths, and all offsets against the bits set. Returns the number of values stored.
std::uint64_t check_offsets(const Encoded& encoded, std::uint64_t tiles) {
  const SectionReader bitmap(encoded, "bitmap"), offsets(encoded, "offsets");
  bitmap.require_bytes(8 * tiles);
  offsets.require_bytes(4 * (tiles / kTilesPerGroup + 1));
  const bool with_median = encoded.options.median_offsets;
  const SectionReader median(encoded, with_median ? "median_offsets" : "offsets");
  if (with_median) median.require_bytes(4 * (tiles / kTilesPerStrip));
  std::uint64_t stored = 0, group_begin = 0;
  for (std::uint64_t t = 0; t < tiles; ++t) {
    if (t % kTilesPerGroup == 0) {
      stored = group_begin = round_up(stored, kPadded);
      require_offset_is(offsets, t / kTilesPerGroup, stored);
    }
    if (with_median && t % kTilesPerStrip == 0) require_offset_is(median, t / kTilesPerStrip, stored - group_begin);
    stored += static_cast<std::uint64_t>(std::popcount(bitmap.number<std::uint64_t>(t)));
  }
  stored = round_up(stored, kPadded);
  require_offset_is(offsets, tiles / kTilesPerGroup, stored);
  return stored;
}

NarrowMatrix decode(const Encoded& encoded) {
  const std::uint64_t tiles = small_tiles(encoded.cols).tiles(encoded.rows);
  const SectionReader bitmap(encoded, "bitmap"), values(encoded, "values");
  values.require_codes(check_offsets(encoded, tiles));
  MatrixBuilder matrix(encoded);
  std::uint64_t next = 0;
  for (std::uint64_t t = 0; t < tiles; ++t) {
    for (auto word = bitmap.number<std::uint64_t>(t); word != 0; word &= word - 1) {
      const auto [row, column] = small_tile_place(encoded.cols, t, static_cast<std::uint32_t>(std::countr_zero(word)));
      matrix.add_nonzero(row, column, values.code(next++));
    }
    if (t % kTilesPerGroup != kTilesPerGroup - 1) continue;
    values.require_zero(next, round_up(next, kPadded));
    next = round_up(next, kPadded);
  }
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions& options) {
  if (options.median_offsets) return {"bitmap", "offsets", "median_offsets", "values"};
  return {"bitmap", "offsets", "values"};
}

}  // namespace

const Codec kTcaBme = {Format::tca_bme, encode, decode, size, sections};

}  // namespace heddle::formats
