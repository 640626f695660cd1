#include "dataflows/inner_product/simulation.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "dataflows/converter.h"
#include "dataflows/finish.h"

namespace heddle::inner_product {
namespace {

/// Bytes of shared lines of C that come from rows ending in scheduled folds.
std::uint64_t shared_bytes(const Problem& problem, const std::vector<FoldRange>& schedule) {
  const Csr& a = *problem.workload.a;
  std::uint64_t bytes = 0;
  auto range = schedule.begin();
  for (std::uint32_t row = 0; row < a.rows && range != schedule.end(); ++row) {
    if (a.row_nnz(row) == 0) continue;
    const std::uint64_t fold = (a.pointers[row + 1] - 1) / problem.fold_size;
    while (range != schedule.end() && fold >= range->end) ++range;
    if (range != schedule.end() && fold >= range->first) bytes += RowOfC(problem.layout.c, row).shared_bytes();
  }
  return bytes;
}

}  // namespace

Problem::Problem(const Workload& w, const Config& c)
    : workload(w),
      config(c),
      layout(make_layout(w, c.layout, w.b->cols, w.b->nnz())),
      fold_size(c.machine.pe.all_multipliers()),
      folds((w.a->nnz() + fold_size - 1) / fold_size),
      tiling(w, c, layout, fold_size) {}

std::vector<FoldRange> Problem::all_folds() const {
  if (nothing_to_compute()) return {};
  return {{0, folds}};
}

Simulated simulate(const Problem& problem, const DramConfig& dram_config, const std::vector<FoldRange>& schedule,
                   ActivitySink* sink) {
  const Config& config = problem.config;
  const Layout& layout = problem.layout;
  const Workload& workload = problem.workload;
  Simulated result;
  if (sink != nullptr) {
    sink->on_track(0, "array", 0);
    result.account.attach(sink, 0);
  }

  Kernel kernel;
  const std::unique_ptr<Dram> dram = make_dram(dram_config, config.machine.clock, kernel, sink);
  CombiningBuffer combining(config.machine.combining_lines, layout.c.base(), layout.c.end(),
                            shared_bytes(problem, schedule), *dram, kernel);
  std::optional<Converter> converter;
  if (config.inner_product.convert == Convert::charged)
    converter.emplace(make_conversion(config, *workload.b, layout.b_pointers, layout.b, layout, Tensor::b), *dram,
                      kernel);
  FoldPlanner planner(workload, config, layout, problem.tiling, problem.fold_size);
  MultiplierArray array({workload, config, layout, problem.tiling, planner, *dram, combining, kernel, result.account},
                        schedule, converter.has_value());
  if (converter) converter->set_successor(array.id());

  const Cycle last_step = kernel.run();
  result.cycles = std::max(array.last_work() + 1, dram->last_write_done());
  result.convert_cycles = converter ? converter->end() : 0;
  result.account.close(result.cycles);
  dram->close(std::max(result.cycles, last_step));
  result.counts = array.counts();
  result.dram_bytes = dram_bytes_of(*dram);
  result.dram_commands = dram_commands_of(*dram);
  result.fold_starts = array.fold_starts();
  return result;
}

}  // namespace heddle::inner_product
