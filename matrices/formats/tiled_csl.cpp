// Flash-LLM (VLDB 2023), csrc/SpMM_API.cu: items of (value, position), dealt so that the 32 lanes of a warp that load
// and scatter them at the same time hit different shared-memory banks as far as possible.
#include <algorithm>
#include <array>

#include "matrices/formats/codec.h"

namespace heddle::formats {
namespace {

constexpr std::uint32_t kTileRows = 128, kTileColumns = 64, kBanks = 32;
constexpr std::uint64_t kVector = 4;  // items a lane loads at once

std::uint32_t position_of(std::uint32_t row, std::uint32_t column) {
  return row * kTileColumns + (column ^ (row % 8 * 8));
}
/// Two 16-bit values per bank.
std::uint32_t bank_of(std::uint32_t position) {
  return position % kTileColumns / 2 % kBanks;
}

TileGrid grid_of(std::uint32_t cols) {
  return {kTileRows, blocks_of(cols, kTileColumns)};
}
TilePlace place(std::uint32_t row, Coordinate column) {
  return {column / kTileColumns, position_of(row, column % kTileColumns)};
}

FormatSize size(const NarrowMatrix& matrix, const FormatOptions&) {
  if (value_bits(matrix.type) != 16) throw InputError("tiled_csl holds 16-bit values; expected fp16 or bf16");
  TileWalk walk(matrix, grid_of(matrix.cols), place);
  std::uint64_t stored = 0;
  for (std::uint64_t block = 0; block < walk.block_count(); ++block)
    walk.filled_tiles(
        block, [&](std::uint64_t, std::span<const TileEntry> entries) { stored += round_up(entries.size(), kVector); });
  require_offset(stored / kVector);
  return {.values = 2 * matrix.nnz(),
          .positions = 2 * matrix.nnz(),
          .offsets = 4 * (grid_of(matrix.cols).tiles(matrix.rows) + 2),
          .padding = 4 * (stored - matrix.nnz())};
}

class BankedItems {
 public:
  /// The items of a tile, and zeros at free positions of the least filled banks until their number is a multiple of 4.
  explicit BankedItems(std::span<const TileEntry> entries) {
    std::array<bool, kTileRows * kTileColumns> taken{};
    for (const TileEntry& entry : entries) {
      banks_[bank_of(entry.position)].push_back(entry.position << 16 | entry.code);
      taken[entry.position] = true;
    }
    count_ = round_up(entries.size(), kVector);
    for (std::uint64_t added = entries.size(); added < count_; ++added) {
      const auto least = std::min_element(banks_.begin(), banks_.end(), fewer);
      const auto bank = static_cast<std::uint32_t>(least - banks_.begin());
      least->push_back(first_free(taken, bank) << 16);
    }
  }
  std::uint64_t count() const { return count_; }
  /// From the fullest bank, the first among equals; its last item.
  std::uint32_t deal() {
    auto& fullest = *std::max_element(banks_.begin(), banks_.end(), fewer);
    const std::uint32_t item = fullest.back();
    fullest.pop_back();
    return item;
  }

 private:
  using Bank = std::vector<std::uint32_t>;
  static bool fewer(const Bank& a, const Bank& b) { return a.size() < b.size(); }
  /// In order of rows and unpermuted columns, as the published encoder looks for it.
  static std::uint32_t first_free(const std::array<bool, kTileRows * kTileColumns>& taken, std::uint32_t bank) {
    for (std::uint32_t i = 0; i < kTileRows * kTileColumns; ++i) {
      const std::uint32_t position = position_of(i / kTileColumns, i % kTileColumns);
      if (bank_of(position) == bank && !taken[position]) return position;
    }
    throw InternalError("a full tile needs no padding");
  }

  std::array<Bank, kBanks> banks_;
  std::uint64_t count_ = 0;
};

/// Rounds of 32 lanes x 4 items, then the tail of fewer lanes. The tail is dealt first; each part is written in the
/// reverse order of dealing.
std::vector<std::uint32_t> arrange(std::span<const TileEntry> entries) {
  BankedItems items(entries);
  std::vector<std::uint32_t> arranged(items.count());
  const std::uint64_t vectors = items.count() / kVector, rounds = vectors / kBanks, tail = vectors % kBanks;
  for (std::uint64_t v = kVector; v-- > 0;)
    for (std::uint64_t lane = 0; lane < tail; ++lane)
      arranged[rounds * kBanks * kVector + lane * kVector + v] = items.deal();
  for (std::uint64_t i = rounds * kVector; i-- > 0;)
    for (std::uint64_t lane = 0; lane < kBanks; ++lane)
      arranged[i / kVector * kBanks * kVector + lane * kVector + i % kVector] = items.deal();
  return arranged;
}

void encode(const NarrowMatrix& matrix, Encoded& out) {
  TileWalk walk(matrix, grid_of(matrix.cols), place);
  std::vector<std::uint8_t> items, offsets;
  put_offset(offsets, 0);
  walk.all_tiles([&](std::uint64_t, std::span<const TileEntry> entries) {
    for (const std::uint32_t item : arrange(entries)) put(items, item);
    put_offset(offsets, items.size() / 4 / kVector);
  });
  put_offset(offsets, items.size() / 4 / kVector);
  out.sections = {{"items", std::move(items)}, {"offsets", std::move(offsets)}};
}

NarrowMatrix decode(const Encoded& encoded) {
  const TileGrid grid = grid_of(encoded.cols);
  const std::uint64_t tiles = grid.tiles(encoded.rows);
  const SectionReader items(encoded, "items"), offsets(encoded, "offsets");
  offsets.require_bytes(4 * (tiles + 2));
  const std::uint64_t vectors = offsets.number<std::uint32_t>(tiles);
  if (offsets.number<std::uint32_t>(0) != 0) offsets.fail("the first offset is not 0");
  if (offsets.number<std::uint32_t>(tiles + 1) != vectors) offsets.fail("the last two offsets differ");
  items.require_bytes(vectors * kVector * 4);
  MatrixBuilder matrix(encoded);
  for (std::uint64_t t = 0; t < tiles; ++t) {
    const std::uint64_t begin = offsets.number<std::uint32_t>(t), end = offsets.number<std::uint32_t>(t + 1);
    if (begin > end || end > vectors) offsets.fail("offset " + std::to_string(t + 1) + " is out of order or range");
    std::uint64_t zeros = 0;
    for (std::uint64_t i = begin * kVector; i < end * kVector; ++i) {
      const auto item = items.number<std::uint32_t>(i);
      const std::uint32_t row = (item >> 16) / kTileColumns, column = (item >> 16) % kTileColumns ^ (row % 8 * 8);
      if (row >= kTileRows) items.fail("item " + std::to_string(i) + " lies outside its tile");
      const auto code = static_cast<std::uint16_t>(item);
      if (is_zero_code(code, encoded.type) && (code != 0 || ++zeros == kVector))
        items.fail("tile " + std::to_string(t) + " has more zeros than padding needs");
      matrix.add_unless_zero(t / grid.tiles_per_block * kTileRows + row,
                             t % grid.tiles_per_block * kTileColumns + column, code);
    }
  }
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions&) {
  return {"items", "offsets"};
}

}  // namespace

const Codec kTiledCsl = {Format::tiled_csl, encode, decode, size, sections};

}  // namespace heddle::formats
