// Labels in the result store: one point per product and machine of kind "selector_label", and one of kind
// "selector_measurement" with what a selector may know of it. The store's plan says which labels a table consists of.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/selector/label.h"
#include "models/selector/table.h"
#include "sim/store/store.h"

namespace heddle::selector {

inline constexpr const char* kLabelKind = "selector_label";
inline constexpr const char* kMeasuredKind = "selector_measurement";

struct LabelOptions {
  std::uint32_t jobs = 1;
  std::uint32_t shard = 0, shards = 1;  ///< pairs whose position mod shards is shard
  bool measure_only = false;            ///< simulate nothing: only measure what has a label
};

struct LabelProgress {
  std::size_t wanted = 0, present = 0, done = 0, failed = 0;
};

/// Simulates the pairs of the plan that the store has not got, each in a transaction of its own; `on_progress` is
/// called after each, from any thread but one at a time. A pair that fails is kept as failed, with its error.
LabelProgress label_all(const Plan& plan, const std::vector<PairRecipe>& pairs, Store& store,
                        const LabelOptions& options, const std::function<void(const LabelProgress&)>& on_progress);

/// Examples that are complete, of the plan of this name (empty: of all plans in the store), in order of plan and id.
Table read_table(Store& store, const std::string& plan = {});

}  // namespace heddle::selector
