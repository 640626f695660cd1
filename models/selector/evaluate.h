// Everything `heddle selector evaluate` prints, as one JSON object. Figures are against the oracle (the best dataflow
// of each product in hindsight) over the same actions, on products the selector has not seen; "real" always by leaving
// out the collection group, "generated" by leaving out families.
#pragma once

#include <optional>
#include <string>

#include "models/selector/model.h"
#include "models/selector/score.h"
#include "sim/base/json.h"

namespace heddle::selector {

struct EvaluateOptions {
  std::uint32_t seeds = 5;
  std::uint32_t folds = 5;
};

/// How the dataflows compare: by machine, real and generated apart. Machines on which the best fixed dataflow is within
/// 10 % of the oracle on the real set do not count in the targets.
Json evaluate_problem(const Table& table);
/// Every selector on held-out real products, per counting machine and over them; and on held-out families, by seed.
Json evaluate_quality(const Table& table, const EvaluateOptions& options);
/// `model` as it is on products that no training here sees, in one score and per machine.
Json evaluate_unseen(const Table& unseen, const Model& model);
/// Trained on one kind of products, judged on another.
Json evaluate_shift(const Table& table, const EvaluateOptions& options);
/// What must not work: shuffled labels, names alone.
Json evaluate_leaks(const Table& table, const EvaluateOptions& options);
/// What selection costs, in cycles of the machine.
Json evaluate_cost(const Table& table, const Model& model);
/// The tree itself: depth curve, importances, confusion, bytes.
Json evaluate_tree(const Table& table, const Model& model, const EvaluateOptions& options);

inline constexpr double kCountingHeadroom = 1.10;

/// Machines on which the real set has a headroom of at least kCountingHeadroom, of those as their files have them.
std::vector<std::string> counting_machines(const Table& table);

/// Held-out choices on the real rows: for each, a model fitted to everything but its collection group. One model per
/// group; `real_too`: other groups' real rows are in the training set.
struct HeldOut {
  Rows rows;
  std::vector<std::size_t> by_tree, by_cycles, decided;
  std::vector<double> selection;  ///< cycles selection costs, with tree and regression
  std::vector<PerDataflow> predicted;
};
HeldOut held_out_real(const Table& table, const FitOptions& options, bool real_too = true);
/// The same over `rows` with folds of families.
HeldOut held_out_families(const Rows& rows, const FitOptions& options, std::uint64_t seed);

}  // namespace heddle::selector
