// The merging half of a machine, shared by row-wise and outer product: the dispatcher and the PEs.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "dataflows/dataflow.h"
#include "dataflows/dispatcher.h"
#include "dataflows/layout.h"
#include "sim/compute/merge_pe.h"
#include "sim/memory/cache.h"
#include "sim/memory/combining_buffer.h"

namespace heddle {

/// The combining buffer of a run of `workload`: it knows how many bytes of C lie in lines that rows share.
CombiningBuffer make_combining_buffer(const Workload& workload, const Config& config, const Layout& layout,
                                      Memory& dram, Kernel& kernel);

/// What the PEs of a run of `workload` have in common.
MergePeConfig merge_pe_config(const Config& config, const Layout& layout);

/// Settings of a merge stage. Everything referred to must outlive it.
struct MergeStageSpec {
  const Workload& workload;
  const Config& config;
  const RunOptions& options;
  const Layout& layout;
  Scheduler scheduler = Scheduler::dynamic_tasks;
  std::uint64_t partial_base = 0;  ///< where partial fibers made by leaf and inner tasks go, at a line boundary
  std::uint32_t first_track = 0;   ///< of the PEs in a timeline
};

class MergeStage {
 public:
  /// Registers the dispatcher, then the PEs with `kernel`. `streams` (row-wise) may be nullptr.
  MergeStage(const MergeStageSpec& spec, RowSource& rows, RowStreams* streams, Cache& cache, Memory& dram,
             CombiningBuffer& combining, Kernel& kernel);

  /// The dispatcher acts from cycle `at` on. Row-wise: 0, before Kernel::run(). Outer product: the first cycle of the
  /// merge phase, called in an earlier one (or in the same by an agent before the dispatcher).
  void begin(Cycle at) { dispatcher_.begin(at); }
  /// The account of every PE stands at `until` (call before begin(), with until <= the beginning): a phase without
  /// them.
  void charge_all(Cycle until, Tensor tensor, Cause cause);

  /// The last cycle in which the dispatcher or a PE worked.
  Cycle last_work() const;
  /// Close the accounts at `total` and add to `report`: nnz_c, actions.merge_inputs, stalls["pe"].
  /// Returns products formed by the PEs (kind b).
  std::uint64_t close(Cycle total, RunReport& report);
  /// C with values; call once, after the run.
  Csr take_c() { return std::move(c_); }

 private:
  DispatcherSpec dispatcher_spec(const MergeStageSpec& spec);

  Csr c_;  // filled by the PEs when values are carried
  MergePlanner planner_;
  Dispatcher dispatcher_;
  std::deque<MergePe> pes_;
};

}  // namespace heddle
