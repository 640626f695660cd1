#include "models/selector/train_tree.h"

#include <algorithm>
#include <numeric>

#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

/// A mistake beyond a factor 8 weighs as one of a factor 8: far from any border, more weight teaches nothing.
constexpr double kMostWeight = 3;
constexpr double kLeastWeight = 0.002;

/// Sums over a set of examples from which its impurity follows.
struct Sums {
  double weight = 0, squares = 0;
  PerDataflow of{};  ///< weight by class; of[0] the sum of targets in a regression
  void add(const Sums& other, double sign) {
    weight += sign * other.weight;
    squares += sign * other.squares;
    for (std::size_t d = 0; d < kDataflows; ++d) of[d] += sign * other.of[d];
  }
  /// Total, not mean: weight x Gini, or the squared error.
  double impurity(bool regression) const {
    if (weight <= 0) return 0;
    if (regression) return std::max(0.0, squares - of[0] * of[0] / weight);
    double sum = 0;
    for (const double w : of) sum += w * w;
    return std::max(0.0, weight - sum / weight);
  }
};

std::vector<double> cuts_of(const std::vector<double>& sorted) {
  std::vector<double> cuts;
  const std::size_t step = std::max<std::size_t>(1, sorted.size() / kMostCuts + (sorted.size() % kMostCuts != 0));
  for (std::size_t i = step; i < sorted.size(); i += step) {
    const double below = sorted[i - 1];
    const auto above =
        step == 1 ? sorted.begin() + std::ptrdiff_t(i) : std::upper_bound(sorted.begin(), sorted.end(), below);
    if (above == sorted.end() || *above == below) continue;
    const double cut = below + (*above - below) / 2;
    if (cuts.empty() || cut > cuts.back()) cuts.push_back(cut);
  }
  return cuts;
}

class Trainer {
 public:
  Trainer(std::span<const TrainingRow> rows, const Bins& bins, const TreeOptions& options)
      : rows_(rows), options_(options), bins_(bins), order_(rows.size()), importance_(kFeatureCount, 0) {
    std::iota(order_.begin(), order_.end(), 0u);
    for (const TrainingRow& row : rows) single_.push_back(sums_of(row));
  }

  TrainedTree run() {
    HEDDLE_CHECK(!rows_.empty());
    grow(0, order_.size(), 0);
    double total = 0;
    for (const double share : importance_) total += share;
    if (total > 0)
      for (double& share : importance_) share /= total;
    return {Tree(std::move(nodes_)), std::move(importance_)};
  }

 private:
  bool regression() const { return options_.criterion == Criterion::variance; }

  Sums sums_of(const TrainingRow& row) const {
    Sums sums;
    if (regression()) {
      sums.weight = 1;
      sums.of[0] = row.target[0];
      sums.squares = row.target[0] * row.target[0];
      return sums;
    }
    PerDataflow sorted = row.target;
    std::sort(sorted.begin(), sorted.end());
    const bool costly = options_.criterion == Criterion::cost;
    sums.weight = costly ? std::clamp(sorted[1] - sorted[0], kLeastWeight, kMostWeight) : 1;
    sums.of[smallest(row.target)] = sums.weight;
    return sums;
  }

  struct Split {
    double gain = 0;
    std::size_t feature = 0, cut = 0;
  };

  struct Bin {
    Sums sums;
    std::size_t count = 0;
  };

  void try_feature(std::size_t feature, std::size_t begin, std::size_t end, const Sums& all, Split& best) {
    const std::vector<double>& cuts = bins_.cuts(feature);
    if (cuts.empty()) return;
    histogram_.assign(cuts.size() + 1, {});
    for (std::size_t i = begin; i < end; ++i) {
      Bin& bin = histogram_[bins_.bin(feature, order_[i])];
      bin.sums.add(single_[order_[i]], 1);
      ++bin.count;
    }
    Sums left;
    Sums right = all;
    std::size_t count = 0;
    const double parent = all.impurity(regression());
    for (std::size_t c = 0; c < cuts.size(); ++c) {
      if (histogram_[c].count == 0) continue;
      left.add(histogram_[c].sums, 1);
      right.add(histogram_[c].sums, -1);
      count += histogram_[c].count;
      if (count < options_.min_leaf || end - begin - count < options_.min_leaf) continue;
      const double gain = parent - left.impurity(regression()) - right.impurity(regression());
      if (gain > best.gain * (1 + 1e-9) + 1e-12) best = {gain, feature, c};
    }
  }

  PerDataflow leaf_value(std::size_t begin, std::size_t end) const {
    PerDataflow value{};
    for (std::size_t i = begin; i < end; ++i) {
      const PerDataflow& target = rows_[order_[i]].target;
      const std::size_t label = smallest(target);
      for (std::size_t d = 0; d < kDataflows; ++d)
        value[d] += options_.criterion == Criterion::accuracy ? (d == label ? 0.0 : 1.0) : target[d];
    }
    for (double& v : value) v /= double(end - begin);
    return value;
  }

  std::uint32_t grow(std::size_t begin, std::size_t end, std::uint32_t depth) {
    const auto at = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    nodes_[at].count = static_cast<std::uint32_t>(end - begin);
    nodes_[at].value = leaf_value(begin, end);
    if (depth >= options_.max_depth || end - begin < 2 * std::size_t{options_.min_leaf}) return at;
    Sums all;
    for (std::size_t i = begin; i < end; ++i) all.add(single_[order_[i]], 1);
    Split best;
    for (std::size_t f = 0; f < kFeatureCount; ++f)
      if (options_.allowed.empty() || options_.allowed[f]) try_feature(f, begin, end, all, best);
    if (best.gain <= 0) return at;
    importance_[best.feature] += best.gain;
    const auto middle =
        std::stable_partition(order_.begin() + std::ptrdiff_t(begin), order_.begin() + std::ptrdiff_t(end),
                              [&](std::uint32_t row) { return bins_.bin(best.feature, row) <= best.cut; });
    const auto split = static_cast<std::size_t>(middle - order_.begin());
    const std::uint32_t left = grow(begin, split, depth + 1);
    const std::uint32_t right = grow(split, end, depth + 1);
    nodes_[at].feature = static_cast<std::uint32_t>(best.feature);
    nodes_[at].threshold = bins_.cuts(best.feature)[best.cut];
    nodes_[at].left = left;
    nodes_[at].right = right;
    return at;
  }

  std::span<const TrainingRow> rows_;
  const TreeOptions& options_;
  const Bins& bins_;
  std::vector<Sums> single_;
  std::vector<std::uint32_t> order_;
  std::vector<Bin> histogram_;
  std::vector<TreeNode> nodes_;
  std::vector<double> importance_;
};

}  // namespace

Bins::Bins(std::span<const TrainingRow> rows) : rows_(rows.size()), bins_(rows.size() * kFeatureCount) {
  std::vector<double> values(rows.size());
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    for (std::size_t r = 0; r < rows.size(); ++r) values[r] = (*rows[r].features)[f];
    std::sort(values.begin(), values.end());
    cuts_[f] = cuts_of(values);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto at = std::lower_bound(cuts_[f].begin(), cuts_[f].end(), (*rows[r].features)[f]);
      bins_[f * rows_ + r] = static_cast<std::uint16_t>(at - cuts_[f].begin());
    }
  }
}

TrainedTree train_tree(std::span<const TrainingRow> rows, const Bins& bins, const TreeOptions& options) {
  return Trainer(rows, bins, options).run();
}

TrainedTree train_tree(std::span<const TrainingRow> rows, const TreeOptions& options) {
  return train_tree(rows, Bins(rows), options);
}

}  // namespace heddle::selector
