#include "tools/report/report_data.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/spelling.h"
#include "tools/heddle/store_commands.h"
#include "tools/report/report_json.h"
#include "tools/report/row_reader.h"
#include "tools/sweep/result_rows.h"

namespace heddle {
namespace {

constexpr const char* kNewest = "model_version = (SELECT max(model_version) FROM points)";

/// Rows of one kind only; others are tables of their own in `heddle sweep export`.
void load_store(const std::string& path, const std::string& sweep, RowReader& reader, ReportData& data) {
  Store store(path, Store::Access::read);
  const std::vector<std::string> sweeps = store.sweeps();
  if (!sweep.empty() && std::find(sweeps.begin(), sweeps.end(), sweep) == sweeps.end()) {
    const std::vector<std::string_view> known(sweeps.begin(), sweeps.end());
    throw InputError(path + ": " + unknown_word("sweep", sweep, known));
  }
  reader.begin_source(path, store.configs());
  Store::Query query;
  for (const char* const name : RowReader::columns()) query.columns.emplace_back(name);
  query.where = std::string("kind = 'spgemm' AND ") + (sweep.empty() ? kNewest : "true");
  query.sweep = sweep;
  query.any_order = sweep.empty();
  store.scan(query, [&](std::span<const Value> row) { reader.add(row); });
  for (const Column& column : store.columns()) data.keys.push_back({column.name, column.unit, column.text});
}

void load_json(const std::string& path, RowReader& reader, ReportData& data) {
  Json json;
  try {
    json = parse_json(read_text_file(path));
  } catch (const nlohmann::json::exception&) {
    throw InputError(path + ": expected a result store, or JSON of heddle simulate, replay or reproduce");
  }
  const auto load = [&](const Json& result) {
    if (result.is_object() && result.contains("runs") && result.contains("workload"))
      load_simulation(path, result, reader);
    else if (result.is_object() && result.contains("rows") && result["rows"].is_array())
      data.published.push_back(published_table(path, result));
    else
      throw InputError(path + ": expected JSON of heddle simulate, replay or reproduce, with `runs` or `rows`");
  };
  try {
    if (json.is_array())
      for (const Json& result : json) load(result);
    else
      load(json);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(path + ": a value of the result has another type than heddle writes: " + error.what());
  }
}

}  // namespace

double ResultRow::traffic() const {
  double sum = 0;
  for (const double bytes : traffic_bytes) sum += bytes;
  return sum;
}

double ResultRow::energy() const {
  double sum = 0;
  for (const double joules : energy_joules) sum += joules;
  return sum;
}

ReportData load_report_data(const std::vector<std::string>& paths, const std::string& sweep) {
  ReportData data;
  RowReader reader(data);
  for (const std::string& path : paths) {
    if (is_store(path))
      load_store(path, sweep, reader, data);
    else
      load_json(path, reader, data);
  }
  reader.finish();
  std::sort(data.keys.begin(), data.keys.end());
  data.keys.erase(std::unique(data.keys.begin(), data.keys.end()), data.keys.end());
  return data;
}

}  // namespace heddle
