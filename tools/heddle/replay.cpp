#include "tools/heddle/replay.h"

#include <cmath>

#include "heddle_version.h"
#include "models/lcp/replay.h"
#include "models/lcp/replay_spgemm.h"
#include "models/llm/endor.h"
#include "models/llm/format_figures.h"
#include "models/llm/mustafar.h"
#include "models/robot/replay.h"
#include "models/robot/replay_accelerator.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "tools/heddle/table.h"

namespace heddle {
namespace {

constexpr ReplayKind kKinds[] = {
    replay_kind<llm::EndorConfig, llm::replay_endor>("endor", "offloaded inference with pruned, compressed weights"),
    replay_kind<llm::MustafarConfig, llm::replay_mustafar>("mustafar", "attention over a pruned, compressed KV cache"),
    replay_kind<llm::FormatsConfig, llm::replay_formats>("formats",
                                                         "sizes of storage formats of weights and KV caches"),
    replay_kind<lcp::SplitsConfig, lcp::replay_splits>("lcp_splits",
                                                       "parameters and MACs of networks cut into branches"),
    replay_kind<lcp::ClusterConfig, lcp::replay_clusters>("lcp_cluster",
                                                          "a network cut over devices and links: latency and energy"),
    replay_kind<lcp::ArraysConfig, lcp::replay_arrays>("lcp_array",
                                                       "the tailored array of LCP on networks and their branches"),
    replay_kind<lcp::SparseConfig, lcp::replay_sparse>("lcp_spgemm",
                                                       "pruned layers and branches as sparse products on a machine"),
    replay_kind<robot::ContextConfig, robot::replay_context>("robot_context",
                                                             "robot tasks on CPUs whose shares follow the context"),
    replay_kind<robot::AcceleratorConfig, robot::replay_accelerator>(
        "robot_accelerator", "requests for pruned networks scheduled on one accelerator")};

std::string cell_text(const ReplayTable::Cell& cell) {
  const std::string* const text = std::get_if<std::string>(&cell);
  return text != nullptr ? *text : replay_number(std::get<double>(cell));
}

std::string table_text(const ReplayTable& table, bool colour) {
  TextTable text(table.headers);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const ReplayTable::Cell& cell : row) cells.push_back(cell_text(cell));
    text.add(std::move(cells));
  }
  return table.title + "\n" + text.render(colour);
}

std::string signed_percent(double fraction) {
  return (fraction < 0 ? "" : "+") + fixed(100 * fraction, 1) + " %";
}

std::string verdict(const ReplayRow& row) {
  if (!row.judged()) return "";
  return std::string(row.holds() ? "within " : "BEYOND ") + percent(*row.tolerance) + " %";
}

std::string rows_text(const std::vector<ReplayRow>& rows, bool colour) {
  TextTable table({"published against ours", "published", "ours", "unit", "error", "", "basis"});
  for (const ReplayRow& row : rows)
    table.add({row.what, row.published ? readable(*row.published) : "-", readable(row.ours), row.unit,
               row.published ? signed_percent(row.error()) : "", verdict(row), row.basis},
              !row.holds());
  return table.render(colour);
}

Json row_json(const ReplayRow& row) {
  Json json = {{"key", row.key}, {"what", row.what}, {"unit", row.unit}, {"ours", json_value(row.ours)}};
  if (row.published) {
    json["published"] = json_value(*row.published);
    json["error"] = json_value(row.error());
  }
  if (row.judged()) {
    json["tolerance"] = json_value(*row.tolerance);
    json["holds"] = row.holds();
  }
  json["basis"] = row.basis;
  return json;
}

Json table_json(const ReplayTable& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json cells = Json::array();
    for (const ReplayTable::Cell& cell : row)
      cells.push_back(std::visit([](const auto& value) { return json_value(value); }, cell));
    rows.push_back(std::move(cells));
  }
  return {{"title", table.title}, {"headers", table.headers}, {"rows", rows}};
}

}  // namespace

std::string replay_number(double number) {
  const bool whole = number >= 0 && number < 1e15 && number == std::floor(number);
  return whole ? grouped(static_cast<std::uint64_t>(number)) : readable(number);
}

std::span<const ReplayKind> replay_kinds() {
  return kKinds;
}

const ReplayKind& find_replay_kind(const std::string& name) {
  std::vector<std::string_view> names;
  for (const ReplayKind& kind : kKinds) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw InputError(unknown_word("kind of replay", name, names));
}

const ReplayKind& kind_of(const ConfigTree& tree) {
  const ConfigNode* const node = tree.root.find("kind");
  if (node == nullptr) throw InputError(tree.root.where() + ": expected `kind:`, the kind of replay");
  std::string kind;
  read_value(ConfigPlace{*node, "kind", any_value}, kind);
  try {
    return find_replay_kind(kind);
  } catch (const InputError& error) {
    throw InputError(node->where() + ": kind: " + error.what());
  }
}

std::string replay_text(const ReplayResult& result, bool colour) {
  std::string text = result.title + "\n";
  for (const std::string& note : result.notes) text += "  " + note + "\n";
  for (const ReplayTable& table : result.tables) text += "\n" + table_text(table, colour);
  if (!result.rows.empty()) text += "\n" + rows_text(result.rows, colour);
  return text;
}

Json replay_json(const ReplayKind& kind, const ReplayRun& run) {
  Json json = {{"heddle", kVersion}, {"kind", kind.name}, {"config_hash", run.config_hash}};
  json["effective_config"] = run.effective_config;
  json["title"] = run.result.title;
  json["notes"] = run.result.notes;
  json["rows"] = Json::array();
  for (const ReplayRow& row : run.result.rows) json["rows"].push_back(row_json(row));
  json["tables"] = Json::array();
  for (const ReplayTable& table : run.result.tables) json["tables"].push_back(table_json(table));
  json["results"] = run.result.results;
  return json;
}

}  // namespace heddle
