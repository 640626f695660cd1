#include "tools/heddle/simulation.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <utility>

#include "dataflows/finish.h"
#include "matrices/load_matrix.h"
#include "matrices/operands.h"
#include "matrices/summary.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

Csr load(const std::string& path) {
  return (path == "-" ? load_matrix(std::cin, path) : load_matrix(path)).matrix;
}

std::uint64_t peak_rss_bytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::string shape_text(const Csr& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.cols);
}

}  // namespace

Experiment load_experiment(const std::string& a_path, const OperandChoice& choice, const Config& config) {
  if (a_path == "-" && choice.b == "-") throw InputError("--b: standard input is A already");
  const auto a = std::make_shared<const Csr>(load(a_path));
  Operands operands = {a, a};
  std::string a_name = a_path, b_name = a_path;
  if (choice.b) {
    operands.b = std::make_shared<const Csr>(load(*choice.b));
    b_name = *choice.b;
  } else if (choice.b_transposed) {
    operands.b = std::make_shared<const Csr>(transpose(*a));
    b_name = "transpose of " + a_path;
  } else if (a->rows != a->cols) {
    throw InputError(
        a_path + ": " + shape_text(*a) +
        " is not square, so A*A does not exist; expected --b-transposed (A times its transpose) or --b MATRIX");
  }
  if (choice.swap) {
    operands = swapped(operands);
    a_name = "transpose of " + std::exchange(b_name, "transpose of " + a_path);
  }
  Experiment experiment;
  experiment.a_hash = matrix_hash(*operands.a);
  experiment.b_hash = operands.b == operands.a ? experiment.a_hash : matrix_hash(*operands.b);
  experiment.workload = make_workload(operands.a, operands.b, a_name, b_name);
  experiment.config = config;
  return experiment;
}

void prepare_check(Experiment& experiment, CheckMode mode) {
  const bool small = experiment.workload.products <= kAutomaticCheckProducts;
  if (mode == CheckMode::on || (mode == CheckMode::automatic && small))
    experiment.reference = std::make_shared<const ReferenceProduct>(reference_product(experiment.workload));
}

TimedRun run_workload(const CatalogEntry& entry, const Workload& workload, const Config& config,
                      const ReferenceProduct* reference, ActivitySink* sink) {
  const bool checks = reference != nullptr;
  const auto begin = std::chrono::steady_clock::now();
  RunResult result = entry.run(workload, config, {checks, sink});
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  if (checks) {
    HEDDLE_CHECK(result.c.has_value());
    check_product(*reference, *result.c);
    result.report.checked = true;
  }
  TimedRun run{std::move(result.report), {}};
  run.host.wall_seconds = elapsed.count();
  run.host.products_per_second = static_cast<double>(workload.products) / std::max(elapsed.count(), 1e-9);
  run.host.peak_rss_bytes = peak_rss_bytes();
  return run;
}

TimedRun run_dataflow(const CatalogEntry& entry, const Experiment& experiment, ActivitySink* sink) {
  return run_workload(entry, experiment.workload, experiment.config, experiment.reference.get(), sink);
}

}  // namespace heddle
