// One pass over the text: the hot path parses an entry in a few branches; when it cannot, a cold path goes over the
// same line again to find the words for what is wrong.
#include <algorithm>
#include <istream>

#include "matrices/byte_source.h"
#include "matrices/coo.h"
#include "matrices/matrix_market.h"
#include "matrices/matrix_market_header.h"
#include "matrices/number_text.h"
#include "matrices/read_limits.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

NumberError parse_value(MarketNumber kind, std::string_view word, double& value) {
  return kind == MarketNumber::integer ? parse_integer(word, value) : parse_real(word, value);
}

const char* explain(NumberError error, MarketNumber kind) {
  switch (error) {
    case NumberError::not_finite:
      return " is not finite; expected a finite number";
    case NumberError::out_of_range:
      return " is beyond the range of a double; expected a magnitude below 1.8e308";
    case NumberError::inexact:
      return " is no integer that a double holds; expected a magnitude up to 2^53, or field real";
    default:
      return kind == MarketNumber::integer ? " is not an integer; expected one, or field real"
                                           : " is not a number; expected one such as -1.5e-3";
  }
}

/// Both indices as they stand in the file, then the value; false when anything is amiss.
bool parse_entry(std::string_view line, const MarketHeader& header, CooList::Entry& entry) {
  LineCursor cursor(line);
  std::uint64_t row = 0;
  std::uint64_t column = 0;
  if (!cursor.unsigned_number(row) || !cursor.unsigned_number(column)) return false;
  if (row - 1 >= header.rows || column - 1 >= header.cols) return false;
  entry.row = static_cast<Coordinate>(row - 1);
  entry.column = static_cast<Coordinate>(column - 1);
  entry.value = 1.0;
  if (header.number != MarketNumber::pattern &&
      parse_value(header.number, cursor.word(), entry.value) != NumberError::none)
    return false;
  cursor.skip_blanks();
  if (!cursor.at_end()) return false;
  if (header.symmetry == Symmetry::general) return true;
  return header.symmetry == Symmetry::symmetric ? row >= column : row > column;
}

std::uint64_t diagnose_index(const TextScanner& scanner, LineCursor& cursor, const char* what, std::uint64_t most) {
  const std::string_view word = cursor.word();
  const std::string expected = "; expected a whole number from 1 to " + std::to_string(most);
  if (word.empty()) scanner.fail(std::string("the entry has no ") + what + expected);
  std::uint64_t index = 0;
  const auto [next, error] = std::from_chars(word.data(), word.data() + word.size(), index);
  if (next != word.data() + word.size() || error == std::errc::invalid_argument)
    scanner.fail(std::string(what) + " is " + quote(word) + expected);
  if (error != std::errc() || index == 0 || index > most)
    scanner.fail(std::string(what) + " " + std::string(word.substr(0, 40)) + " is outside the matrix" + expected);
  return index;
}

[[noreturn, gnu::cold]] void diagnose_entry(const TextScanner& scanner, std::string_view line,
                                            const MarketHeader& header) {
  LineCursor cursor(line);
  const std::uint64_t row = diagnose_index(scanner, cursor, "row index", header.rows);
  const std::uint64_t column = diagnose_index(scanner, cursor, "column index", header.cols);
  if (header.number != MarketNumber::pattern) {
    const std::string_view word = cursor.word();
    if (word.empty()) scanner.fail("the entry has no value; expected 'row column value'");
    double value = 0;
    const NumberError error = parse_value(header.number, word, value);
    if (error != NumberError::none) scanner.fail("value " + quote(word) + explain(error, header.number));
  }
  if (const auto extra = cursor.word(); !extra.empty())
    scanner.fail("unexpected " + quote(extra) + " at the end of the entry; expected " +
                 (header.number == MarketNumber::pattern ? "'row column'" : "'row column value'"));
  const std::string place = "entry (" + std::to_string(row) + ", " + std::to_string(column) + ")";
  if (header.symmetry == Symmetry::skew_symmetric && row == column)
    scanner.fail(place + " is on the diagonal of a skew-symmetric matrix; expected row > column");
  scanner.fail(place + " is above the diagonal of a " +
               (header.symmetry == Symmetry::symmetric
                    ? "symmetric matrix; expected its lower triangle only (row >= column)"
                    : "skew-symmetric matrix; expected row > column"));
}

