// The end of every run: derived figures of the report, and the laws it must obey.
#pragma once

#include "dataflows/dataflow.h"
#include "sim/memory/cache.h"
#include "sim/memory/dram.h"

namespace heddle {

/// Bytes by tensor after Dram::close(). Throws LawViolation when they do not add up to the bytes on the channels or a
/// channel was above its peak.
DramBytes dram_bytes_of(const Dram& dram);
DramCommands dram_commands_of(const Dram& dram);
/// Both of these, and what `cache` counted if there is one, into `report`.
void report_memory(const Dram& dram, const Cache* cache, RunReport& report);

/// What row-wise and outer product are made of; `buffer_bytes` outside of the PEs.
Resources merge_resources(const Config& config, std::uint64_t buffer_bytes);

/// `report` holds what the model counted: cycles, products formed, nnz_c written, dram_bytes, sram_bytes, cache,
/// stalls, actions, resources, fidelity. Adds everything derived from it, then check_laws().
void finish(DataflowKind kind, const Workload& workload, const Config& config, RunReport& report);

/// Throws LawViolation naming the law and both sides:
///   products   formed = products of the workload
///   results    nnz written = nnz(C)
///   accounts   busy + stalls + no_work + idle = agents x cycles, for every group
///   time       cycles >= every lower bound
///   traffic    bytes over the channels >= what this dataflow moves in every case
/// Of a sampled run the bound on time is relaxed by its error bound.
void check_laws(DataflowKind kind, const Workload& workload, const Config& config, const RunReport& report);

/// |c - reference| <= 1e-9 sum |a b| element by element, and the same pattern, structural zeros kept. Throws
/// LawViolation naming the first element that differs.
void check_product(const ReferenceProduct& reference, const Csr& c);

}  // namespace heddle
