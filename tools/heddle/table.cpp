#include "tools/heddle/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace heddle {
namespace {

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return left ? text + blanks : blanks + text;
}

std::string aligned_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : "  ") + padded(cells[i], widths[i], i == 0);
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string fixed(double number, int digits) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, number);
  return buffer;
}

std::string readable(double number) {
  const double size = std::fabs(number);
  if (size >= 999.5)
    return (number < 0 ? "-" : "") + grouped(static_cast<std::uint64_t>(std::llround(std::min(size, 1e15))));
  if (size == 0) return "0";
  const int digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return size < 0.001 ? fixed(number, 6) : fixed(number, digits);
}

std::string percent(double fraction) {
  return fixed(100 * fraction, 1);
}

std::string scaled_bytes(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < std::size(kUnits)) size /= 1000, ++unit;
  return (unit == 0 ? std::to_string(bytes) : readable(size)) + " " + kUnits[unit];
}

void TextTable::add(std::vector<std::string> cells, bool emphasised) {
  rows_.push_back({std::move(cells), emphasised});
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths(headers_.size());
  for (std::size_t i = 0; i < headers_.size(); ++i)
    for (const std::string& line : split_lines(headers_[i])) widths[i] = std::max(widths[i], line.size());
  for (const Row& row : rows_)
    for (std::size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], row.cells[i].size());
  return widths;
}

std::string TextTable::render(bool colour) const {
  const std::vector<std::size_t> columns = widths();
  std::size_t header_lines = 0;
  for (const std::string& header : headers_) header_lines = std::max(header_lines, split_lines(header).size());
  std::string text;
  for (std::size_t l = 0; l < header_lines; ++l) {
    std::vector<std::string> cells;
    for (const std::string& header : headers_) {
      const std::vector<std::string> lines = split_lines(header);
      cells.push_back(l < lines.size() ? lines[l] : "");
    }
    text += aligned_line(cells, columns) + "\n";
  }
  for (const Row& row : rows_) {
    const std::string line = aligned_line(row.cells, columns);
    text += (colour && row.emphasised ? "\033[1m" + line + "\033[0m" : line) + "\n";
  }
  return text;
}

}  // namespace heddle
