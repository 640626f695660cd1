// Requests for networks on one accelerator that can be preempted between layers. The same policies as for the robot's
// CPUs (CFS, EDF) beside FCFS, SJF, PREMA (HPCA 2020), Planaria's score (MICRO 2020), a DREAM-style score (ASPLOS 2023)
// and Dysta (MICRO 2023), as the request-table simulator of Dysta states them. Time is in cycles of the accelerator.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/base/describe.h"
#include "sim/kernel/account.h"

namespace heddle::robot {

enum class Dispatch : std::uint8_t { fcfs, sjf, cfs, edf, prema, planaria, dream, dysta };
std::span<const EnumName<Dispatch>> enum_names(Dispatch);

/// Cycles of each layer, for several inputs of different sparsity.
struct RequestModel {
  std::string name;
  std::vector<std::vector<std::uint64_t>> samples;  ///< by sample, by layer; equal numbers of layers
  /// Means over the samples: what a scheduler may know.
  double mean_layer(std::size_t layer) const;
  double mean_total() const;
};

struct Request {
  std::size_t model = 0, sample = 0;
  std::uint32_t priority = 1;
  Cycle arrival = 0;
};

struct ArrivalConfig {
  std::uint32_t requests = 1000;
  double load = 0.9;
  double slo_multiple = 10;
  std::vector<std::uint32_t> priorities = {1, 3, 9};
};
template <class V>
void describe(V& v, ArrivalConfig& c) {
  v.field("requests", c.requests, "count", "per run", in_range(1, 1000000));
  v.field("load", c.load, "fraction", "arrival rate x mean isolated time (Poisson)", in_range(0.001, 100));
  v.field("slo_multiple", c.slo_multiple, "x", "deadline: arrival + so many mean isolated times", in_range(1, 1e6));
  v.field("priorities", c.priorities, "", "drawn uniformly", in_range(1, 1000));
}

/// Seeded; models and samples drawn uniformly.
std::vector<Request> draw_requests(std::span<const RequestModel> models, const ArrivalConfig& config,
                                   std::uint64_t seed);

struct DispatchConfig {
  double slo_multiple = 10;
  std::uint64_t switch_cycles = 0;
  double dysta_beta = 0.01;
  double dream_alpha = 1;
  std::uint64_t cfs_slice_cycles = 10'000;
};
template <class V>
void describe(V& v, DispatchConfig& c) {
  v.field("slo_multiple", c.slo_multiple, "x", "as for the arrivals", in_range(1, 1e6));
  v.field("switch_cycles", c.switch_cycles, "cycles", "when another request runs than before", at_least(0));
  v.field("dysta_beta", c.dysta_beta, "", "weight of slack and waiting", in_range(0, 1e6));
  v.field("dream_alpha", c.dream_alpha, "", "weight of starvation", in_range(0, 1e6));
  v.field("cfs_slice_cycles", c.cfs_slice_cycles, "cycles", "CFS looks for another request after so long", at_least(1));
}

struct DispatchResult {
  double violation_rate = 0;  ///< requests that end after their deadline
  double antt = 0;            ///< mean of turnaround / isolated time of that very request
  double stp = 0;  ///< requests per cycle from the first arrival to the last end, times the mean isolated time
  std::uint64_t switches = 0;
  Cycle end = 0;
  Cycle busy = 0, switching = 0;
};

/// Track: "accelerator".
DispatchResult run_requests(std::span<const RequestModel> models, std::span<const Request> requests, Dispatch policy,
                            const DispatchConfig& config, ActivitySink* timeline = nullptr);

}  // namespace heddle::robot
