// Streams: the engine, the network and their bounds, by switching cost and phase length.
#pragma once

#include <vector>

#include "models/selector/engine.h"
#include "models/selector/environment.h"
#include "models/selector/evaluate.h"

namespace heddle::selector {

/// Products on machines as their files have them, with predictions of models that have not seen their family.
/// `training` takes the families of all folds but the first, `judged` those of the first: their products never meet.
struct StreamSets {
  StreamPool training, judged;
};
StreamSets stream_sets(const Table& table, std::uint64_t seed);

/// 20 cycles (a mode switch on the chip, Harmonia) to a second at 1 GHz (an FPGA's bitstream; general practice).
std::vector<double> switching_costs();

/// `count` streams per switching cost and phase length 4, 16 and 64, from the judged families.
std::vector<Stream> judged_streams(const StreamPool& pool, std::uint32_t count, std::uint64_t seed);

/// Totals of every policy over judged streams; `policy` may be absent.
Json evaluate_streams(const StreamPool& pool, const Policy* policy, std::uint64_t seed);

}  // namespace heddle::selector
