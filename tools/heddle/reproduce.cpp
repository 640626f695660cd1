#include "tools/heddle/reproduce.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "matrices/load_matrix.h"
#include "matrices/reorder.h"
#include "sim/base/errors.h"
#include "tools/heddle/machine_lookup.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

double over_compulsory(std::uint64_t bytes, const RunReport& report) {
  return report.compulsory_bytes == 0 ? 0 : double(bytes) / double(report.compulsory_bytes);
}

double read_off(Measure measure, const RunReport& report) {
  switch (measure) {
    case Measure::cycles:
      return double(report.cycles);
    case Measure::array_cycles:
      return double(report.stalls.at("array").busy);
    case Measure::time_us:
      return report.seconds * 1e6;
    case Measure::gflops:
      return report.gflops();
    case Measure::traffic:
      return report.normalised_traffic();
    case Measure::traffic_a:
      return over_compulsory(report.dram_bytes.a, report);
    case Measure::traffic_b:
      return over_compulsory(report.dram_bytes.b, report);
    case Measure::traffic_c:
      return over_compulsory(report.dram_bytes.c, report);
    case Measure::traffic_partial:
      return over_compulsory(report.dram_bytes.partial_read + report.dram_bytes.partial_write, report);
    case Measure::dram_bytes:
      return double(report.dram_bytes.total());
    case Measure::bandwidth_utilisation:
      return report.bandwidth_utilisation;
    case Measure::energy_mj:
      return report.energy_joules.total() * 1e3;
    case Measure::power_w:
      return report.energy_joules.total() / report.seconds;
    case Measure::area_mm2:
      return report.area_mm2;
    case Measure::peak_products:
    case Measure::peak_share:
      break;
  }
  throw InternalError("a measure of a machine is read off a run");
}

/// Each multiplier forms a product per cycle; each merger takes as many as its width and interval say.
double peak(Measure measure, const PublishedMachine& machine) {
  const PeConfig pe = load_machine(machine.machine, machine.set).machine.pe;
  const double multipliers = double(pe.count) * pe.multipliers;
  const double products = std::min(multipliers, double(pe.count) * pe.merge_width / pe.merge_interval);
  return measure == Measure::peak_products ? products : products / multipliers;
}

bool of_a_machine(Measure measure) {
  return measure == Measure::peak_products || measure == Measure::peak_share;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void judge(ReproducedRow& row) {
  row.error = row.absolute || row.published == 0 ? row.ours - row.published : row.ours / row.published - 1;
  row.verdict = std::abs(row.error) <= row.tolerance ? Verdict::pass : Verdict::miss;
}

/// A recipe is its file's own, a matrix of the collection everybody's.
std::string workload_key(const PublishedFile& file, const PublishedGroup& group, const std::string& name) {
  const std::string owner = file.workloads.count(name) != 0 ? file.accelerator : "";
  return owner + "|" + name + "|" + std::string(enum_name(group.product)) + "|" + std::string(enum_name(group.reorder));
}

bool counts(const ReproducedRow& row) {
  return row.verdict == Verdict::pass || row.verdict == Verdict::miss;
}

}  // namespace

std::string default_collection() {
  const char* const folder = std::getenv("HEDDLE_MATRICES");
  return folder != nullptr && *folder != '\0' ? folder : HEDDLE_SOURCE_DIR "/../shared/matrices";
}

std::string Reproduction::find_matrix(const std::string& name) const {
  std::error_code failed;
  for (const auto& folder : fs::directory_iterator(collection_, failed)) {
    if (!folder.is_directory(failed)) continue;
    for (const char* const ending : {".mtx", ".mtx.gz", ".smtx", ".smtx.gz"}) {
      const fs::path candidate = folder.path() / (name + ending);
      if (fs::is_regular_file(candidate, failed)) return candidate.string();
    }
  }
  return "";
}

