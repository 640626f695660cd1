#include "sim/base/help.h"

#include <algorithm>
#include <array>

namespace heddle {
namespace {

using Row = std::array<std::string, 5>;

constexpr std::size_t kWidestColumn = 44;  // a longer cell pushes the rest of its line to the right

Row row_of(const KeyHelp& key) {
  if (key.is_section) return {key.path, "", "", "", key.text};
  return {key.path, key.unit, key.range.empty() ? "any" : key.range, key.initial.empty() ? "\"\"" : key.initial,
          key.text};
}

std::string padded(const std::string& cell, std::size_t width) {
  return cell + std::string(cell.size() < width ? width - cell.size() : 0, ' ');
}

}  // namespace

std::string initial_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string help_table(std::span<const KeyHelp> keys) {
  std::vector<Row> rows{{"key", "unit", "range", "default", "meaning"}};
  for (const KeyHelp& key : keys) {
    Row row = row_of(key);
    if (!key.choices.empty()) row[2] = "a choice";
    rows.push_back(std::move(row));
    for (const auto& [name, text] : key.choices) rows.push_back({"    " + name, "", "", "", "  " + text});
  }
  Row::size_type column = 0;
  std::array<std::size_t, 4> widths{};
  for (std::size_t& width : widths) {
    for (const Row& row : rows) width = std::max(width, std::min(row[column].size(), kWidestColumn));
    ++column;
  }
  std::string table;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) line += padded(row[i], widths[i]) + "  ";
    line += row[4];
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

}  // namespace heddle
