#include "tools/sweep/runner.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <optional>

#include "dataflows/point.h"
#include "sim/base/errors.h"
#include "tools/sweep/parallel.h"
#include "tools/sweep/point_writer.h"

namespace heddle {
namespace {

/// What is left to run of one matrix.
struct Group {
  std::size_t matrix = 0;
  double seconds = 0;
  std::vector<const PlannedRun*> runs;  ///< longest first
  std::size_t taken = 0, ended = 0;
};

/// Hands out points; matrix after matrix, so that few are in memory at a time.
class Queue {
 public:
  Queue(const Plan& plan, const PlanOptions& options, std::size_t matrices, Shelf& shelf) : shelf_(shelf) {
    std::vector<Group> groups(matrices);
    for (const PlannedRun& run : plan.runs) {
      if (!is_due(run, options)) continue;
      groups[run.matrix].seconds += run.seconds;
      groups[run.matrix].runs.push_back(&run);
    }
    for (std::size_t matrix = 0; matrix < matrices; ++matrix) {
      groups[matrix].matrix = matrix;
      auto& runs = groups[matrix].runs;
      std::stable_sort(runs.begin(), runs.end(),
                       [](const PlannedRun* x, const PlannedRun* y) { return x->seconds > y->seconds; });
      if (runs.empty())
        shelf.drop(matrix);
      else
        groups_.push_back(std::move(groups[matrix]));
    }
    std::stable_sort(groups_.begin(), groups_.end(),
                     [](const Group& x, const Group& y) { return x.seconds > y.seconds; });
  }

  /// nullptr at the end.
  const PlannedRun* take() {
    const std::lock_guard lock(mutex_);
    while (at_ < groups_.size() && groups_[at_].taken == groups_[at_].runs.size()) ++at_;
    if (at_ == groups_.size()) return nullptr;
    return groups_[at_].runs[groups_[at_].taken++];
  }

  void end(const PlannedRun& run) {
    const std::lock_guard lock(mutex_);
    const auto group =
        std::find_if(groups_.begin(), groups_.end(), [&](const Group& g) { return g.matrix == run.matrix; });
    if (++group->ended == group->runs.size()) shelf_.drop(run.matrix);
  }

 private:
  Shelf& shelf_;
  std::mutex mutex_;
  std::vector<Group> groups_;
  std::size_t at_ = 0;
};

struct Point {
  PointHeader header;
  PointRow row;
};

/// Runs one point; its status and error are in the header.
Point run_point(const Sweep& sweep, const PlannedRun& run, LoadedMatrices& loaded) {
  const EffectiveConfig& config = *run.variant->config;
  const CatalogEntry& dataflow = *run.variant->dataflow;
  PointRow row;
  row.identity = {config.config.machine.name, std::string(dataflow.name),
                  summarise(loaded.workload(), loaded.a_hash(), loaded.b_hash()), loaded.profile()};
  PointHeader header = spgemm_header(config.hash, row.identity.workload, dataflow.name);
  try {
    TimedRun timed = run_workload(dataflow, loaded.workload(), config.config, loaded.reference(sweep.check).get());
    row.report = std::move(timed.report);
    row.wall_seconds = timed.host.wall_seconds;
  } catch (const InputError& error) {
    header.error = error.what();
  } catch (const std::bad_alloc&) {
    header.error = "out of memory";
  } catch (const std::exception& error) {
    header.error = std::string("internal error: ") + error.what();
  }
  header.status = header.error.empty() ? PointStatus::ok : PointStatus::failed;
  return {std::move(header), std::move(row)};
}

}  // namespace

RunCounts run_plan(const Sweep& sweep, const Plan& plan, const PlanOptions& options, Shelf& shelf, Store* store,
                   Progress& progress) {
  std::optional<PointWriter> writer;
  if (store != nullptr) writer.emplace(*store, sweep.name, plan.points(sweep));
  Queue queue(plan, options, sweep.matrices.size(), shelf);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> ran{0}, failed{0};
  on_threads(options.jobs, stop, [&](unsigned thread) {
    while (!stop) {
      const PlannedRun* const run = queue.take();
      if (run == nullptr) break;
      progress.begin(thread, plan.label(sweep, *run));
      {
        const std::shared_ptr<LoadedMatrices> loaded = shelf.get(run->matrix);
        const Point point = run_point(sweep, *run, *loaded);
        if (point.header.status == PointStatus::failed) ++failed;
        if (writer) writer->put(point.header, point.row, run->variant->config->json);
      }
      ++ran;
      queue.end(*run);
      progress.end(thread, run->seconds);
    }
  });
  if (writer) writer->finish();
  return {ran, failed};
}

}  // namespace heddle
