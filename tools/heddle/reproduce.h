// Runs published figures again and says how far ours are from them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataflows/dataflow.h"
#include "sim/base/json.h"
#include "tools/heddle/published.h"

namespace heddle {

enum class Verdict : std::uint8_t { pass, miss, partial, fitted, not_run };
constexpr EnumName<Verdict> kVerdictNames[] = {
    {Verdict::pass, "pass", "within the tolerance"},
    {Verdict::miss, "miss", "outside the tolerance"},
    {Verdict::partial, "partial", "a mean over those workloads that are here; never counted as passed"},
    {Verdict::fitted, "fitted", "a parameter was chosen by this row; never counted as passed"},
    {Verdict::not_run, "not_run", "the reason is given; never counted as passed"}};
constexpr std::span<const EnumName<Verdict>> enum_names(Verdict) {
  return kVerdictNames;
}

struct ReproducedRow {
  std::string id, accelerator, figure, workload, unit, source;
  double published = 0, ours = 0;
  double error = 0;  ///< ours / published - 1, or ours - published when the tolerance is absolute
  double tolerance = 0;
  bool absolute = false;
  Verdict verdict = Verdict::not_run;
  std::string reason;  ///< of not_run, partial and fitted
};
template <class V>
void describe(V& v, ReproducedRow& r) {
  v.field("id", r.id, "name", "accelerator.group.workload");
  v.field("accelerator", r.accelerator, "name", "what was published");
  v.field("figure", r.figure, "text", "what was measured");
  v.field("workload", r.workload, "name", "on what");
  v.field("unit", r.unit, "text", "of published and ours");
  v.field("source", r.source, "text", "where the value stands");
  v.field("published", r.published, "unit", "as printed by others");
  v.field("ours", r.ours, "unit", "0 when not run");
  v.field("error", r.error, "fraction", "ours / published - 1; a difference when `absolute`");
  v.field("tolerance", r.tolerance, "fraction", "largest error that passes");
  v.field("absolute", r.absolute, "bool", "error and tolerance are differences");
  v.field("verdict", r.verdict, "name", "pass, miss, partial, fitted or not_run");
  v.field("reason", r.reason, "text", "why it is not run or does not count");
}

/// One accelerator in a line.
struct ReproducedSummary {
  std::string accelerator;
  std::uint64_t pass = 0, miss = 0, partial = 0, fitted = 0, not_run = 0;
  double geomean = 0;  ///< of ours / published over passed and missed rows with relative error; 0 without any
};
template <class V>
void describe(V& v, ReproducedSummary& s) {
  v.field("accelerator", s.accelerator, "name", "what was published");
  v.field("pass", s.pass, "rows", "within the tolerance");
  v.field("miss", s.miss, "rows", "outside it");
  v.field("partial", s.partial, "rows", "means over a part of the workloads");
  v.field("fitted", s.fitted, "rows", "by which a parameter was chosen");
  v.field("not_run", s.not_run, "rows", "with the reason given");
  v.field("geomean", s.geomean, "ratio", "of ours / published over passed and missed rows");
}

/// Runs rows; a run that several rows share happens once.
class Reproduction {
 public:
  /// `collection`: the folder whose sub-folders hold the matrices; it need not exist. Means over a set of which some
  /// are absent are run on the others if `partial_means`.
  explicit Reproduction(std::string collection, bool partial_means = true)
      : collection_(std::move(collection)), partial_means_(partial_means) {}

  /// Rows in the order of the file. Throws InputError for a machine, dataflow or recipe that is none.
  std::vector<ReproducedRow> run(const PublishedFile& file);

 private:
  ReproducedRow single(const PublishedFile& file, const PublishedGroup& group, const std::string& workload,
                       double published);
  ReproducedRow mean(const PublishedFile& file, const PublishedGroup& group);
  void judge_group(const PublishedGroup& group, std::vector<ReproducedRow>& rows, std::size_t first);
  std::optional<double> ours(const PublishedFile& file, const PublishedGroup& group, const std::string& workload,
                             std::string& reason);
  std::optional<double> measured(const PublishedFile& file, const PublishedGroup& group,
                                 const PublishedMachine& machine, const std::string& workload, std::string& reason);
  bool here(const PublishedFile& file, const std::string& name) const;
  const Workload& workload(const PublishedFile& file, const PublishedGroup& group, const std::string& name,
                           const Config& config);
  std::string find_matrix(const std::string& name) const;

  std::string collection_;
  bool partial_means_;
  std::map<std::string, std::unique_ptr<Workload>> workloads_;
  std::map<std::string, RunReport> reports_;
};

std::vector<ReproducedSummary> summarise(const std::vector<ReproducedRow>& rows);
/// One page, without references to anything outside of it.
std::string reproduction_html(const std::vector<ReproducedRow>& rows);
/// $HEDDLE_MATRICES, or ../shared/matrices beside the source tree.
std::string default_collection();

}  // namespace heddle
