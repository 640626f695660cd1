// Text for people: aligned tables and readable numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle {

/// "4,542,805"
std::string grouped(std::uint64_t number);
/// `digits` behind the point.
std::string fixed(double number, int digits);
/// About three significant digits, never in exponent form below 10^15: "0.0123", "4.57", "312", "45,678".
std::string readable(double number);
/// "45.2" for 0.452: a fraction as per cent with one digit.
std::string percent(double fraction);
/// "1.27 MB" and the like, decimal prefixes.
std::string scaled_bytes(std::uint64_t bytes);

/// A table whose first column is left-aligned and whose others are right-aligned.
class TextTable {
 public:
  /// Headers may hold '\n': the unit goes on a line of its own.
  explicit TextTable(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  /// `emphasised` rows are bold on a terminal.
  void add(std::vector<std::string> cells, bool emphasised = false);
  /// Every line ends with '\n' and has no trailing blanks.
  std::string render(bool colour) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    bool emphasised;
  };
  std::vector<std::size_t> widths() const;

  std::vector<std::string> headers_;
  std::vector<Row> rows_;
};

}  // namespace heddle
