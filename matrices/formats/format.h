// Storage formats of sparse matrices of narrow values: encode, decode, exact size. One small file per format; the table
// of them is format.cpp.
//
//   const NarrowMatrix w = narrow(csr, ValueType::fp16);
//   const Encoded e = encode(w, Format::tile_bitmap);          // sections: bitmap, offsets, values
//   decode(e) == w;  size_of(e) == exact_size(w, Format::tile_bitmap);
//
// All numbers in sections are little-endian. M x K is rows x cols, nnz the stored values, b the bits of a value.
//
// Per format: its sections in the order of the file, and what each holds. Dimensions that are no multiple of a tile are
// filled up with zeros.
//
// clang-format off
//   dense        values    M K codes, row by row
//   bitmap       bitmap    64-bit words over the elements row by row, first element in the highest bit
//                offsets   only with offset_every: 32-bit number of values before each group of offset_every elements
//                values    packed; with offset_every each group zero-padded to a multiple of offset_pad values
//                          Endor (arXiv 2406.11674) names bitmap and values; offsets and padding are options.
//   tile_bitmap  bitmap    one 64-bit word per tile of 64 elements, element i in bit 63 - i
//                offsets   tiles + 1 32-bit prefix sums of the padded counts, in units of 4 bytes
//                values    each tile zero-padded to a multiple of 8 values
//                          tile_order columns: a tile is 64 rows of a column; row blocks of 64, in a block the columns
//                          in order (Coruscant's weights; Mustafar's K as tokens x channels). tile_order rows: a tile
//                          is 64 columns of a row; row blocks of 64, in a block the column blocks, in these the rows
//                          (Mustafar's V as tokens x channels). Mustafar: arXiv 2505.22913, kernel/compression.py.
//   tca_bme      bitmap    one 64-bit word per 8 x 8 tile, element (r, c) in bit 8 r + c
//                offsets   groups + 1 32-bit numbers of values before each 64 x 64 group
//                median_offsets  only with that option: 4 per group, values before each 16 x 64 strip within it
//                values    each group zero-padded to a multiple of 8 values
//                          Groups row by row; in a group 16 x 16 blocks row by row, in a block the four tiles column by
//                          column. SpInfer (EuroSys 2025).
//   tiled_csl    items     per 128 x 64 tile 32-bit items: the value in the low half, row 64 + (column xor 8 (row mod 8))
//                          in the high half; padded to 4 items, dealt over shared-memory banks
//                offsets   tiles + 2, in units of 4 items
//                          16-bit values only. Flash-LLM (VLDB 2023).
//   csr, csr16   pointers  M + 1, 32-bit
//                columns   32-bit, csr16: 16-bit
//                values
//   coo, coo16   rows, columns  32-bit, coo16: 16-bit; row by row
//                values
//   bsr          pointers  ceil(M / block) + 1, 32-bit
//                columns   block columns, 32-bit
//                values    dense blocks, row by row
//   two_four     values    two of each aligned group of four in a row
//                indices   4 bits per group: position of the first in bits 0-1, of the second in bits 2-3, the first
//                          group of a byte in its low half
//                          A matrix with three nonzeros in a group is refused.
//   sparta       values, indices  as two_four, the first two nonzeros of each group
//                pointers, columns, rest  the other nonzeros as csr. SparTA (OSDI 2022).
//   tca_tbe      base      one byte, the exponent of code 1
//                planes    three 64-bit words per 8 x 8 tile (bits as tca_bme): the three bits of each element's code,
//                          lowest first; code 1 to 7 = exponent - base + 1, 0 = not covered
//                short     sign and fraction of covered elements, one byte each, groups padded to 16
//                full      bf16 of the others, zeros too, groups padded to 8
//                offsets   2 (groups + 1) 32-bit counts, before each group, of short and of full
//                          bf16 only, lossless; order of tiles as tca_bme. ZipServ (ASPLOS 2026).
// clang-format on
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "matrices/formats/narrow.h"
#include "sim/base/describe.h"

