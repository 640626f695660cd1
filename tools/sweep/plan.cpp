#include "tools/sweep/plan.h"

#include <algorithm>
#include <numeric>
#include <queue>
#include <set>
#include <utility>

#include "dataflows/point.h"
#include "tools/heddle/estimate.h"
#include "tools/sweep/parallel.h"

namespace heddle {
namespace {

/// The points of one matrix. `store`: where some may be already, or nullptr.
std::vector<PlannedRun> runs_of(const Sweep& sweep, std::size_t matrix, LoadedMatrices& loaded, Store* store) {
  WorkloadSummary hashes;
  hashes.a_hash = loaded.a_hash();
  hashes.b_hash = loaded.b_hash();
  std::vector<PlannedRun> runs;
  for (const Variant& variant : sweep.variants) {
    if (sweep.excludes(variant, sweep.matrices[matrix].name)) continue;
    PlannedRun run;
    run.matrix = matrix;
    run.variant = &variant;
    run.key = spgemm_header(variant.config->hash, hashes, variant.dataflow->name).key;
    if (store != nullptr) run.status = store->status(run.key);
    runs.push_back(std::move(run));
  }
  return runs;
}

void add_costs(std::vector<PlannedRun>& runs, LoadedMatrices& loaded, const PlanOptions& options) {
  for (PlannedRun& run : runs)
    if (options.all_costs || options.shard.count > 1 || is_due(run, options))
      run.seconds = estimate_seconds(*run.variant->dataflow, loaded.workload(), run.variant->config->config);
}

/// The longest first, each to the shard with the least to do so far.
void deal(std::vector<PlannedRun>& runs, std::uint32_t shards) {
  using Load = std::pair<double, std::uint32_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::uint32_t shard = 1; shard <= shards; ++shard) loads.push({0.0, shard});
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t x, std::size_t y) { return runs[x].seconds > runs[y].seconds; });
  for (const std::size_t i : order) {
    const auto [load, shard] = loads.top();
    loads.pop();
    runs[i].shard = shard;
    loads.push({load + runs[i].seconds, shard});
  }
}

}  // namespace

std::string Plan::label(const Sweep& sweep, const PlannedRun& run) const {
  return sweep.matrices[run.matrix].name + " " + run.variant->label;
}

std::vector<PlannedPoint> Plan::points(const Sweep& sweep) const {
  std::vector<PlannedPoint> points;
  points.reserve(runs.size());
  for (const PlannedRun& run : runs) points.push_back({run.key, label(sweep, run)});
  return points;
}

bool is_due(const PlannedRun& run, const PlanOptions& options) {
  const bool missing = !run.status || (options.retry && *run.status == PointStatus::failed);
  return missing && run.shard == options.shard.index;
}

Plan make_plan(const Sweep& sweep, Shelf& shelf, Store* store, const PlanOptions& options) {
  const bool holds_points = store != nullptr && store->count(PointStatus::ok) + store->count(PointStatus::failed) != 0;
  std::vector<std::vector<PlannedRun>> by_matrix(sweep.matrices.size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  on_threads(options.jobs, stop, [&](unsigned) {
    for (std::size_t matrix = next++; matrix < sweep.matrices.size() && !stop; matrix = next++) {
      const std::shared_ptr<LoadedMatrices> loaded = shelf.get(matrix);
      by_matrix[matrix] = runs_of(sweep, matrix, *loaded, holds_points ? store : nullptr);
      PlanOptions any_shard = options;  // which shard a point is in follows from the costs of all
      any_shard.shard.index = 1;
      add_costs(by_matrix[matrix], *loaded, any_shard);
      shelf.put_back(matrix);
    }
  });
  Plan plan;
  std::set<std::string> keys;
  for (std::vector<PlannedRun>& runs : by_matrix)
    for (PlannedRun& run : runs) {
      if (keys.insert(run.key).second)
        plan.runs.push_back(std::move(run));
      else
        ++plan.duplicates;
    }
  if (options.shard.count > 1) deal(plan.runs, options.shard.count);
  return plan;
}

}  // namespace heddle
