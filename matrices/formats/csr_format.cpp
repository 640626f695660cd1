// Compressed rows with 32- or 16-bit columns.
#include "matrices/formats/codec.h"
#include "matrices/formats/row_arrays.h"

namespace heddle::formats {

void require_16_bits(std::uint32_t extent, const char* what) {
  if (extent > 65536)
    throw InputError(std::to_string(extent) + " " + what + " do not fit 16-bit indices; expected at most 65536");
}

namespace {

template <class Index>
FormatSize size(const NarrowMatrix& matrix, const FormatOptions&) {
  if (sizeof(Index) == 2) require_16_bits(matrix.cols, "columns");
  require_offset(matrix.nnz());
  return {.values = value_bytes(matrix.type, matrix.nnz()),
          .positions = sizeof(Index) * matrix.nnz(),
          .offsets = 4 * (matrix.rows + std::uint64_t{1})};
}

template <class Index>
void encode(const NarrowMatrix& matrix, Encoded& out) {
  RowArrays<Index> arrays(matrix.type);
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i)
      arrays.add(matrix.coordinates[i], matrix.codes[i]);
    arrays.end_row();
  }
  out.sections = {{"pointers", std::move(arrays.pointers)},
                  {"columns", std::move(arrays.columns)},
                  {"values", arrays.values.take()}};
}

template <class Index>
NarrowMatrix decode(const Encoded& encoded) {
  MatrixBuilder matrix(encoded);
  read_rows<Index>(encoded, "values", matrix);
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions&) {
  return {"pointers", "columns", "values"};
}

}  // namespace

const Codec kCsr = {Format::csr, encode<std::uint32_t>, decode<std::uint32_t>, size<std::uint32_t>, sections};
const Codec kCsr16 = {Format::csr16, encode<std::uint16_t>, decode<std::uint16_t>, size<std::uint16_t>, sections};

}  // namespace heddle::formats
