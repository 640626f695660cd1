// Streams of products on one machine that can load one dataflow at a time: loading another costs cycles. The loaded
// dataflow is part of the state, so choices have a future: here, and only here, learning by reinforcement has a problem
// that a classifier has not.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/selector/model.h"
#include "models/selector/table.h"
#include "sim/base/random.h"

namespace heddle::selector {

/// One product of a stream: what it takes, and what the regression trees say beforehand.
struct StreamStep {
  PerDataflow cycles{};
  PerDataflow predicted{};  ///< cycles
};

struct Stream {
  std::vector<StreamStep> steps;
  double switch_cycles = 0;
  std::size_t loaded = 0;  ///< at the start
};

struct StreamOptions {
  std::uint32_t steps = 128;
  double phase_length = 16;  ///< mean, geometric
  double switch_cycles = 1000;
};

/// Examples with their predicted cycles, by machine and family: what streams are drawn from. All predictions are by
/// models that have not seen the example.
class StreamPool {
 public:
  void add(const Example& example, const PerDataflow& predicted_log2);
  /// A machine, then phases of one family each, products of it drawn at random. Starts with a random dataflow.
  Stream draw(const StreamOptions& options, Random& random) const;
  bool empty() const { return machines_.empty(); }

 private:
  struct Family {
    std::string name;
    std::vector<StreamStep> steps;
  };
  struct MachinePool {
    std::string name;
    std::vector<Family> families;
  };
  std::vector<MachinePool> machines_;
};

/// A decision before each product: which dataflow is to be loaded for it.
using StreamPolicy = std::function<std::size_t(const Stream&, std::size_t step, std::size_t loaded)>;

/// Total cycles, switches included.
double run_stream(const Stream& stream, const StreamPolicy& policy);
/// Least total in hindsight, by dynamic programming.
double best_in_hindsight(const Stream& stream);
/// Total when `dataflow` is loaded first and kept.
double stay_with(const Stream& stream, std::size_t dataflow);
/// Total when the start is kept.
inline double stay(const Stream& stream) {
  return stay_with(stream, stream.loaded);
}

}  // namespace heddle::selector
