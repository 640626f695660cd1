// One store into another, row by row.
#include <algorithm>

#include "sim/base/errors.h"
#include "sim/store/sqlite.h"
#include "sim/store/store.h"

namespace heddle {
namespace {

enum class Verdict : std::uint8_t { add, equal, conflict };

std::size_t index_of(const std::vector<Column>& columns, std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  HEDDLE_CHECK(found != columns.end());
  return static_cast<std::size_t>(found - columns.begin());
}

/// `ours` stands on the row of the same key.
Verdict judge(const std::vector<Column>& columns, std::span<const Value> theirs, const Statement& ours) {
  const std::size_t status = index_of(columns, "status");
  const Value failed = std::string(enum_name(PointStatus::failed));
  const bool we_failed = ours.value(static_cast<int>(status)) == failed, they_failed = theirs[status] == failed;
  if (we_failed && !they_failed) return Verdict::add;
  if (they_failed && !we_failed) return Verdict::equal;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!columns[i].name.starts_with(kHostPrefix) && ours.value(static_cast<int>(i)) != theirs[i])
      return Verdict::conflict;
  return Verdict::equal;
}

}  // namespace

Store::Merged Store::merge(Store& other) {
  HEDDLE_CHECK(this != &other);
  Merged merged;
  const std::vector<Column> columns = other.columns();
  const std::size_t header = columns_of<PointHeader>().size(), key = index_of(columns, "key");
  const std::vector<Column> described(columns.begin() + static_cast<std::ptrdiff_t>(header), columns.end());
  Query everything;
  std::string list;
  for (const Column& column : columns) {
    everything.columns.push_back(column.name);
    list += (list.empty() ? "" : ",") + sql_name(column.name);
  }
  const std::lock_guard lock(mutex_);
  {
    Transaction transaction(*database_);
    add_columns(columns);
    Statement ours(*database_, "SELECT " + list + " FROM points WHERE key = ?");
    other.scan(everything, [&](std::span<const Value> row) {
      ours.bind(1, row[key]);
      const Verdict verdict = ours.step() ? judge(columns, row, ours) : Verdict::add;
      ours.reset();
      if (verdict == Verdict::add) insert(described, row);
      if (verdict == Verdict::add) ++merged.added;
      if (verdict == Verdict::equal) ++merged.equal;
      if (verdict == Verdict::conflict) merged.conflicts.push_back(value_text(row[key]));
    });
    inserts_.erase(&described);
    for (const auto& [hash, json] : other.configs())
      if (!configs_.contains(hash)) remember_config(hash, json, add_config(hash, json));
    for (const std::string& sweep : other.sweeps()) replace_plan(sweep, other.plan(sweep));
    transaction.commit();
  }
  return merged;
}

}  // namespace heddle
