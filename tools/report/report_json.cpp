#include "tools/report/report_json.h"

#include "sim/base/errors.h"

namespace heddle {
namespace {

/// Follows a dotted path; absent when there is none.
Value at_path(const Json& json, const std::string& path) {
  const Json* node = &json;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (!node->is_object() || !node->contains(key)) return std::monostate();
    node = &(*node)[key];
    begin = end + 1;
  }
  if (node->is_boolean()) return std::int64_t{node->get<bool>()};
  if (node->is_number_integer()) return node->get<std::int64_t>();
  if (node->is_number()) return node->get<double>();
  return node->is_string() ? node->get<std::string>() : node->dump();
}

std::string text_at(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

PublishedRow published_row(const std::string& path, const Json& row) {
  if (!row.is_object()) throw InputError(path + ": expected objects in `rows`");
  PublishedRow published;
  published.what = text_at(row, "what");
  if (published.what.empty()) published.what = text_at(row, "figure") + ", " + text_at(row, "workload");
  published.unit = text_at(row, "unit");
  published.verdict = text_at(row, "verdict");
  published.note = text_at(row, "basis");
  if (published.note.empty()) published.note = text_at(row, "reason");
  if (published.note.empty()) published.note = text_at(row, "source");
  published.has_published = row.contains("published") && row["published"].is_number();
  if (published.has_published) published.published = row["published"].get<double>();
  published.has_ours = row.contains("ours") && row["ours"].is_number() && published.verdict != "not_run";
  if (published.has_ours) published.ours = row["ours"].get<double>();
  return published;
}

}  // namespace

void load_simulation(const std::string& path, const Json& result, RowReader& reader) {
  const std::string hash = text_at(result, "config_hash");
  const Json config = result.value("effective_config", Json::object());
  reader.begin_source(path, {{hash, config.dump()}});
  for (const Json& run : result["runs"]) {
    std::vector<Value> row;
    for (const char* const name : RowReader::columns()) {
      const std::string column = name;
      if (column == "key")
        row.emplace_back(path + " " + text_at(run, "dataflow"));
      else if (column == "config_hash" || column == "model_version")
        row.push_back(at_path(result, column));
      else if (column == "machine")
        row.push_back(at_path(config, "machine.name"));
      else
        row.push_back(at_path(column.starts_with("workload.") ? result : run, column));
    }
    reader.add(row);
  }
}

PublishedTable published_table(const std::string& path, const Json& result) {
  PublishedTable table;
  table.source = path.substr(path.rfind('/') + 1);
  table.title = text_at(result, "title");
  if (table.title.empty()) table.title = "Published figures, reproduced";
  if (result.contains("notes"))
    for (const Json& note : result["notes"]) table.notes.push_back(note.get<std::string>());
  for (const Json& row : result["rows"]) table.rows.push_back(published_row(path, row));
  if (result.contains("tables") && result["tables"].is_array()) table.tables = result["tables"];
  return table;
}

}  // namespace heddle
