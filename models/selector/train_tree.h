// CART (Breiman, Friedman, Olshen, Stone 1984), deterministic: of equal splits the first feature, the lowest threshold.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/selector/tree.h"

namespace heddle::selector {

enum class Criterion : std::uint8_t {
  accuracy,  ///< Gini over the best dataflows, every example alike; a leaf says the most frequent
  cost,      ///< Gini weighted by what a wrong choice costs; a leaf says the dataflow of least total log slowdown
  variance   ///< squared error of target[0]; a leaf says the mean
};
constexpr EnumName<Criterion> kCriterionNames[] = {{Criterion::accuracy, "accuracy", "every example weighs the same"},
                                                   {Criterion::cost, "cost", "examples weigh what a mistake costs"},
                                                   {Criterion::variance, "variance", "regression"}};
constexpr std::span<const EnumName<Criterion>> enum_names(Criterion) {
  return kCriterionNames;
}

struct TrainingRow {
  const Features* features;
  PerDataflow target;  ///< log2 slowdowns; or the number to predict, in target[0]
};

struct TreeOptions {
  Criterion criterion = Criterion::cost;
  std::uint32_t max_depth = 8;
  std::uint32_t min_leaf = 8;
  std::vector<bool> allowed;  ///< by feature; empty: all
};

struct TrainedTree {
  Tree tree;
  std::vector<double> importance;  ///< by feature: share of the impurity taken away
};

/// Thresholds lie half-way between neighbouring values, of which at most kMostCuts per feature are candidates (evenly
/// spaced in rank). O(features x (rows x log rows + rows x depth + kMostCuts x nodes)).
inline constexpr std::size_t kMostCuts = 511;

/// The candidate thresholds of a set of rows, made once for any number of trees.
class Bins {
 public:
  explicit Bins(std::span<const TrainingRow> rows);
  const std::vector<double>& cuts(std::size_t feature) const { return cuts_[feature]; }
  /// A row is left of cut c when its bin is <= c.
  std::uint16_t bin(std::size_t feature, std::uint32_t row) const { return bins_[feature * rows_ + row]; }

 private:
  std::size_t rows_;
  std::array<std::vector<double>, kFeatureCount> cuts_;
  std::vector<std::uint16_t> bins_;
};

/// `bins` are those of the same rows; their targets may differ.
TrainedTree train_tree(std::span<const TrainingRow> rows, const Bins& bins, const TreeOptions& options);
TrainedTree train_tree(std::span<const TrainingRow> rows, const TreeOptions& options);

}  // namespace heddle::selector
