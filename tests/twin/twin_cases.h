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

/// Collects what every agent of the fast model did in every cycle.
class Timeline final : public ActivitySink {
 public:
  void on_track(std::uint32_t track, std::string_view group, std::uint32_t index) override {
    names_[track] = {std::string(group), index};
  }
  void on_interval(std::uint32_t track, Cycle from, Cycle to, Activity activity) override {
    std::vector<Cell>& agent = cells[names_.at(track)];
    HEDDLE_CHECK(agent.size() == from);
    agent.resize(to, activity);
  }
  std::map<std::pair<std::string, std::uint32_t>, std::vector<Cell>> cells;  ///< (group, index) -> cell by cycle

 private:
  std::map<std::uint32_t, std::pair<std::string, std::uint32_t>> names_;
};

struct FastResult {
  RunReport report;
  Timeline timeline;
};
FastResult run_fast(DataflowKind dataflow, const Workload& workload, const Config& config);

/// Empty when every figure and every cycle of every agent is equal, else what differs first, and how much does.
std::string difference(const TwinResult& twin, const FastResult& fast);

/// The seed, the shapes and the figures of the machine, for whoever has to find out what went wrong.
std::string describe_case(const Case& c);

}  // namespace heddle::twin
