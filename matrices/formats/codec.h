// What the formats are made of: one Codec each, over byte arrays that are checked as they are read. Internal to
// formats.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "matrices/formats/format.h"
#include "sim/base/errors.h"

namespace heddle::formats {

static_assert(std::endian::native == std::endian::little, "sections are little-endian");

constexpr std::uint64_t round_up(std::uint64_t n, std::uint64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}
constexpr std::uint64_t blocks_of(std::uint64_t n, std::uint64_t block) {
  return (n + block - 1) / block;
}

template <class T>
void put(std::vector<std::uint8_t>& bytes, T number) {
  static_assert(std::is_integral_v<T>);
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof number);
  std::memcpy(&bytes[at], &number, sizeof number);
}
/// A count or offset as 32 bits. Throws InputError if it needs more.
void put_offset(std::vector<std::uint8_t>& bytes, std::uint64_t offset);
/// Throws InputError if `offset` does not fit a 32-bit signed number.
void require_offset(std::uint64_t offset);

/// Appends codes of one type; int4 takes half bytes.
class CodeWriter {
 public:
  explicit CodeWriter(ValueType type) : bits_(value_bits(type)) {}
  void put(std::uint16_t code) {
    if (bits_ == 16) {
      formats::put(bytes_, code);
    } else if (bits_ == 8 || count_ % 2 == 0) {
      bytes_.push_back(static_cast<std::uint8_t>(code));
    } else {
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | code << 4);
    }
    ++count_;
  }
  void pad_to(std::uint64_t multiple) {
    while (count_ % multiple != 0) put(0);
  }
  std::uint64_t count() const { return count_; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::uint32_t bits_;
  std::uint64_t count_ = 0;
  std::vector<std::uint8_t> bytes_;
};

/// A section as numbers or codes. Whoever reads checks the length first.
class SectionReader {
 public:
  SectionReader(const Encoded& encoded, std::string_view name)
      : name_(name), bytes_(encoded.section(name)), bits_(value_bits(encoded.type)) {}

  std::uint64_t bytes() const { return bytes_.size(); }
  /// Throws InputError unless the section has exactly `expected` bytes.
  void require_bytes(std::uint64_t expected) const;
  /// The same for `count` codes; what is left of the last byte must be 0.
  void require_codes(std::uint64_t count) const;
  template <class T>
  T number(std::uint64_t index) const {
    T result;
    std::memcpy(&result, bytes_.data() + index * sizeof result, sizeof result);
    return result;
  }
  std::uint16_t code(std::uint64_t index) const {
    if (bits_ == 16) return number<std::uint16_t>(index);
    if (bits_ == 8) return bytes_[index];
    return static_cast<std::uint16_t>(bytes_[index / 2] >> (index % 2 * 4) & 0xf);
  }
  /// Throws InputError unless codes [from, to) are 0.
  void require_zero(std::uint64_t from, std::uint64_t to) const;
  /// Throws InputError "section NAME: reason".
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  std::string_view name_;
  const std::vector<std::uint8_t>& bytes_;
  std::uint32_t bits_;
};

/// Collects what a decoder finds, in any order.
class MatrixBuilder {
 public:
  explicit MatrixBuilder(const Encoded& encoded) : encoded_(encoded) {}
  /// Throws InputError when the place is outside the matrix.
  void add(std::uint64_t row, std::uint64_t column, std::uint16_t code);
  /// Throws InputError when a code is a zero: a sparse format stores none.
  void add_nonzero(std::uint64_t row, std::uint64_t column, std::uint16_t code);
  /// add() unless the code is a zero.
  void add_unless_zero(std::uint64_t row, std::uint64_t column, std::uint16_t code) {
    if (!is_zero_code(code, encoded_.type)) add(row, column, code);
  }
  /// Rows sorted. Throws InputError for a place taken twice or another number of nonzeros than announced.
  NarrowMatrix finish();

 private:
  const Encoded& encoded_;
  std::vector<std::uint32_t> rows_;
  std::vector<Coordinate> columns_;
  std::vector<std::uint16_t> codes_;
};

/// Where an element lies among tiles.
struct TilePlace {
  std::uint64_t tile;  ///< within a block of rows
  std::uint32_t position;
};
struct TileEntry {
  std::uint32_t position;
  std::uint16_t code;
};
/// Tiles are numbered block of rows by block of rows.
struct TileGrid {
  std::uint32_t block_rows;
  std::uint64_t tiles_per_block;
  std::uint64_t tiles(std::uint32_t rows) const { return blocks_of(rows, block_rows) * tiles_per_block; }
};

