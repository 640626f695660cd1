// Two stores beside each other.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "sim/store/store.h"
#include "tools/heddle/store_commands.h"

namespace heddle {
namespace {

using Rows = std::map<std::string, std::vector<Value>>;

/// Columns that tell apart versions of one experiment, not their results.
bool is_compared(const Column& column) {
  return column.name != "key" && column.name != "identity" && column.name != "model_version" &&
         !column.name.starts_with(kHostPrefix);
}

std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

/// By identity; of several model versions the newest.
Rows rows_of(Store& store, std::vector<std::string> columns) {
  Rows rows;
  columns.emplace_back("identity");
  store.scan({columns, "", {"model_version"}, "", false},
             [&](std::span<const Value> row) { rows[value_text(row.back())].assign(row.begin(), row.end() - 1); });
  return rows;
}

bool close(const Value& x, const Value& y, double tolerance) {
  if (x == y) return true;
  const auto number = [](const Value& v, double& out) {
    if (const auto* const whole = std::get_if<std::int64_t>(&v)) out = static_cast<double>(*whole);
    if (const auto* const real = std::get_if<double>(&v)) out = *real;
    return std::holds_alternative<std::int64_t>(v) || std::holds_alternative<double>(v);
  };
  double a = 0, b = 0;
  return number(x, a) && number(y, b) && std::fabs(a - b) <= tolerance * std::max(std::fabs(a), std::fabs(b));
}

}  // namespace

bool is_store(const std::string& path) {
  constexpr std::string_view kMagic = "SQLite format 3";
  std::ifstream file(path, std::ios::binary);
  std::string begin(kMagic.size(), '\0');
  return file.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == kMagic;
}

std::string store_differences(const std::string& x, const std::string& y, double tolerance) {
  Store first(x, Store::Access::read), second(y, Store::Access::read);
  std::vector<Column> columns = first.columns();
  for (const Column& column : second.columns())
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
  std::erase_if(columns, [](const Column& column) { return !is_compared(column); });
  const std::vector<std::string> names = names_of(columns);
  const Rows ours = rows_of(first, names), theirs = rows_of(second, names);
  const auto label = [&](const std::string& identity, const std::vector<Value>& row) {
    std::string text;
    for (const char* const part : {"workload.a", "machine", "dataflow"}) {
      const auto found = std::find(names.begin(), names.end(), part);
      if (found != names.end()) text += value_text(row[static_cast<std::size_t>(found - names.begin())]) + " ";
    }
    return text + identity.substr(0, 8);
  };
  std::string text;
  for (const auto& [identity, row] : ours) {
    const auto other = theirs.find(identity);
    if (other == theirs.end()) {
      text += label(identity, row) + ": present -> absent\n";
      continue;
    }
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!close(row[i], other->second[i], tolerance))
        text += label(identity, row) + ": " + names[i] + ": " + value_text(row[i]) + " -> " +
                value_text(other->second[i]) + "\n";
  }
  for (const auto& [identity, row] : theirs)
    if (ours.count(identity) == 0) text += label(identity, row) + ": absent -> present\n";
  return text;
}

}  // namespace heddle
