#include "matrices/smtx.h"

#include <algorithm>
#include <charconv>
#include <istream>
#include <string_view>
#include <system_error>
#include <vector>

#include "matrices/byte_source.h"
#include "matrices/read_limits.h"
#include "matrices/text_scanner.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

constexpr const char* kFirstLine = "; expected a first line 'rows, columns, nonzeros'";

std::uint64_t parse_number(const TextScanner& scanner, std::string_view word, const char* what, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [next, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || next != word.data() + word.size() || value > most)
    scanner.fail(std::string(what) + " is " + quote(word) + "; expected a whole number from 0 to " +
                 std::to_string(most));
  return value;
}

struct Shape {
  std::uint64_t rows;
  std::uint64_t cols;
  std::uint64_t nnz;
};

Shape read_shape(TextScanner& scanner) {
  const char* const names[] = {"number of rows", "number of columns", "number of nonzeros"};
  constexpr std::uint64_t kMost[] = {kMostRows, kMostRows, (std::uint64_t{1} << 63) - 1};
  std::uint64_t values[3];
  std::string_view word;
  for (int i = 0; i < 3; ++i) {
    if (!scanner.next_word(word)) {
      if (scanner.bytes_read() == 0) scanner.fail_file(std::string("the file is empty") + kFirstLine);
      scanner.fail(std::string("no ") + names[i] + kFirstLine);
    }
    values[i] = parse_number(scanner, word, names[i], kMost[i]);
  }
  if (scanner.next_word(word)) scanner.fail("unexpected " + quote(word) + kFirstLine);
  return {values[0], values[1], values[2]};
}

std::vector<std::uint64_t> read_offsets(TextScanner& scanner, const Shape& shape) {
  const std::string expected = "; expected rows + 1 = " + std::to_string(shape.rows + 1) + " row offsets";
  if (!scanner.skip_line_end()) scanner.fail_file("the file ends after its first line" + expected);
  std::vector<std::uint64_t> offsets;
  std::string_view word;
  while (scanner.next_word(word)) {
    if (offsets.size() > shape.rows) scanner.fail("too many row offsets" + expected);
    const std::uint64_t offset = parse_number(scanner, word, "row offset", shape.nnz);
    if (offsets.empty() && offset != 0) scanner.fail("the first row offset is " + quote(word) + "; expected 0");
    if (!offsets.empty() && offset < offsets.back())
      scanner.fail("row offset " + std::to_string(offset) + " follows " + std::to_string(offsets.back()) +
                   "; expected offsets that never fall");
    offsets.push_back(offset);
  }
  if (offsets.size() != shape.rows + 1)
    scanner.fail("the line ends after " + std::to_string(offsets.size()) + " row offsets" + expected);
  if (offsets.back() != shape.nnz)
    scanner.fail("the last row offset is " + std::to_string(offsets.back()) + "; expected the number of nonzeros, " +
                 std::to_string(shape.nnz));
  return offsets;
}

std::vector<Coordinate> read_columns(TextScanner& scanner, const Shape& shape) {
  const std::string expected = "; expected " + std::to_string(shape.nnz) + " column indices";
  std::vector<Coordinate> columns;
  std::string_view word;
  if (scanner.skip_line_end()) {
    while (scanner.next_word(word)) {
      if (columns.size() == shape.nnz) scanner.fail("too many column indices" + expected);
      if (shape.cols == 0) scanner.fail("a column index in a matrix without columns; expected none");
      columns.push_back(static_cast<Coordinate>(parse_number(scanner, word, "column index", shape.cols - 1)));
    }
  }
  if (columns.size() != shape.nnz)
    scanner.fail("the file ends after " + std::to_string(columns.size()) + " column indices" + expected);
  return columns;
}

void expect_end(TextScanner& scanner) {
  std::string_view word;
  while (scanner.skip_line_end())
    if (scanner.next_word(word)) scanner.fail("unexpected " + quote(word) + "; expected the end of the file");
}

void sort_rows(const TextScanner& scanner, Csr& matrix) {
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    const auto first = matrix.coordinates.begin() + static_cast<std::ptrdiff_t>(matrix.pointers[row]);
    const auto last = matrix.coordinates.begin() + static_cast<std::ptrdiff_t>(matrix.pointers[row + 1]);
    if (!std::is_sorted(first, last)) std::sort(first, last);
    const auto twice = std::adjacent_find(first, last);
    if (twice != last)
      scanner.fail_file("column " + std::to_string(*twice) + " is twice in row " + std::to_string(row) +
                        " (counted from 0); expected each column once");
  }
}

}  // namespace

LoadedMatrix read_smtx(ByteSource& bytes, const std::string& name, const ReadLimits& limits) {
  TextScanner scanner(bytes, name);
  const Shape shape = read_shape(scanner);
  LoadedMatrix loaded;
  loaded.pattern = true;
  loaded.matrix.rows = static_cast<std::uint32_t>(shape.rows);
  loaded.matrix.cols = static_cast<std::uint32_t>(shape.cols);
  loaded.matrix.pointers = read_offsets(scanner, shape);
  loaded.matrix.coordinates = read_columns(scanner, shape);
  expect_end(scanner);
  check_dimensions(scanner, shape.rows, shape.cols, shape.rows + shape.nnz, limits);
  sort_rows(scanner, loaded.matrix);
  loaded.matrix.values.assign(shape.nnz, 1.0);
  loaded.statistics.stored_entries = shape.nnz;
  loaded.statistics.text_bytes = scanner.bytes_read();
  return loaded;
}

LoadedMatrix read_smtx(std::istream& stream, const std::string& name, const ReadLimits& limits) {
  return read_smtx(*open_bytes(stream), name, limits);
}

}  // namespace heddle
