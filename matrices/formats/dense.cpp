#include "matrices/formats/codec.h"

namespace heddle::formats {
namespace {

FormatSize size(const NarrowMatrix& matrix, const FormatOptions&) {
  return {.values = dense_bytes(matrix)};
}

void encode(const NarrowMatrix& matrix, Encoded& out) {
  CodeWriter values(matrix.type);
  for (const std::uint16_t code : to_dense(matrix)) values.put(code);
  out.sections = {{"values", values.take()}};
}

NarrowMatrix decode(const Encoded& encoded) {
  const SectionReader values(encoded, "values");
  const std::uint64_t elements = std::uint64_t{encoded.rows} * encoded.cols;
  values.require_codes(elements);
  MatrixBuilder matrix(encoded);
  for (std::uint64_t i = 0; i < elements; ++i)
    matrix.add_unless_zero(i / encoded.cols, i % encoded.cols, values.code(i));
  return matrix.finish();
}

std::vector<std::string_view> sections(const FormatOptions&) {
  return {"values"};
}

}  // namespace

const Codec kDense = {Format::dense, encode, decode, size, sections};

}  // namespace heddle::formats
