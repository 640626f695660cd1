// Row and column of each nonzero, row by row.
#include "matrices/formats/codec.h"
#include "matrices/formats/row_arrays.h"

namespace heddle::formats {
namespace {

template <class Index>
FormatSize size(const NarrowMatrix& matrix, const FormatOptions&) {
  if (sizeof(Index) == 2) {
    require_16_bits(matrix.rows, "rows");
    require_16_bits(matrix.cols, "columns");
  }
  return {.values = value_bytes(matrix.type, matrix.nnz()), .positions = 2 * sizeof(Index) * matrix.nnz()};
}

template <class Index>
void encode(const NarrowMatrix& matrix, Encoded& out) {
  std::vector<std::uint8_t> rows, columns;
  CodeWriter values(matrix.type);
  for (std::uint32_t row = 0; row < matrix.rows; ++row)
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i) {
      put(rows, static_cast<Index>(row));
      put(columns, static_cast<Index>(matrix.coordinates[i]));
      values.put(matrix.codes[i]);
    }
  out.sections = {{"rows", std::move(rows)}, {"columns", std::move(columns)}, {"values", values.take()}};
}

template <class Index>
NarrowMatrix decode(const Encoded& encoded) {
  const SectionReader rows(encoded, "rows"), columns(encoded, "columns"), values(encoded, "values");
  const std::uint64_t count = rows.bytes() / sizeof(Index);
  rows.require_bytes(count * sizeof(Index));
  columns.require_bytes(count * sizeof(Index));
  values.require_codes(count);
  MatrixBuilder matrix(encoded);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t row = rows.number<Index>(i), column = columns.number<Index>(i);
    if (i > 0 && (row < rows.number<Index>(i - 1) ||
                  (row == rows.number<Index>(i - 1) && column <= columns.number<Index>(i - 1))))
      rows.fail("element " + std::to_string(i) + " is out of order");
    matrix.add_nonzero(row, column, values.code(i));
  }
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions&) {
  return {"rows", "columns", "values"};
}

}  // namespace

const Codec kCoo = {Format::coo, encode<std::uint32_t>, decode<std::uint32_t>, size<std::uint32_t>, sections};
const Codec kCoo16 = {Format::coo16, encode<std::uint16_t>, decode<std::uint16_t>, size<std::uint16_t>, sections};

}  // namespace heddle::formats
