// The parts the twins of the dataflows share: memory by kind, C's structure, PEs, and the end of a run.
#pragma once

#include <memory>
#include <vector>

#include "dataflows/config.h"
#include "matrices/workload.h"
#include "tests/twin/twin_array.h"
#include "tests/twin/twin_banked_dram.h"
#include "tests/twin/twin_dispatcher.h"
#include "tests/twin/twin_flat_dram.h"
#include "tests/twin/twin_pe.h"

namespace heddle::twin {

struct InnerMutation {
  bool writes_before_starts = false;
  bool groups_without_matches_skipped = false;
  bool steps_of_groups_counted_once = false;
  bool groups_counted_as_full = false;
};

/// All deviations the tests can ask for.
struct Mutation {
  CacheMutation cache;
  bool banks_after_requesters = false;
  bool combining_after_pes = false;
  bool control_after_pes = false;
  bool pes_backwards = false;
  bool streams_backwards = false;
  bool converter_reads_first = false;
  PeMutation pe;
  DispatcherMutation dispatcher;
  ArrayMutation array;
  InnerMutation inner;
};

std::unique_ptr<TwinMemory> make_memory(const Machine& machine, WorkLog& log);

/// Coordinates of each row of C, and the bytes it lies in.
std::vector<std::vector<Coordinate>> structure_of_c(const Workload& workload);
std::vector<ByteRange> byte_ranges_of_c(const Workload& workload, const Config& config, const Layout& layout);

/// Memory, cache, combining buffer and PEs of row-wise and outer product.
struct MergeMachine {
  MergeMachine(const Workload& workload, const Config& config, const Layout& layout, Mutation mutation);

  /// One cycle in the order of the agents: banks, combining buffer, `control` (array, dispatcher, streams), PEs.
  void step(Cycle t, const std::function<void(Cycle)>& control);
  bool done() const;
  /// Cycles, traffic, counts and the PEs' accounts.
  TwinResult result() const;

  Mutation mutation;
  WorkLog log;
  std::unique_ptr<TwinMemory> memory;
  TwinCache cache;
  std::vector<ByteRange> c_rows;
  TwinCombiningBuffer combining;
  std::vector<TwinPe> pes;
};

/// What every dataflow reports of its memory and its end.
TwinResult memory_result(const TwinMemory& memory, const WorkLog& log);

/// The three twins. Option `convert` etc. are in the config.
TwinResult twin_row_wise(const Workload& workload, const Config& config, Mutation mutation = {});
TwinResult twin_outer_product(const Workload& workload, const Config& config, Mutation mutation = {});
TwinResult twin_inner_product(const Workload& workload, const Config& config, Mutation mutation = {});
/// Row-wise with merge `queues`.
TwinResult twin_queues(const Workload& workload, const Config& config);
/// Row-wise with merge `windows`.
TwinResult twin_windows(const Workload& workload, const Config& config, Mutation mutation = {});
/// Inner product with control `tiled`; throws InputError when the tiles do not fit.
TwinResult twin_tiled(const Workload& workload, const Config& config, Mutation mutation = {});

}  // namespace heddle::twin
