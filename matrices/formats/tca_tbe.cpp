// ZipServ (ASPLOS 2026): lossless bf16. Exponents of trained weights crowd, so the seven most frequent consecutive ones
// get 3-bit codes in three bit planes; the rest of such an element, sign and fraction, is one byte.
#include <algorithm>
#include <array>

#include "matrices/formats/group_tiles.h"

namespace heddle::formats {
namespace {

constexpr std::uint32_t kCodes = 7, kPlanes = 3;
constexpr std::uint64_t kShortPadded = 16, kFullPadded = 8;

std::uint32_t exponent(std::uint16_t code) {
  return code >> 7 & 0xff;
}
std::uint8_t sign_and_fraction(std::uint16_t code) {
  return static_cast<std::uint8_t>((code >> 8 & 0x80) | (code & 0x7f));
}
/// 1 to 7, or 0 when not covered.
std::uint32_t plane_code(std::uint16_t code, std::uint32_t base) {
  const std::uint32_t distance = exponent(code) - base;
  return distance < kCodes ? distance + 1 : 0;
}

/// The first exponent of the seven consecutive ones that cover most elements, zeros included; the lowest among equals.
std::uint32_t best_base(const NarrowMatrix& matrix) {
  std::array<std::uint64_t, 256> count{};
  for (const std::uint16_t code : matrix.codes) ++count[exponent(code)];
  count[0] += std::uint64_t{matrix.rows} * matrix.cols - matrix.nnz();
  std::uint64_t most = 0;
  std::uint32_t best = 0;
  for (std::uint32_t base = 0; base + kCodes <= count.size(); ++base) {
    std::uint64_t covered = 0;
    for (std::uint32_t i = 0; i < kCodes; ++i) covered += count[base + i];
    if (covered > most) most = covered, best = base;
  }
  return best;
}

FormatSize size(const NarrowMatrix& matrix, const FormatOptions&) {
  if (matrix.type != ValueType::bf16) throw InputError("tca_tbe holds bf16 only");
  const std::uint32_t base = best_base(matrix);
  const std::uint64_t groups_all = group_count(matrix.rows, matrix.cols), per_group = kGroup * kGroup;
  const bool zeros_covered = base == 0;
  TileWalk walk(matrix, groups(matrix.cols), place_in_group);
  std::uint64_t covered = 0, short_stored = 0, full_stored = 0, filled = 0;
  for (std::uint64_t block = 0; block < walk.block_count(); ++block)
    walk.filled_tiles(block, [&](std::uint64_t, std::span<const TileEntry> entries) {
      std::uint64_t here = zeros_covered ? per_group - entries.size() : 0;
      for (const TileEntry& entry : entries)
        if (plane_code(entry.code, base) != 0) ++here, ++covered;
      short_stored += round_up(here, kShortPadded);
      full_stored += round_up(per_group - here, kFullPadded);
      ++filled;
    });
  (zeros_covered ? short_stored : full_stored) += (groups_all - filled) * per_group;
  require_offset(std::max(short_stored, full_stored));
  const std::uint64_t elements = std::uint64_t{matrix.rows} * matrix.cols;
  if (zeros_covered) covered += elements - matrix.nnz();
  FormatSize size;
  size.values = covered + 2 * (elements - covered);
  size.positions = blocks_of(kPlanes * elements, 8) + 1;
  size.offsets = 2 * 4 * (groups_all + 1);
  size.padding =
      short_stored + 2 * full_stored - size.values + groups_all * kTilesPerGroup * kPlanes * 8 + 1 - size.positions;
  return size;
}

void encode(const NarrowMatrix& matrix, Encoded& out) {
  const std::uint32_t base = best_base(matrix);
  TileWalk walk(matrix, small_tiles(matrix.cols), place_in_small_tile);
  std::vector<std::uint8_t> planes, shorts, full, offsets;
  walk.all_tiles([&](std::uint64_t tile, std::span<const TileEntry> entries) {
    if (tile % kTilesPerGroup == 0) put_offset(offsets, shorts.size()), put_offset(offsets, full.size() / 2);
    std::array<std::uint16_t, 64> codes{};
    for (const TileEntry& entry : entries) codes[entry.position] = entry.code;
    std::array<std::uint64_t, kPlanes> words{};
    for (std::uint32_t i = 0; i < codes.size(); ++i) {
      const std::uint32_t code = plane_code(codes[i], base);
      for (std::uint32_t p = 0; p < kPlanes; ++p) words[p] |= std::uint64_t{code >> p & 1} << i;
      if (code != 0)
        shorts.push_back(sign_and_fraction(codes[i]));
      else
        put(full, codes[i]);
    }
    for (const std::uint64_t word : words) put(planes, word);
    if (tile % kTilesPerGroup != kTilesPerGroup - 1) return;
    shorts.resize(round_up(shorts.size(), kShortPadded));
    full.resize(round_up(full.size(), kFullPadded * 2));
  });
  put_offset(offsets, shorts.size());
  put_offset(offsets, full.size() / 2);
  out.sections = {{"base", {static_cast<std::uint8_t>(base)}},
                  {"planes", std::move(planes)},
                  {"short", std::move(shorts)},
                  {"full", std::move(full)},
                  {"offsets", std::move(offsets)}};
}

/// Bits set in any plane of a tile: covered elements.
std::uint64_t covered_bits(const SectionReader& planes, std::uint64_t tile) {
  std::uint64_t any = 0;
  for (std::uint32_t p = 0; p < kPlanes; ++p) any |= planes.number<std::uint64_t>(kPlanes * tile + p);
  return any;
}

/// Numbers of short and full elements stored; every offset is checked.
std::pair<std::uint64_t, std::uint64_t> check_offsets(const Encoded& encoded, std::uint64_t tiles) {
  const SectionReader planes(encoded, "planes"), offsets(encoded, "offsets");
  planes.require_bytes(tiles * kPlanes * 8);
  offsets.require_bytes(2 * 4 * (tiles / kTilesPerGroup + 1));
  std::uint64_t shorts = 0, full = 0;
  for (std::uint64_t t = 0; t <= tiles; ++t) {
    if (t % kTilesPerGroup == 0) {
      shorts = round_up(shorts, kShortPadded), full = round_up(full, kFullPadded);
      const std::uint64_t group = t / kTilesPerGroup;
      if (offsets.number<std::uint32_t>(2 * group) != shorts || offsets.number<std::uint32_t>(2 * group + 1) != full)
        offsets.fail("offsets of group " + std::to_string(group) + " do not fit the bit planes before it");
    }
    if (t == tiles) break;
    const auto covered = static_cast<std::uint64_t>(std::popcount(covered_bits(planes, t)));
    shorts += covered;
    full += 64 - covered;
  }
  return {shorts, full};
}

NarrowMatrix decode(const Encoded& encoded) {
  if (encoded.type != ValueType::bf16) throw InputError("tca_tbe holds bf16 only");
  const SectionReader base_byte(encoded, "base"), planes(encoded, "planes"), shorts(encoded, "short"),
      full(encoded, "full");
  base_byte.require_bytes(1);
  const std::uint32_t base = base_byte.number<std::uint8_t>(0);
  if (base + kCodes > 256) base_byte.fail("expected at most 249");
  const std::uint64_t tiles = small_tiles(encoded.cols).tiles(encoded.rows);
  const auto [short_count, full_count] = check_offsets(encoded, tiles);
  shorts.require_bytes(short_count);
  full.require_bytes(2 * full_count);
  MatrixBuilder matrix(encoded);
  std::uint64_t next_short = 0, next_full = 0;
  for (std::uint64_t t = 0; t < tiles; ++t) {
    for (std::uint32_t i = 0; i < 64; ++i) {
      std::uint32_t plane = 0;
      for (std::uint32_t p = 0; p < kPlanes; ++p)
        plane |= static_cast<std::uint32_t>(planes.number<std::uint64_t>(kPlanes * t + p) >> i & 1) << p;
      std::uint32_t code = 0;
      if (plane == 0) {
        code = full.number<std::uint16_t>(next_full++);
      } else {
        const std::uint32_t byte = shorts.number<std::uint8_t>(next_short++);
        code = (byte & 0x80) << 8 | (base + plane - 1) << 7 | (byte & 0x7f);
      }
      const auto [row, column] = small_tile_place(encoded.cols, t, i);
      matrix.add_unless_zero(row, column, static_cast<std::uint16_t>(code));
    }
    if (t % kTilesPerGroup == kTilesPerGroup - 1)
      next_short = round_up(next_short, kShortPadded), next_full = round_up(next_full, kFullPadded);
  }
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions&) {
  return {"base", "planes", "short", "full", "offsets"};
}

}  // namespace

const Codec kTcaTbe = {Format::tca_tbe, encode, decode, size, sections};

}  // namespace heddle::formats