namespace heddle {

/// The numbers are part of the file format.
enum class Format : std::uint32_t {
  dense = 1,
  bitmap = 2,
  tile_bitmap = 3,
  tca_bme = 4,
  tiled_csl = 5,
  csr = 6,
  csr16 = 7,
  coo = 8,
  coo16 = 9,
  bsr = 10,
  two_four = 11,
  sparta = 12,
  tca_tbe = 13
};
std::span<const EnumName<Format>> enum_names(Format);

enum class TileOrder : std::uint32_t { columns = 0, rows = 1 };
constexpr EnumName<TileOrder> kTileOrderNames[] = {
    {TileOrder::columns, "columns", "64 rows of one column: weights, and K as tokens x channels"},
    {TileOrder::rows, "rows", "64 columns of one row: V as tokens x channels"}};
constexpr std::span<const EnumName<TileOrder>> enum_names(TileOrder) {
  return kTileOrderNames;
}

/// A format reads the keys that name it; the rest are ignored.
struct FormatOptions {
  TileOrder tile_order = TileOrder::columns;
  std::uint32_t block = 8;
  std::uint32_t offset_every = 0;
  std::uint32_t offset_pad = 1;
  bool median_offsets = false;
  friend bool operator==(const FormatOptions&, const FormatOptions&) = default;
};
template <class V>
void describe(V& v, FormatOptions& o) {
  v.field("tile_order", o.tile_order, "name", "tile_bitmap: which way a tile lies");
  v.field("block", o.block, "elements", "bsr: rows and columns of a block", in_range(1, 1024));
  v.field("offset_every", o.offset_every, "elements",
          "bitmap: a 4 B offset for each so many, a multiple of 64; 0: none", in_range(0, 1 << 20));
  v.field("offset_pad", o.offset_pad, "values", "bitmap: values between two offsets are padded to a multiple of this",
          in_range(1, 64));
  v.field("median_offsets", o.median_offsets, "bool",
          "tca_bme: also the four offsets per group that the published code stores and the formula leaves out");
}

/// Exact bytes by purpose. Three accountings are in use: values + positions (Coruscant's 56.25 %), + offsets,
/// + padding (Mustafar's 65 %).
struct FormatSize {
  std::uint64_t values = 0;     ///< nonzeros; dense formats: all elements they hold
  std::uint64_t positions = 0;  ///< bitmaps, indices, coordinates
  std::uint64_t offsets = 0;    ///< pointers and offsets of tiles, groups, rows
  std::uint64_t padding = 0;
  std::uint64_t total() const { return values + positions + offsets + padding; }
  friend bool operator==(const FormatSize&, const FormatSize&) = default;
};
template <class V>
void describe(V& v, FormatSize& s) {
  v.field("values", s.values, "bytes", "stored values");
  v.field("positions", s.positions, "bytes", "bitmaps, indices, coordinates");
  v.field("offsets", s.offsets, "bytes", "offsets of tiles and rows");
  v.field("padding", s.padding, "bytes", "zeros for alignment");
}

struct Section {
  std::string_view name;
  std::vector<std::uint8_t> bytes;
  friend bool operator==(const Section&, const Section&) = default;
};

struct Encoded {
  Format format = Format::dense;
  ValueType type = ValueType::fp16;
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  std::uint64_t nnz = 0;
  double scale = 1;
  FormatOptions options;
  FormatSize size;                ///< total() is the sum of the sections' bytes
  std::vector<Section> sections;  ///< as the table above says

  const std::vector<std::uint8_t>& section(std::string_view name) const;
};

/// Most bytes an encoding may have.
inline constexpr std::uint64_t kMostEncodedBytes = std::uint64_t{1} << 36;

/// Throws InputError when the format cannot hold the matrix (value type, 16-bit coordinates, 2:4, 32-bit offsets,
/// kMostEncodedBytes) and says why.
Encoded encode(const NarrowMatrix& matrix, Format format, const FormatOptions& options = {});

/// The matrix, bit for bit. Every section is checked: length, offsets, number of bits set, coordinates in range and
/// ascending, padding zero, no zero stored. Throws InputError naming the section and what was expected.
NarrowMatrix decode(const Encoded& encoded);

/// encode().size without encoding: O(nnz + cols), whatever rows x cols is. Throws InputError as encode() does, except
/// for kMostEncodedBytes.
FormatSize exact_size(const NarrowMatrix& matrix, Format format, const FormatOptions& options = {});

/// Names of a format's sections in order.
std::vector<std::string_view> section_names(Format format, const FormatOptions& options);

/// rows x cols x bits / 8, rounded up: what ratios are relative to.
std::uint64_t dense_bytes(const NarrowMatrix& matrix);

}  // namespace heddle
