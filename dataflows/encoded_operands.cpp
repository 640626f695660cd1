#include "dataflows/encoded_operands.h"

#include <algorithm>

namespace heddle {
namespace {

constexpr std::uint32_t kTile = 64, kPadded = 8;

std::uint64_t rounded_up(std::uint64_t n, std::uint64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

/// By nonzero: its place when every tile begins at a multiple of eight values. Returns the number of places.
std::uint64_t pad(const Csr& matrix, std::vector<std::uint64_t>& padded) {
  padded.reserve(matrix.nnz());
  std::uint64_t next = 0;
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + std::size_t{1}]; ++i) {
      const bool new_tile =
          i == matrix.pointers[row] || matrix.coordinates[i] / kTile != matrix.coordinates[i - 1] / kTile;
      if (new_tile) next = rounded_up(next, kPadded);
      padded.push_back(next++);
    }
  }
  return rounded_up(next, kPadded);
}

/// Not those among the latest: an array is gone through in order, so a line met again was met a moment ago.
void add_lines(std::vector<LineAddr>& lines, std::uint64_t first_byte, std::uint64_t last_byte) {
  const auto recent = std::min<std::ptrdiff_t>(8, static_cast<std::ptrdiff_t>(lines.size()));
  for (LineAddr line = line_of(first_byte); line <= line_of(last_byte - 1); ++line)
    if (std::find(lines.end() - recent, lines.end(), line) == lines.end()) lines.push_back(line);
}

}  // namespace

void TiledOperands::add(const Csr& matrix, const Array& elements, const LayoutConfig& layout) {
  Operand operand;
  operand.matrix = &matrix;
  operand.elements = elements;
  operand.end = elements.byte(matrix.nnz());
  operand.tiles_per_row = (matrix.cols + std::uint64_t{kTile} - 1) / kTile;
  operand.value_bytes = layout.value_bytes;
  const std::uint64_t tiles = matrix.rows * operand.tiles_per_row;
  const std::uint64_t stored = pad(matrix, operand.padded);
  operand.bitmap = next_;
  operand.offsets = operand.bitmap + rounded_up(8 * tiles, Layout::kRegionAlignment);
  operand.values = operand.offsets + rounded_up(4 * (tiles + 1), Layout::kRegionAlignment);
  next_ = operand.values + rounded_up(stored * operand.value_bytes, Layout::kRegionAlignment);
  operands_.push_back(std::move(operand));
}

bool TiledOperands::pieces_of(LineAddr line, EncodedPieces& pieces) const {
  const std::uint64_t first = line * kLineBytes, last = first + kLineBytes;
  for (const Operand& operand : operands_) {
    if (last <= operand.elements.base || first >= operand.end) continue;
    const std::uint64_t begin = std::max(first, operand.elements.base) - operand.elements.base;
    const std::uint64_t end = std::min(last, operand.end) - operand.elements.base;
    const std::uint64_t stride = operand.elements.stride;
    collect(operand, begin / stride, (end + stride - 1) / stride, pieces);
    return true;
  }
  return false;
}

/// Nonzeros [first, last): bitmaps of a row are scanned from its first tile to that of its last nonzero, once; the
/// offset is read where a row begins.
void TiledOperands::collect(const Operand& operand, std::uint64_t first, std::uint64_t last, EncodedPieces& pieces) {
  const Csr& m = *operand.matrix;
  auto row = static_cast<std::uint64_t>(std::upper_bound(m.pointers.begin(), m.pointers.end(), first) -
                                        m.pointers.begin() - 1);
  for (std::uint64_t i = first; i < last; ++i) {
    while (m.pointers[row + 1] <= i) ++row;
    const std::uint64_t row_tile = row * operand.tiles_per_row;
    const bool begins = i == m.pointers[row];
    const std::uint64_t tile = m.coordinates[i] / kTile, from = begins ? 0 : m.coordinates[i - 1] / kTile;
    if (begins) add_lines(pieces.lines, operand.offsets + 4 * row_tile, operand.offsets + 4 * row_tile + 4);
    if (begins || tile != from || i == first) {
      add_lines(pieces.lines, operand.bitmap + 8 * (row_tile + from), operand.bitmap + 8 * (row_tile + tile + 1));
      pieces.bits += kTile * (tile - from + (begins || i == first ? 1 : 0));
    }
    const std::uint64_t value = operand.values + operand.padded[i] * operand.value_bytes;
    add_lines(pieces.lines, value, value + operand.value_bytes);
  }
}

}  // namespace heddle
