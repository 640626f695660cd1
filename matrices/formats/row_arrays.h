// Pointers, columns and values of compressed rows: CSR, and SparTA's rest. Internal to formats.
#pragma once

#include "matrices/formats/codec.h"

namespace heddle::formats {

/// Throws InputError when `extent` rows or columns need more than 16 bits.
void require_16_bits(std::uint32_t extent, const char* what);

template <class Index>
struct RowArrays {
  explicit RowArrays(ValueType type) : values(type) { put_offset(pointers, 0); }
  void add(Coordinate column, std::uint16_t code) {
    put(columns, static_cast<Index>(column));
    values.put(code);
  }
  void end_row() { put_offset(pointers, values.count()); }

  std::vector<std::uint8_t> pointers, columns;
  CodeWriter values;
};

/// Sections pointers, columns and `values_name` into `matrix`, checked.
template <class Index>
void read_rows(const Encoded& encoded, std::string_view values_name, MatrixBuilder& matrix) {
  const SectionReader pointers(encoded, "pointers"), columns(encoded, "columns"), values(encoded, values_name);
  pointers.require_bytes(4 * (encoded.rows + std::uint64_t{1}));
  const std::uint64_t count = columns.bytes() / sizeof(Index);
  columns.require_bytes(count * sizeof(Index));
  values.require_codes(count);
  if (pointers.number<std::uint32_t>(0) != 0) pointers.fail("the first pointer is not 0");
  if (pointers.number<std::uint32_t>(encoded.rows) != count)
    pointers.fail("the last pointer is " + std::to_string(pointers.number<std::uint32_t>(encoded.rows)) +
                  ", expected the number of columns stored, " + std::to_string(count));
  for (std::uint64_t row = 0; row < encoded.rows; ++row) {
    const auto begin = pointers.number<std::uint32_t>(row), end = pointers.number<std::uint32_t>(row + 1);
    if (begin > end || end > count) pointers.fail("pointer " + std::to_string(row + 1) + " is out of order or range");
    for (std::uint64_t i = begin; i < end; ++i) {
      if (i > begin && columns.number<Index>(i) <= columns.number<Index>(i - 1))
        columns.fail("columns of row " + std::to_string(row + 1) + " are not ascending");
      matrix.add_nonzero(row, columns.number<Index>(i), values.code(i));
    }
  }
}

}  // namespace heddle::formats