/// Calls visit(tile within block, entries in row order) for the tiles of one block of rows that hold any, in order.
/// `place(row within block, column)` says where an element belongs. O(entries log + cols of the block's tiles once).
template <class Place>
class TileWalk {
 public:
  TileWalk(const NarrowMatrix& matrix, TileGrid grid, Place place) : matrix_(matrix), grid_(grid), place_(place) {}

  std::uint64_t block_count() const { return blocks_of(matrix_.rows, grid_.block_rows); }

  template <class Visit>
  void filled_tiles(std::uint64_t block, Visit visit) {
    gather(block);
    for (std::size_t i = 0, end = 0; i < sorted_.size(); i = end) {
      entries_.clear();
      for (end = i; end < sorted_.size() && sorted_[end].tile == sorted_[i].tile; ++end)
        entries_.push_back({sorted_[end].position, sorted_[end].code});
      visit(sorted_[i].tile, std::span<const TileEntry>(entries_));
    }
  }

  /// The same for every tile of every block, empty ones included; visit(tile, entries).
  template <class Visit>
  void all_tiles(Visit visit) {
    for (std::uint64_t block = 0; block < block_count(); ++block) {
      const std::uint64_t first = block * grid_.tiles_per_block;
      std::uint64_t next = 0;
      filled_tiles(block, [&](std::uint64_t tile, std::span<const TileEntry> entries) {
        for (; next < tile; ++next) visit(first + next, std::span<const TileEntry>());
        visit(first + next++, entries);
      });
      for (; next < grid_.tiles_per_block; ++next) visit(first + next, std::span<const TileEntry>());
    }
  }

 private:
  struct Placed {
    std::uint64_t tile;
    std::uint32_t position;
    std::uint16_t code;
  };
  void gather(std::uint64_t block);
  void sort_by_tile();

  const NarrowMatrix& matrix_;
  TileGrid grid_;
  Place place_;
  std::vector<Placed> placed_, sorted_;
  std::vector<std::uint32_t> starts_;
  std::vector<TileEntry> entries_;
};

template <class Place>
void TileWalk<Place>::gather(std::uint64_t block) {
  placed_.clear();
  const std::uint64_t first = block * grid_.block_rows;
  const std::uint64_t last = std::min<std::uint64_t>(first + grid_.block_rows, matrix_.rows);
  for (std::uint64_t row = first; row < last; ++row) {
    for (std::uint64_t i = matrix_.pointers[row]; i < matrix_.pointers[row + 1]; ++i) {
      const TilePlace at = place_(static_cast<std::uint32_t>(row - first), matrix_.coordinates[i]);
      placed_.push_back({at.tile, at.position, matrix_.codes[i]});
    }
  }
  sort_by_tile();
}

/// Stable: by counting when the block has many entries for its tiles.
template <class Place>
void TileWalk<Place>::sort_by_tile() {
  const auto by_tile = [](const Placed& a, const Placed& b) { return a.tile < b.tile; };
  if (placed_.size() < grid_.tiles_per_block / 4) {
    std::stable_sort(placed_.begin(), placed_.end(), by_tile);
    sorted_.swap(placed_);
    return;
  }
  starts_.assign(grid_.tiles_per_block + 1, 0);
  for (const Placed& entry : placed_) ++starts_[entry.tile + 1];
  for (std::size_t t = 1; t < starts_.size(); ++t) starts_[t] += starts_[t - 1];
  sorted_.resize(placed_.size());
  for (const Placed& entry : placed_) sorted_[starts_[entry.tile]++] = entry;
}

struct Codec {
  Format format;
  /// Fills sections; everything else of `out` is set.
  void (*encode)(const NarrowMatrix& matrix, Encoded& out);
  NarrowMatrix (*decode)(const Encoded& encoded);
  FormatSize (*size)(const NarrowMatrix& matrix, const FormatOptions& options);
  std::vector<std::string_view> (*sections)(const FormatOptions& options);
};

extern const Codec kDense, kBitmap, kTileBitmap, kTcaBme, kTiledCsl, kCsr, kCsr16, kCoo, kCoo16, kBsr, kTwoFour,
    kSparta, kTcaTbe;

}  // namespace heddle::formats
