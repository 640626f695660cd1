#include "matrices/formats/codec.h"

#include <algorithm>
#include <numeric>

namespace heddle::formats {

void require_offset(std::uint64_t offset) {
  if (offset > std::numeric_limits<std::int32_t>::max())
    throw InputError("an offset of " + std::to_string(offset) + " does not fit the 32 bits the format has for it");
}

void put_offset(std::vector<std::uint8_t>& bytes, std::uint64_t offset) {
  require_offset(offset);
  put(bytes, static_cast<std::uint32_t>(offset));
}

void SectionReader::fail(const std::string& reason) const {
  throw InputError("section " + std::string(name_) + ": " + reason);
}

void SectionReader::require_bytes(std::uint64_t expected) const {
  if (bytes() != expected) fail("expected " + std::to_string(expected) + " bytes, got " + std::to_string(bytes()));
}

void SectionReader::require_codes(std::uint64_t count) const {
  require_bytes((count * bits_ + 7) / 8);
  if (bits_ == 4 && count % 2 == 1 && bytes_.back() >> 4 != 0) fail("the unused half of the last byte is not 0");
}

void SectionReader::require_zero(std::uint64_t from, std::uint64_t to) const {
  for (std::uint64_t i = from; i < to; ++i)
    if (code(i) != 0) fail("padding value " + std::to_string(i) + " is not 0");
}

void MatrixBuilder::add(std::uint64_t row, std::uint64_t column, std::uint16_t code) {
  if (row >= encoded_.rows || column >= encoded_.cols)
    throw InputError("an element lies in row " + std::to_string(row + 1) + ", column " + std::to_string(column + 1) +
                     ", outside the matrix");
  rows_.push_back(static_cast<std::uint32_t>(row));
  columns_.push_back(static_cast<Coordinate>(column));
  codes_.push_back(code);
}

void MatrixBuilder::add_nonzero(std::uint64_t row, std::uint64_t column, std::uint16_t code) {
  if (is_zero_code(code, encoded_.type))
    throw InputError("a zero is stored in row " + std::to_string(row + 1) + ", column " + std::to_string(column + 1) +
                     "; expected nonzeros only");
  add(row, column, code);
}

NarrowMatrix MatrixBuilder::finish() {
  if (codes_.size() != encoded_.nnz)
    throw InputError("expected " + std::to_string(encoded_.nnz) + " nonzeros as the header says, found " +
                     std::to_string(codes_.size()));
  NarrowMatrix matrix{encoded_.type, encoded_.rows, encoded_.cols, encoded_.scale, {}, {}, {}};
  matrix.pointers.assign(matrix.rows + std::size_t{1}, 0);
  for (const std::uint32_t row : rows_) ++matrix.pointers[row + std::size_t{1}];
  std::partial_sum(matrix.pointers.begin(), matrix.pointers.end(), matrix.pointers.begin());
  std::vector<std::uint64_t> next(matrix.pointers.begin(), matrix.pointers.end());
  std::vector<std::uint64_t> order(codes_.size());
  for (std::uint64_t i = 0; i < codes_.size(); ++i) order[next[rows_[i]]++] = i;
  const auto by_column = [&](std::uint64_t a, std::uint64_t b) { return columns_[a] < columns_[b]; };
  matrix.coordinates.reserve(codes_.size());
  matrix.codes.reserve(codes_.size());
  for (std::uint32_t r = 0; r < matrix.rows; ++r) {
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(matrix.pointers[r]);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(matrix.pointers[r + std::size_t{1}]);
    if (!std::is_sorted(begin, end, by_column)) std::sort(begin, end, by_column);
    for (auto i = begin; i != end; ++i) {
      if (i != begin && columns_[*i] == columns_[*(i - 1)])
        throw InputError("two elements lie in row " + std::to_string(r + std::uint64_t{1}) + ", column " +
                         std::to_string(columns_[*i] + std::uint64_t{1}));
      matrix.coordinates.push_back(columns_[*i]);
      matrix.codes.push_back(codes_[*i]);
    }
  }
  return matrix;
}

}  // namespace heddle::formats
