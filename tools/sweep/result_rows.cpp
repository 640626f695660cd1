#include "tools/sweep/result_rows.h"

#include <algorithm>

#include "dataflows/config.h"
#include "sim/base/help.h"
#include "sim/base/spelling.h"
#include "tools/sweep/csv.h"

namespace heddle {
namespace {

/// Names and remarks, which differ whenever anything does.
const std::set<std::string> kNotAnAxis = {"machine.name", "machine.source"};

Value quantity(const std::string& text) {
  if (text.find(' ') == std::string::npos) return text;
  try {
    if (text.ends_with("/s")) return stored_value(parse_bandwidth(text));
    if (text.ends_with("Hz")) return stored_value(parse_frequency(text));
    return stored_value(parse_bytes(text));
  } catch (const InputError&) {
    return text;
  }
}

void flatten(const Json& json, const std::string& path, std::map<std::string, Value>& values) {
  if (json.is_object()) {
    for (const auto& [key, child] : json.items()) flatten(child, path.empty() ? key : path + "." + key, values);
  } else if (json.is_string()) {
    values[path] = quantity(json.get<std::string>());
  } else if (json.is_boolean()) {
    values[path] = std::int64_t{json.get<bool>()};
  } else if (json.is_number_unsigned()) {
    values[path] = stored_integer(json.get<std::uint64_t>());
  } else if (json.is_number()) {
    values[path] = json.get<double>();
  } else {
    values[path] = json.dump();
  }
}

ValueType type_of(const Value& value) {
  if (std::holds_alternative<std::int64_t>(value)) return ValueType::integer;
  return std::holds_alternative<double>(value) ? ValueType::real : ValueType::text;
}

Column config_column(const std::string& path, const Value& value) {
  Column column{std::string(kConfigPrefix) + path, type_of(value), "", "key of the effective configuration"};
  static const std::vector<KeyHelp> kKeys = described_keys(Config{});
  for (const KeyHelp& key : kKeys)
    if (key.path == path) {
      column.unit = key.unit;
      column.text = key.text;
    }
  return column;
}

/// Lists and maps are kept as texts of JSON.
Json nested(const Value& value) {
  const auto* const text = std::get_if<std::string>(&value);
  if (text == nullptr || text->empty() || (text->front() != '{' && text->front() != '[')) return value_json(value);
  Json parsed = try_parse_json(*text);
  return parsed.is_discarded() ? value_json(value) : parsed;
}

}  // namespace

std::map<std::string, Value> config_values(const std::string& json) {
  std::map<std::string, Value> values;
  const Json parsed = try_parse_json(json);
  if (!parsed.is_discarded()) flatten(parsed, "", values);
  return values;
}

ResultRows::ResultRows(Store& store, const RowChoice& choice) : store_(store), choice_(choice) {
  if (!choice.sweep.empty()) {
    const std::vector<std::string> names = store.sweeps();
    if (std::find(names.begin(), names.end(), choice.sweep) == names.end()) {
      const std::vector<std::string_view> known(names.begin(), names.end());
      throw InputError(store.path() + ": " + unknown_word("sweep", choice.sweep, known));
    }
  }
  find_varying_keys();
  choose_columns(choice.columns, choice.host);
}

void ResultRows::find_varying_keys() {
  std::set<std::string> used;
  Store::Query all = query();
  all.columns = {"config_hash"};
  store_.scan(all, [&](std::span<const Value> row) { used.insert(value_text(row[0])); });
  std::map<std::string, std::set<Value>> seen;
  std::map<std::string, std::size_t> times;
  for (const auto& [hash, json] : store_.configs()) {
    if (used.count(hash) == 0) continue;
    configs_[hash] = config_values(json);
    for (const auto& [path, value] : configs_[hash]) {
      seen[path].insert(value);
      ++times[path];
    }
  }
  for (auto& [hash, values] : configs_)
    std::erase_if(values, [&](const auto& entry) {
      const bool varies = seen[entry.first].size() > 1 || times[entry.first] < configs_.size();
      return !varies || kNotAnAxis.count(entry.first) > 0;
    });
}

void ResultRows::choose_columns(const std::vector<std::string>& wanted, bool host) {
  std::vector<Column> all = store_.columns();
  std::map<std::string, Column> varying;
  for (const auto& [hash, values] : configs_)
    for (const auto& [path, value] : values) varying.try_emplace(path, config_column(path, value));
  for (const auto& [path, column] : varying) all.push_back(column);
  if (wanted.empty()) {
    for (const Column& column : all)
      if (host || !column.name.starts_with(kHostPrefix)) columns_.push_back(column);
    return;
  }
  std::vector<std::string_view> known;
  for (const Column& column : all) known.push_back(column.name);
  for (const std::string& name : wanted) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) throw InputError(store_.path() + ": " + unknown_word("column", name, known));
    columns_.push_back(all[static_cast<std::size_t>(found - known.begin())]);
  }
}

Store::Query ResultRows::query() const {
  Store::Query query;
  query.sweep = choice_.sweep;
  query.order_by = {"kind", "workload.a", "machine", "dataflow"};
  if (!choice_.failed) query.where = "status = 'ok'";
  return query;
}

void ResultRows::for_each(const std::function<void(std::span<const Value>)>& row) {
  Store::Query wanted = query();
  for (const Column& column : columns_) wanted.columns.push_back(column.name);
  wanted.columns.emplace_back("config_hash");
  std::vector<Value> values;
  store_.scan(wanted, [&](std::span<const Value> stored) {
    values.assign(stored.begin(), stored.end() - 1);
    const auto config = configs_.find(value_text(stored.back()));
    for (std::size_t i = 0; i < columns_.size() && config != configs_.end(); ++i) {
      if (!columns_[i].name.starts_with(kConfigPrefix)) continue;
      const auto found = config->second.find(columns_[i].name.substr(kConfigPrefix.size()));
      if (found != config->second.end()) values[i] = found->second;
    }
    row(values);
  });
}

std::string rows_csv(ResultRows& rows) {
  std::string text;
  for (const Column& column : rows.columns()) text += (text.empty() ? "" : ",") + csv_cell(column.name);
  text += "\n";
  rows.for_each([&](std::span<const Value> row) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + csv_cell(value_text(row[i]));
    text += "\n";
  });
  return text;
}

std::string rows_jsonl(ResultRows& rows) {
  std::string text;
  rows.for_each([&](std::span<const Value> row) {
    Json object = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!std::holds_alternative<std::monostate>(row[i])) object[rows.columns()[i].name] = nested(row[i]);
    text += object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  });
  return text;
}

std::string columns_csv(const ResultRows& rows) {
  constexpr const char* kTypes[] = {"integer", "real", "text"};
  std::string text = "name,type,unit,text\n";
  for (const Column& column : rows.columns())
    text += csv_cell(column.name) + "," + kTypes[static_cast<std::size_t>(column.type)] + "," + csv_cell(column.unit) +
            "," + csv_cell(column.text) + "\n";
  return text;
}

}  // namespace heddle
