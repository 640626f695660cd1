#include "matrices/matrix_market_header.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <span>
#include <string>

#include "matrices/loaded_matrix.h"
#include "matrices/number_text.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

constexpr const char* kBanner = "'%%MatrixMarket matrix coordinate real general' or the like";

std::string lower(std::string_view word) {
  std::string result(word);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

[[noreturn]] void fail_unknown(const TextScanner& scanner, const std::string& what, std::string_view word,
                               std::initializer_list<std::string_view> known) {
  const std::span<const std::string_view> words(known.begin(), known.size());
  const std::string meant = nearest(lower(word), words);
  scanner.fail("unknown " + what + " " + quote(word) + (meant.empty() ? "" : "; did you mean \"" + meant + "\"") +
               "; expected " + join(words));
}

MarketNumber parse_number_kind(const TextScanner& scanner, std::string_view word) {
  const std::string kind = lower(word);
  if (kind == "real" || kind == "double") return MarketNumber::real;
  if (kind == "integer") return MarketNumber::integer;
  if (kind == "pattern") return MarketNumber::pattern;
  if (kind == "complex") scanner.fail("complex matrices are not supported; expected real, integer or pattern");
  fail_unknown(scanner, "field", word, {"real", "integer", "pattern"});
}

Symmetry parse_symmetry(const TextScanner& scanner, std::string_view word) {
  const std::string kind = lower(word);
  if (kind == "general") return Symmetry::general;
  if (kind == "symmetric") return Symmetry::symmetric;
  if (kind == "skew-symmetric") return Symmetry::skew_symmetric;
  if (kind == "hermitian")
    scanner.fail("hermitian matrices are not supported; expected general, symmetric or skew-symmetric");
  if (word.empty()) scanner.fail(std::string("the banner lacks its symmetry; expected ") + kBanner);
  fail_unknown(scanner, "symmetry", word, {"general", "symmetric", "skew-symmetric"});
}

void read_banner(TextScanner& scanner, MarketHeader& header) {
  std::string_view line;
  if (!scanner.next_line(line)) scanner.fail_file(std::string("the file is empty; expected ") + kBanner);
  LineCursor cursor(line);
  if (lower(cursor.word()) != "%%matrixmarket")
    scanner.fail("not a Matrix Market file: it starts with " + quote(line, 24) + "; expected " + kBanner);
  const std::string_view object = cursor.word();
  if (lower(object) != "matrix") fail_unknown(scanner, "object", object, {"matrix"});
  const std::string_view format = cursor.word();
  if (lower(format) != "coordinate" && lower(format) != "array")
    fail_unknown(scanner, "format", format, {"coordinate", "array"});
  header.array = lower(format) == "array";
  header.number = parse_number_kind(scanner, cursor.word());
  header.symmetry = parse_symmetry(scanner, cursor.word());
  if (const auto extra = cursor.word(); !extra.empty())
    scanner.fail("unexpected " + quote(extra) + " at the end of the banner; expected five words");
  if (header.array && header.number == MarketNumber::pattern)
    scanner.fail("an array cannot be a pattern; expected real or integer, or coordinate");
  if (header.number == MarketNumber::pattern && header.symmetry == Symmetry::skew_symmetric)
    scanner.fail("a pattern cannot be skew-symmetric; expected general or symmetric");
}

/// One number of the size line, up to `most`.
std::uint64_t read_size(const TextScanner& scanner, LineCursor& cursor, const char* what, std::uint64_t most) {
  const std::string_view word = cursor.word();
  const char* const expected = "; expected a whole number from 0 to ";
  if (word.empty()) scanner.fail(std::string("the size line lacks the ") + what + expected + std::to_string(most));
  std::uint64_t value = 0;
  const auto [next, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (next != word.data() + word.size() || error == std::errc::invalid_argument)
    scanner.fail(std::string(what) + " is " + quote(word) + expected + std::to_string(most));
  if (error != std::errc() || value > most)
    scanner.fail(std::string(what) + " is too large: " + quote(word) + expected + std::to_string(most));
  return value;
}

/// Values an array file of this shape holds.
std::uint64_t array_values(const MarketHeader& header) {
  const std::uint64_t n = header.rows;
  switch (header.symmetry) {
    case Symmetry::symmetric:
      return n * (n + 1) / 2;
    case Symmetry::skew_symmetric:
      return n == 0 ? 0 : n * (n - 1) / 2;
    default:
      return n * header.cols;
  }
}

void read_size_line(TextScanner& scanner, MarketHeader& header) {
  const char* const expected = header.array ? "'rows columns'" : "'rows columns entries'";
  std::string_view line;
  if (!next_market_line(scanner, line))
    scanner.fail_file(std::string("the file ends before its size line; expected ") + expected);
  LineCursor cursor(line);
  header.rows = static_cast<std::uint32_t>(read_size(scanner, cursor, "number of rows", kMostRows));
  header.cols = static_cast<std::uint32_t>(read_size(scanner, cursor, "number of columns", kMostRows));
  constexpr std::uint64_t kMostEntries = (std::uint64_t{1} << 63) - 1;
  header.entries = header.array ? array_values(header) : read_size(scanner, cursor, "number of entries", kMostEntries);
  if (const auto extra = cursor.word(); !extra.empty())
    scanner.fail("unexpected " + quote(extra) + " at the end of the size line; expected " + expected);
  if (header.symmetry != Symmetry::general && header.rows != header.cols)
    scanner.fail("a symmetric matrix of " + std::to_string(header.rows) + " rows and " + std::to_string(header.cols) +
                 " columns; expected as many rows as columns");
  if (header.entries != 0 && (header.rows == 0 || header.cols == 0))
    scanner.fail(std::to_string(header.entries) + " entries in a matrix without rows or columns; expected 0 entries");
}

}  // namespace

bool next_market_line(TextScanner& scanner, std::string_view& line) {
  while (scanner.next_line(line)) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    if (line[first] != '%') return true;
  }
  return false;
}

MarketHeader read_market_header(TextScanner& scanner) {
  MarketHeader header;
  read_banner(scanner, header);
  read_size_line(scanner, header);
  return header;
}

}  // namespace heddle
