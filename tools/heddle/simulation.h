// One matrix product on one machine: load, run, check, measure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataflows/dataflow.h"

namespace heddle {

enum class CheckMode : std::uint8_t { automatic, on, off };

/// Products up to which `automatic` forms and compares C.
inline constexpr std::uint64_t kAutomaticCheckProducts = 20'000'000;

/// What the host needed for one run; the file is read before.
struct HostCost {
  double wall_seconds = 0;
  double products_per_second = 0;
  std::uint64_t peak_rss_bytes = 0;  ///< of the process so far
};
template <class V>
void describe(V& v, HostCost& h) {
  v.field("wall_seconds", h.wall_seconds, "s", "simulation only, without reading the file");
  v.field("products_per_second", h.products_per_second, "1/s", "products simulated per second of wall time");
  v.field("peak_rss_bytes", h.peak_rss_bytes, "bytes", "peak memory of the process");
}

struct TimedRun {
  RunReport report;
  HostCost host;
};

/// One matrix on one machine, a run per dataflow.
struct Experiment {
  Workload workload;
  std::string a_hash, b_hash;  ///< of shape, pattern and values
  Config config;
  std::shared_ptr<const ReferenceProduct> reference;  ///< what C must be; nullptr: not checked
  std::vector<TimedRun> runs;
};

struct OperandChoice {
  std::optional<std::string> b;  ///< file of B
  bool b_transposed = false;     ///< B is A transposed
  bool swap = false;             ///< what is run is B' * A'
};
/// "-" is standard input. B is A unless chosen otherwise. Throws InputError.
Experiment load_experiment(const std::string& a_path, const OperandChoice& choice, const Config& config);

/// Forms the reference product if `mode` asks for a check of this workload.
void prepare_check(Experiment& experiment, CheckMode mode);

/// Runs one dataflow. With a reference, C is formed in the hardware's order and compared; throws LawViolation when they
/// differ. Several threads may run the same workload.
TimedRun run_workload(const CatalogEntry& entry, const Workload& workload, const Config& config,
                      const ReferenceProduct* reference, ActivitySink* sink = nullptr);

/// The same for a dataflow of the experiment.
TimedRun run_dataflow(const CatalogEntry& entry, const Experiment& experiment, ActivitySink* sink);

}  // namespace heddle