[[noreturn]] void fail_count(const TextScanner& scanner, const MarketHeader& header, std::uint64_t got) {
  const std::string what = header.array ? " values of the array" : " entries that the size line announces";
  if (got < header.entries)
    scanner.fail("the file ends after " + std::to_string(got) + " of " + std::to_string(header.entries) + what +
                 "; expected all of them");
  scanner.fail("more than the " + std::to_string(header.entries) + what + "; expected the end of the file");
}

void read_coordinates(TextScanner& scanner, const MarketHeader& header, CooList& entries) {
  std::string_view line;
  CooList::Entry entry;
  while (next_market_line(scanner, line)) {
    if (entries.size() == header.entries) fail_count(scanner, header, entries.size() + 1);
    if (!parse_entry(line, header, entry)) diagnose_entry(scanner, line, header);
    entries.add(entry);
  }
  if (entries.size() != header.entries) fail_count(scanner, header, entries.size());
}

/// Column by column; of a symmetric array only the rows from the diagonal (skew-symmetric: below it) on. An array lists
/// every position, so its zeros say nothing about the pattern and are left out.
void read_array(TextScanner& scanner, const MarketHeader& header, CooList& entries) {
  const auto first_row = [&](Coordinate column) -> Coordinate {
    return header.symmetry == Symmetry::general ? 0 : column + (header.symmetry == Symmetry::skew_symmetric ? 1 : 0);
  };
  std::string_view line;
  std::uint64_t values = 0;
  CooList::Entry entry{first_row(0), 0, 0.0};
  while (next_market_line(scanner, line)) {
    if (values == header.entries) fail_count(scanner, header, values + 1);
    LineCursor cursor(line);
    const std::string_view word = cursor.word();
    const NumberError error = parse_value(header.number, word, entry.value);
    if (error != NumberError::none) scanner.fail("value " + quote(word) + explain(error, header.number));
    if (const auto extra = cursor.word(); !extra.empty())
      scanner.fail("unexpected " + quote(extra) + "; expected one value per line of an array");
    if (entry.value != 0.0) entries.add(entry);
    ++values;
    if (++entry.row == header.rows) entry.row = first_row(++entry.column);
  }
  if (values != header.entries) fail_count(scanner, header, values);
}

}  // namespace

LoadedMatrix read_matrix_market(ByteSource& bytes, const std::string& name, const ReadLimits& limits) {
  TextScanner scanner(bytes, name);
  const MarketHeader header = read_market_header(scanner);
  CooList entries;
  header.array ? read_array(scanner, header, entries) : read_coordinates(scanner, header, entries);
  check_dimensions(scanner, header.rows, header.cols, header.entries, limits);  // entries: by now as read

  LoadedMatrix loaded;
  loaded.pattern = header.number == MarketNumber::pattern;
  CooCounts counts;
  loaded.matrix = to_csr(entries, header.rows, header.cols, header.symmetry,
                         loaded.pattern ? Duplicates::keep_one : Duplicates::sum, name, counts);
  loaded.statistics.stored_entries = entries.size();
  loaded.statistics.mirrored_entries = counts.mirrored;
  loaded.statistics.duplicates_merged = counts.duplicates;
  loaded.statistics.explicit_zeros =
      static_cast<std::uint64_t>(std::count(loaded.matrix.values.begin(), loaded.matrix.values.end(), 0.0));
  loaded.statistics.text_bytes = scanner.bytes_read();
  return loaded;
}

LoadedMatrix read_matrix_market(std::istream& stream, const std::string& name, const ReadLimits& limits) {
  return read_matrix_market(*open_bytes(stream), name, limits);
}

}  // namespace heddle