bool Reproduction::here(const PublishedFile& file, const std::string& name) const {
  const auto recipe = file.workloads.find(name);
  if (recipe == file.workloads.end()) return !find_matrix(name).empty();
  return recipe->second.matrix.empty() || !find_matrix(recipe->second.matrix).empty();
}

const Workload& Reproduction::workload(const PublishedFile& file, const PublishedGroup& group, const std::string& name,
                                       const Config& config) {
  const std::uint64_t cache = group.reorder == ReorderMethod::affinity ? config.machine.sram.capacity.count : 0;
  std::unique_ptr<Workload>& made = workloads_[workload_key(file, group, name) + "|" + std::to_string(cache)];
  if (made != nullptr) return *made;
  const auto recipe = file.workloads.find(name);
  const bool generated = recipe != file.workloads.end() && recipe->second.matrix.empty();
  const std::string matrix = recipe == file.workloads.end() || generated ? name : recipe->second.matrix;
  auto a = std::make_shared<const Csr>(generated ? generate(recipe->second.generate)
                                                 : load_matrix(find_matrix(matrix)).matrix);
  if (group.reorder == ReorderMethod::rcm) a = reordered(a, group.reorder, cache, config.layout.element_bytes());
  auto b = group.product == ProductKind::a_times_a ? a : std::make_shared<const Csr>(transpose(*a));
  if (generated && recipe->second.has_b) b = std::make_shared<const Csr>(generate(recipe->second.generate_b));
  if (group.reorder != ReorderMethod::rcm) a = reordered(a, group.reorder, cache, config.layout.element_bytes());
  made = std::make_unique<Workload>(make_workload(a, b, name, name));
  return *made;
}

std::optional<double> Reproduction::measured(const PublishedFile& file, const PublishedGroup& group,
                                             const PublishedMachine& machine, const std::string& name,
                                             std::string& reason) {
  if (of_a_machine(group.measure)) return peak(group.measure, machine);
  const std::string key =
      machine.machine + "|" + machine.dataflow + "|" + joined(machine.set) + "|" + workload_key(file, group, name);
  const auto known = reports_.find(key);
  if (known != reports_.end()) return read_off(group.measure, known->second);
  const Config config = load_machine(machine.machine, machine.set);
  if (!here(file, name)) {
    reason = "matrix " + name + " is not in the collection";
    return std::nullopt;
  }
  RunReport& report = reports_[key];
  report = find_dataflow(machine.dataflow).run(workload(file, group, name, config), config, {}).report;
  return read_off(group.measure, report);
}

std::optional<double> Reproduction::ours(const PublishedFile& file, const PublishedGroup& group,
                                         const std::string& name, std::string& reason) {
  const std::optional<double> value = measured(file, group, group.subject, name, reason);
  if (!value) return value;
  if (const auto numerator = group.over.find(name); numerator != group.over.end()) return numerator->second / *value;
  if (group.against.machine.empty()) return value;
  const std::optional<double> other = measured(file, group, group.against, name, reason);
  return other ? std::optional<double>(*other / *value) : other;
}

ReproducedRow Reproduction::single(const PublishedFile& file, const PublishedGroup& group, const std::string& name,
                                   double published) {
  ReproducedRow row{file.accelerator + "." + group.id + "." + name,
                    file.accelerator,
                    group.figure,
                    name,
                    group.unit,
                    group.source,
                    published,
                    0,
                    0,
                    group.tolerance,
                    group.absolute,
                    Verdict::not_run,
                    group.not_run};
  if (!group.not_run.empty()) return row;
  const std::optional<double> value = ours(file, group, name, row.reason);
  if (!value) return row;
  row.ours = *value;
  judge(row);
  if (group.fitted.empty()) return row;
  row.verdict = Verdict::fitted;
  row.reason = group.fitted;
  return row;
}

