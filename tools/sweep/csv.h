// Comma-separated values (RFC 4180): quoted cells may hold commas, quotes and line ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

struct CsvRow {
  std::vector<std::string> cells;
  std::uint64_t line = 0;  ///< where it begins, from 1
};

struct CsvTable {
  std::string name;  ///< of the file
  std::vector<std::string> header;
  std::vector<CsvRow> rows;

  /// Throws InputError with the nearest name.
  std::size_t column(const std::string& wanted) const;
};

/// The first row is the header; empty lines are skipped. Throws InputError with `name` and line for an open quote, and
/// for a row with more or fewer cells than the header.
CsvTable parse_csv(std::string_view text, const std::string& name);

/// One cell as written: in quotes where it needs them.
std::string csv_cell(const std::string& text);

}  // namespace heddle
