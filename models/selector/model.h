// The trained tree selector: a classification tree that says which dataflow, and per dataflow a boosted sum of small
// regression trees (Friedman 2001) that says how many cycles, as a correction of the closed form. One file,
// models/selector/trained/tree.json.
#pragma once

#include <array>
#include <string>

#include "models/selector/table.h"
#include "models/selector/train_tree.h"
#include "models/selector/tree.h"

namespace heddle::selector {

struct Model {
  Tree classifier;
  std::array<std::vector<Tree>, kDataflows> regressors;  ///< log2(cycles / closed form): sum of value[0]
  std::vector<double> importance;                        ///< of the classifier, by feature
  std::string manifest;                                  ///< how it was made, one line

  std::size_t choose(const Features& features) const { return classifier.choose(features); }
  /// log2 of the cycles of each dataflow.
  PerDataflow predict(const Features& features, const PerDataflow& form) const;
  /// Of the classifier's path, and of the regression trees, which the PEs walk side by side.
  std::uint64_t comparisons(const Features& features, std::uint64_t pes) const;
  /// The dataflow with the fewest predicted cycles.
  std::size_t choose_by_cycles(const Features& features, const PerDataflow& form) const {
    return smallest(predict(features, form));
  }
  /// The shipped rule: by predicted cycles where they are clearly apart, by the classifier in between.
  std::size_t decide(const Features& features, const PerDataflow& form) const;
};

/// Predictions closer than this ratio are left to the classifier. By cross-validation over the generated families: 1.05
/// and 1.00 are within 0.02 % of each other, 1.15 is 0.1 % worse.
inline constexpr double kNearTie = 1.05;

/// What a fit may use and how deep it may go. Depth 0: chosen by cross-validation over families, as is the leaf size.
struct FitOptions {
  Criterion criterion = Criterion::cost;
  CostClass features = CostClass::sampled;  ///< the dearest class it may look at
  bool machine_features = true;
  std::uint32_t depth = 0;
  std::uint32_t min_leaf = 0;
  std::uint32_t folds = 5;
  std::uint64_t seed = 1;  ///< which family is in which fold
  bool regressors = true;
};

/// Mean log2 slowdown on held-out families, by depth and leaf size.
struct DepthPoint {
  std::uint32_t depth = 0, min_leaf = 0;
  double accuracy = 0, geomean = 1;
};
template <class V>
void describe(V& v, DepthPoint& d) {
  v.field("depth", d.depth, "comparisons", "deepest leaf");
  v.field("min_leaf", d.min_leaf, "examples", "smallest leaf");
  v.field("accuracy", d.accuracy, "fraction", "on held-out families, chosen within 1 % of the best");
  v.field("geomean", d.geomean, "ratio", "slowdown on held-out families");
}
std::vector<DepthPoint> depth_curve(const Rows& rows, const FitOptions& options);

Model fit(const Rows& rows, const FitOptions& options);

/// Fold of each row such that rows of one family, or with the same pattern, are in one fold. Deterministic per seed.
std::vector<std::uint32_t> folds_by_family(const Rows& rows, std::uint32_t folds, std::uint64_t seed);

/// Share of the accuracy that is lost when one feature is shuffled among the rows, by feature; >= 0 up to noise.
std::vector<double> permutation_importance(const Model& model, const Rows& rows, std::uint64_t seed);

Json model_json(const Model& model);
/// Throws InputError naming the file.
Model load_model(const std::string& path);

}  // namespace heddle::selector