/// The geometric mean over those of `geomean_of` that are here.
ReproducedRow Reproduction::mean(const PublishedFile& file, const PublishedGroup& group) {
  ReproducedRow row = {};
  row.id = file.accelerator + "." + group.id;
  row.accelerator = file.accelerator;
  row.figure = group.figure;
  row.workload = group.geomean_of.empty() ? "-" : "geomean of " + std::to_string(group.geomean_of.size());
  row.unit = group.unit;
  row.source = group.source;
  row.published = group.published;
  row.tolerance = group.tolerance;
  row.absolute = group.absolute;
  row.reason = group.not_run;
  if (!group.not_run.empty()) return row;
  if (of_a_machine(group.measure)) {
    row.ours = peak(group.measure, group.subject);
    judge(row);
    return row;
  }
  std::vector<std::string> present, absent;
  for (const std::string& name : group.geomean_of) (here(file, name) ? present : absent).push_back(name);
  if (!absent.empty()) row.reason = "not in the collection: " + joined(absent);
  if (present.empty() || (!absent.empty() && !partial_means_)) return row;
  double logarithms = 0;
  for (const std::string& name : present) logarithms += std::log(ours(file, group, name, row.reason).value());
  row.ours = std::exp(logarithms / double(present.size()));
  judge(row);
  if (!absent.empty()) row.verdict = Verdict::partial;
  if (!group.fitted.empty()) {
    row.verdict = Verdict::fitted;
    row.reason = group.fitted;
  }
  return row;
}

/// A row for the geometric mean of ours / published over the rows from `first` on.
void Reproduction::judge_group(const PublishedGroup& group, std::vector<ReproducedRow>& rows, std::size_t first) {
  double logarithms = 0;
  std::uint64_t counted = 0, absent = 0;
  for (std::size_t i = first; i < rows.size(); ++i) {
    counted += counts(rows[i]) ? 1 : 0;
    absent += counts(rows[i]) ? 0 : 1;
    logarithms += counts(rows[i]) ? std::log(rows[i].ours / rows[i].published) : 0;
  }
  ReproducedRow row = rows[first];
  row.id = row.id.substr(0, row.id.size() - row.workload.size()) + "geomean";
  row.workload = "geomean of ours / published";
  row.unit = "ratio";
  row.published = 1;
  row.tolerance = group.geomean_tolerance;
  row.absolute = false;
  row.reason = absent == 0 ? "" : std::to_string(absent) + " of its rows not run";
  row.verdict = Verdict::not_run;
  row.ours = counted == 0 ? 0 : std::exp(logarithms / double(counted));
  if (counted != 0) judge(row);
  if (counted != 0 && absent != 0) row.verdict = Verdict::partial;
  rows.push_back(row);
}

std::vector<ReproducedRow> Reproduction::run(const PublishedFile& file) {
  std::vector<ReproducedRow> rows;
  for (const PublishedGroup& group : file.groups) {
    const std::size_t first = rows.size();
    for (const auto& [name, published] : group.rows) rows.push_back(single(file, group, name, published));
    if (group.rows.empty()) rows.push_back(mean(file, group));
    if (group.geomean_tolerance > 0) judge_group(group, rows, first);
  }
  return rows;
}

std::vector<ReproducedSummary> summarise(const std::vector<ReproducedRow>& rows) {
  std::vector<ReproducedSummary> summaries;
  std::vector<double> logarithms;
  std::vector<std::uint64_t> counted;
  for (const ReproducedRow& row : rows) {
    if (summaries.empty() || summaries.back().accelerator != row.accelerator) {
      summaries.push_back({row.accelerator});
      logarithms.push_back(0);
      counted.push_back(0);
    }
    ReproducedSummary& s = summaries.back();
    s.pass += row.verdict == Verdict::pass;
    s.miss += row.verdict == Verdict::miss;
    s.partial += row.verdict == Verdict::partial;
    s.fitted += row.verdict == Verdict::fitted;
    s.not_run += row.verdict == Verdict::not_run;
    if (!counts(row) || row.absolute || row.ours <= 0 || row.published <= 0) continue;
    logarithms.back() += std::log(row.ours / row.published);
    ++counted.back();
    s.geomean = std::exp(logarithms.back() / double(counted.back()));
  }
  return summaries;
}

}  // namespace heddle
