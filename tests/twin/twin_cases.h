// Random workloads on shrunk machines, and the comparison of a twin with the fast model.
#pragma once

#include <cstdint>
#include <string>

#include "dataflows/config.h"
#include "dataflows/dataflow.h"
#include "tests/twin/twin_machine.h"

namespace heddle::twin {

struct Case {
  std::uint64_t seed;
  Workload workload;
  Config config;
};

/// The same for the same arguments, on every platform. The config passes the validation of the dataflow.
Case make_case(DataflowKind dataflow, std::uint64_t seed, DramKind dram);

TwinResult run_twin(DataflowKind dataflow, const Workload& workload, const Config& config, Mutation mutation = {});
RunResult run_fast(DataflowKind dataflow, const Workload& workload, const Config& config);

/// Empty when every figure is equal, else the first that differs, and how many do.
std::string difference(const TwinResult& twin, const RunReport& fast);

/// The seed, the shapes and the figures of the machine, for whoever has to find out what went wrong.
std::string describe_case(const Case& c);

}  // namespace heddle::twin
