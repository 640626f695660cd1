#include "tools/report/row_reader.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "dataflows/config.h"
#include "sim/base/help.h"
#include "tools/heddle/table.h"
#include "tools/sweep/result_rows.h"

namespace heddle {
namespace {

enum Field : std::size_t {
  kKey,
  kStatus,
  kError,
  kVersion,
  kConfig,
  kMachine,
  kMatrix,
  kDataflow,
  kChecked,
  kFidelity,
  kCycles,
  kSeconds,
  kGflops,
  kProducts,
  kNnzC,
  kCompulsory,
  kComputeBound,
  kMergeBound,
  kBandwidthBound,
  kMacs,
  kBandwidth,
  kMultipliers,
  kArea,
  kTraffic,
  kEnergy = kTraffic + 6,
  kDensity = kEnergy + 5,
  kGini,
  kRows,
  kInner,
  kNnzA,
  kStalls,
  kFields
};
constexpr std::array<const char*, kFields> kColumns = {"key",
                                                       "status",
                                                       "error",
                                                       "model_version",
                                                       "config_hash",
                                                       "machine",
                                                       "workload.a",
                                                       "dataflow",
                                                       "checked",
                                                       "fidelity",
                                                       "cycles",
                                                       "seconds",
                                                       "gflops",
                                                       "products",
                                                       "nnz_c",
                                                       "compulsory_bytes",
                                                       "bounds.compute_cycles",
                                                       "bounds.merge_cycles",
                                                       "bounds.bandwidth_cycles",
                                                       "mac_utilisation",
                                                       "bandwidth_utilisation",
                                                       "resources.multipliers",
                                                       "area_mm2",
                                                       "dram_bytes.a",
                                                       "dram_bytes.b",
                                                       "dram_bytes.c",
                                                       "dram_bytes.pointers",
                                                       "dram_bytes.partial_read",
                                                       "dram_bytes.partial_write",
                                                       "energy_joules.mac",
                                                       "energy_joules.merge",
                                                       "energy_joules.sram",
                                                       "energy_joules.dram",
                                                       "energy_joules.static",
                                                       "profile.density",
                                                       "profile.row_length.gini",
                                                       "workload.rows",
                                                       "workload.inner",
                                                       "workload.nnz_a",
                                                       "stalls"};

double number(const Value& value, double otherwise = 0) {
  if (const auto* const whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* const real = std::get_if<double>(&value)) return *real;
  return otherwise;
}

/// "8", "128 GB/s": as the configuration says it.
std::string axis_text(const std::string& unit, const Value& value) {
  const auto* const whole = std::get_if<std::int64_t>(&value);
  if (whole == nullptr) return value_text(value);
  const auto amount = static_cast<std::uint64_t>(*whole);
  if (unit == "bytes/s") return to_text(Bandwidth{amount});
  if (unit == "Hz" || unit == "hertz") return to_text(Frequency{amount});
  if (unit == "bytes" && amount >= 1024) return to_text(Bytes{amount});
  return value_text(value);
}

/// Which keys differ between configurations of one machine?
std::set<std::string> axes_of(const std::vector<std::map<std::string, Value>>& configs) {
  std::set<std::string> axes;
  for (const auto& config : configs)
    for (const auto& [path, value] : config) {
      const auto first = configs.front().find(path);
      if (first == configs.front().end() || first->second != value) axes.insert(path);
    }
  return axes;
}

}  // namespace

std::set<std::string> in_step_with(const ReportData& data, const std::string& axis) {
  std::set<std::string> together;
  for (const auto& [other, unit] : data.axis_units) {
    std::map<std::string, std::set<std::string>> forth, back;
    for (const ReportVariant& variant : data.variants) {
      const auto x = variant.axes.find(axis), y = variant.axes.find(other);
      if (x == variant.axes.end() || y == variant.axes.end()) continue;
      forth[x->second].insert(y->second);
      back[y->second].insert(x->second);
    }
    const auto single = [](const auto& entry) { return entry.second.size() == 1; };
    if (other != axis && std::all_of(forth.begin(), forth.end(), single) &&
        std::all_of(back.begin(), back.end(), single))
      together.insert(other);
  }
  return together;
}

std::span<const char* const> RowReader::columns() {
  return kColumns;
}

void RowReader::begin_source(const std::string& name, const std::map<std::string, std::string>& configs) {
  source_ = static_cast<std::uint32_t>(data_.sources.size());
  data_.sources.push_back(name.substr(name.rfind('/') + 1));
  configs_.insert(configs.begin(), configs.end());
}

std::uint32_t RowReader::index_of(std::vector<std::string>& names,
                                  std::unordered_map<std::string, std::uint32_t>& known, const std::string& name) {
  const auto [found, is_new] = known.try_emplace(name, static_cast<std::uint32_t>(names.size()));
  if (is_new) names.push_back(name);
  return found->second;
}

void RowReader::add(std::span<const Value> v) {
  const auto text = [&](Field field) { return value_text(v[field]); };
  ++versions_[text(kVersion)];
  if (text(kStatus) == "failed") {
    data_.failed.push_back({text(kMatrix) + ", " + text(kMachine) + ", " + text(kDataflow), text(kError)});
    return;
  }
  ResultRow row;
  row.key = text(kKey);
  row.source = source_;
  row.matrix = index_of(data_.matrices, matrices_, text(kMatrix));
  row.dataflow = index_of(data_.dataflows, dataflows_, text(kDataflow));
  row.variant = index_of(variant_hashes_, variants_, text(kConfig));
  if (row.variant == variant_machines_.size()) variant_machines_.push_back(text(kMachine));
  row.checked = number(v[kChecked]) != 0;
  row.sampled = text(kFidelity) == "sampled";
  row.cycles = number(v[kCycles]);
  row.seconds = number(v[kSeconds]);
  row.gflops = number(v[kGflops]);
  row.products = number(v[kProducts]);
  row.nnz_c = number(v[kNnzC]);
  row.compulsory_bytes = number(v[kCompulsory]);
  row.bound_cycles = std::max({number(v[kComputeBound]), number(v[kMergeBound]), number(v[kBandwidthBound])});
  row.mac_utilisation = number(v[kMacs]);
  row.bandwidth_utilisation = number(v[kBandwidth]);
  row.multipliers = number(v[kMultipliers]);
  row.area_mm2 = number(v[kArea]);
  for (std::size_t i = 0; i < row.traffic_bytes.size(); ++i) row.traffic_bytes[i] = number(v[kTraffic + i]);
  for (std::size_t i = 0; i < row.energy_joules.size(); ++i) row.energy_joules[i] = number(v[kEnergy + i]);
  const double places = number(v[kRows]) * number(v[kInner]);
  row.density = number(v[kDensity], places == 0 ? 0 : number(v[kNnzA]) / places);
  row.row_gini = number(v[kGini], -1);
  add_stalls(row, text(kStalls));
  data_.rows.push_back(std::move(row));
}

void RowReader::add_stalls(const ResultRow& row, const std::string& json) {
  const Json groups = try_parse_json(json);
  if (!groups.is_object()) return;
  auto& sums = data_.stalls[{row.variant, row.dataflow}];
  for (const auto& [group, reasons] : groups.items()) {
    double total = 0;
    for (const auto& [reason, cycles] : reasons.items()) total += cycles.get<double>();
    if (total == 0) continue;
    StallSum& sum = sums[group];
    ++sum.runs;
    for (const auto& [reason, cycles] : reasons.items()) sum.shares[reason] += cycles.get<double>() / total;
  }
}

void RowReader::finish() {
  name_variants();
  order_dataflows();
  sort_rows();
  for (const auto& [version, rows] : versions_)
    data_.model_versions += (data_.model_versions.empty() ? "" : " and ") + version;
}

void RowReader::name_variants() {
  std::map<std::string, std::string> units;
  for (const KeyHelp& key : described_keys(Config{})) units[key.path] = key.unit;
  std::map<std::string, std::vector<std::uint32_t>> by_machine;
  for (std::uint32_t i = 0; i < variant_hashes_.size(); ++i) by_machine[variant_machines_[i]].push_back(i);
  data_.variants.resize(variant_hashes_.size());
  for (const auto& [machine, members] : by_machine) {
    std::vector<std::map<std::string, Value>> configs;
    for (const std::uint32_t i : members) configs.push_back(config_values(configs_[variant_hashes_[i]]));
    const std::set<std::string> axes = axes_of(configs);
    for (std::size_t m = 0; m < members.size(); ++m) {
      ReportVariant& variant = data_.variants[members[m]];
      variant.machine = variant.label = machine;
      for (const std::string& axis : axes) {
        const auto found = configs[m].find(axis);
        if (found == configs[m].end()) continue;
        variant.axes[axis] = axis_text(units[axis], found->second);
        if (!std::holds_alternative<std::string>(found->second)) variant.numbers[axis] = number(found->second);
        data_.axis_units[axis] = units[axis];
      }
    }
  }
  for (const auto& [axis, unit] : data_.axis_units) {
    const std::set<std::string> in_step = in_step_with(data_, axis);
    if (std::any_of(in_step.begin(), in_step.end(),
                    [&](const std::string& other) { return is_named_after(other, axis); }))
      continue;  // one name is enough for all
    for (ReportVariant& variant : data_.variants)
      if (variant.axes.count(axis)) variant.label += " " + axis + "=" + variant.axes[axis];
  }
  for (const ResultRow& row : data_.rows) ++data_.variants[row.variant].rows;
}

/// Dataflows by name, whatever row came first.
void RowReader::order_dataflows() {
  std::vector<std::string> sorted = data_.dataflows;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::uint32_t> place;
  for (const std::string& name : data_.dataflows)
    place.push_back(static_cast<std::uint32_t>(std::find(sorted.begin(), sorted.end(), name) - sorted.begin()));
  for (ResultRow& row : data_.rows) row.dataflow = place[row.dataflow];
  decltype(data_.stalls) stalls;
  for (auto& [where, groups] : data_.stalls) stalls[{where[0], place[where[1]]}] = std::move(groups);
  data_.stalls = std::move(stalls);
  data_.dataflows = std::move(sorted);
}

void RowReader::sort_rows() {
  const auto rank = [](const std::vector<std::string>& names) {
    std::vector<std::uint32_t> order(names.size()), ranks(names.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto x, auto y) { return names[x] < names[y]; });
    for (std::uint32_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
    return ranks;
  };
  std::vector<std::string> labels;
  for (const ReportVariant& variant : data_.variants) labels.push_back(variant.label);
  const auto matrix = rank(data_.matrices), dataflow = rank(data_.dataflows), variant = rank(labels);
  std::sort(data_.rows.begin(), data_.rows.end(), [&](const ResultRow& x, const ResultRow& y) {
    return std::tie(matrix[x.matrix], variant[x.variant], dataflow[x.dataflow], x.key) <
           std::tie(matrix[y.matrix], variant[y.variant], dataflow[y.dataflow], y.key);
  });
}

}  // namespace heddle
