#include "dataflows/row_streams.h"

#include <algorithm>

namespace heddle {
namespace {

LineRange lines_of(const Array& array, std::uint64_t entries) {
  return {line_of(array.base), lines_spanned(array.base, array.byte(entries))};
}

}  // namespace

RowStreams::RowStreams(const Array& pointers, const Array& elements, std::uint64_t rows, std::uint64_t nnz,
                       std::uint32_t lines, Memory& dram, Kernel& kernel)
    : kernel_(kernel),
      pointers_(pointers),
      elements_(elements),
      nnz_(nnz),
      pointer_lines_(lines_of(pointers, rows + 1)),
      element_lines_(lines_of(elements, nnz)),
      pointer_stream_(dram, pointer_lines_, Tensor::pointers, lines, *this, 0),
      element_stream_(dram, element_lines_, Tensor::a, lines, *this, 0) {}

Cycle RowStreams::lines_in(const Stream& stream, const Array& array, std::uint64_t first, std::uint64_t last) {
  const LineAddr origin = line_of(array.base);
  const LineAddr end = line_of(array.byte(last) - 1) - origin;
  if (end >= stream.requested()) return kNever;
  Cycle in = 0;
  for (LineAddr line = std::max(line_of(array.byte(first)) - origin, stream.released()); line <= end; ++line)
    in = std::max(in, stream.reply(line).at);
  return in;
}

Cycle RowStreams::pointers_in(std::uint64_t row) const {
  return lines_in(pointer_stream_, pointers_, row, row + 2);
}

Cycle RowStreams::elements_in(std::uint64_t first, std::uint64_t last) const {
  return lines_in(element_stream_, elements_, first, last);
}

void RowStreams::release_pointers(std::uint64_t row) {
  pointer_stream_.release(line_of(pointers_.byte(row)) - line_of(pointers_.base));
}

void RowStreams::release_elements(std::uint64_t next) {
  const LineAddr origin = line_of(elements_.base);
  element_stream_.release(next == nnz_ ? element_stream_.requested() : line_of(elements_.byte(next)) - origin);
}

void RowStreams::request(Cycle now) {
  pointer_stream_.request(now);
  element_stream_.request(now);
}

}  // namespace heddle
