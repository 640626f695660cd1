#include "models/selector/model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "models/selector/score.h"
#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/random.h"

namespace heddle::selector {
namespace {

constexpr std::uint32_t kDeepest = 12;
constexpr std::uint32_t kLeafSizes[] = {4, 8, 16, 32};
// Depth, leaf, rounds and shrinkage by cross-validation over the generated families of dataset.yaml (14 settings;
// geomean slowdown 1.0226 at 80 rounds of depth 4, 1.0181 here, no better at depth 6 or with half the shrinkage).
constexpr std::uint32_t kRegressionDepth = 5, kRegressionLeaf = 8, kRounds = 200;
constexpr double kShrinkage = 0.10;

std::vector<bool> allowed_features(const FitOptions& options) {
  std::vector<bool> allowed;
  for (const FeatureInfo& info : feature_list())
    allowed.push_back(info.cost == CostClass::machine ? options.machine_features : info.cost <= options.features);
  return allowed;
}

TreeOptions tree_options(const FitOptions& options, std::uint32_t depth, std::uint32_t min_leaf) {
  TreeOptions tree;
  tree.criterion = options.criterion;
  tree.max_depth = depth;
  tree.min_leaf = min_leaf;
  tree.allowed = allowed_features(options);
  return tree;
}

std::vector<TrainingRow> classification_rows(const Rows& rows) {
  std::vector<TrainingRow> training;
  for (const Example* e : rows) training.push_back({&e->features, e->log_slowdowns()});
  return training;
}

std::vector<Tree> fit_regressor(const Rows& rows, std::size_t dataflow, const Bins& bins, const FitOptions& options) {
  std::vector<TrainingRow> left;  // what the trees so far do not explain
  for (const Example* e : rows)
    left.push_back({&e->features, {std::log2(std::max(1.0, e->cycles[dataflow]) / e->form[dataflow]), 0, 0}});
  TreeOptions tree = tree_options(options, kRegressionDepth, kRegressionLeaf);
  tree.criterion = Criterion::variance;
  std::vector<Tree> trees;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    std::vector<TreeNode> nodes = train_tree(left, bins, tree).tree.nodes();
    for (TreeNode& node : nodes) node.value[0] *= kShrinkage;
    trees.emplace_back(std::move(nodes));
    for (TrainingRow& row : left) row.target[0] -= trees.back().find(*row.features).value[0];
  }
  return trees;
}

/// Families and patterns joined into groups that must not be torn apart.
std::vector<std::size_t> groups_of(const Rows& rows) {
  std::map<std::string, std::size_t> first_of;
  std::vector<std::size_t> parent(rows.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const std::string& key : {"family " + rows[i]->family, "pattern " + rows[i]->pattern}) {
      const auto [at, fresh] = first_of.emplace(key, i);
      if (!fresh) parent[root(i)] = root(at->second);
    }
  std::vector<std::size_t> groups(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) groups[i] = root(i);
  return groups;
}

}  // namespace

PerDataflow Model::predict(const Features& features, const PerDataflow& form) const {
  PerDataflow logs{};
  for (std::size_t d = 0; d < kDataflows; ++d) {
    logs[d] = std::log2(form[d]);
    for (const Tree& tree : regressors[d]) logs[d] += tree.find(features).value[0];
  }
  return logs;
}

std::uint64_t Model::comparisons(const Features& features, std::uint64_t pes) const {
  std::uint64_t boosted = 0;
  for (const std::vector<Tree>& trees : regressors)
    for (const Tree& tree : trees) boosted += tree.comparisons(features);
  const std::uint64_t side_by_side = std::max<std::uint64_t>(1, pes);
  return classifier.comparisons(features) + (boosted + side_by_side - 1) / side_by_side;
}

std::size_t Model::decide(const Features& features, const PerDataflow& form) const {
  const PerDataflow logs = predict(features, form);
  const std::size_t by_cycles = smallest(logs);
  const std::size_t by_tree = choose(features);
  return logs[by_tree] - logs[by_cycles] < std::log2(kNearTie) ? by_tree : by_cycles;
}

std::vector<std::uint32_t> folds_by_family(const Rows& rows, std::uint32_t folds, std::uint64_t seed) {
  const std::vector<std::size_t> groups = groups_of(rows);
  std::map<std::size_t, std::size_t> sizes;
  for (const std::size_t group : groups) ++sizes[group];
  std::vector<std::size_t> order;
  for (const auto& [group, size] : sizes) order.push_back(group);
  Random(seed).shuffle(std::span(order));
  std::vector<std::size_t> filled(folds, 0);
  std::map<std::size_t, std::uint32_t> fold_of;
  for (const std::size_t group : order) {
    const auto least = static_cast<std::uint32_t>(std::min_element(filled.begin(), filled.end()) - filled.begin());
    fold_of[group] = least;
    filled[least] += sizes[group];
  }
  std::vector<std::uint32_t> result;
  for (const std::size_t group : groups) result.push_back(fold_of[group]);
  return result;
}

std::vector<DepthPoint> depth_curve(const Rows& rows, const FitOptions& options) {
  const std::vector<std::uint32_t> folds = folds_by_family(rows, options.folds, options.seed);
  std::vector<DepthPoint> curve;
  for (const std::uint32_t leaf : kLeafSizes) {
    std::vector<std::vector<std::size_t>> choices(kDeepest + 1, std::vector<std::size_t>(rows.size(), 0));
    for (std::uint32_t fold = 0; fold < options.folds; ++fold) {
      Rows training;
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (folds[i] != fold) training.push_back(rows[i]);
      if (training.empty()) continue;
      const Tree tree = train_tree(classification_rows(training), tree_options(options, kDeepest, leaf)).tree;
      for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::uint32_t depth = 1; folds[i] == fold && depth <= kDeepest; ++depth)
          choices[depth][i] = smallest(tree.find(rows[i]->features, depth).value);
    }
    for (std::uint32_t depth = 1; depth <= kDeepest; ++depth) {
      const Score s = score(rows, choices[depth]);
      curve.push_back({depth, leaf, s.accuracy, s.geomean});
    }
  }
  return curve;
}

Model fit(const Rows& rows, const FitOptions& options) {
  if (rows.empty()) throw InputError("no example to learn from");
  std::uint32_t depth = options.depth, leaf = options.min_leaf;
  if (depth == 0 || leaf == 0) {
    const std::vector<DepthPoint> curve = depth_curve(rows, options);
    const auto best = std::min_element(curve.begin(), curve.end(),
                                       [](const DepthPoint& x, const DepthPoint& y) { return x.geomean < y.geomean; });
    depth = best->depth;
    leaf = best->min_leaf;
  }
  Model model;
  TrainedTree trained = train_tree(classification_rows(rows), tree_options(options, depth, leaf));
  model.classifier = std::move(trained.tree);
  model.importance = std::move(trained.importance);
  if (!options.regressors) return model;
  const Bins bins(classification_rows(rows));
  for (std::size_t d = 0; d < kDataflows; ++d) model.regressors[d] = fit_regressor(rows, d, bins, options);
  return model;
}

std::vector<double> permutation_importance(const Model& model, const Rows& rows, std::uint64_t seed) {
  const auto accuracy = [&](std::size_t feature, const std::vector<std::size_t>& order) {
    std::vector<std::size_t> choices;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Features features = rows[i]->features;
      if (feature < kFeatureCount) features[feature] = rows[order[i]]->features[feature];
      choices.push_back(model.choose(features));
    }
    return score(rows, choices).accuracy;
  };
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const double whole = accuracy(kFeatureCount, order);
  std::vector<double> lost;
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    Random(seed + f).shuffle(std::span(order));
    lost.push_back(whole - accuracy(f, order));
  }
  return lost;
}

Json model_json(const Model& model) {
  Json json;
  json["kind"] = "heddle selector tree";
  json["features"] = kFeatureCount;
  json["measurement"] = kMeasurementVersion;
  json["manifest"] = model.manifest;
  Json importance = Json::object();
  for (std::size_t f = 0; f < model.importance.size(); ++f)
    if (model.importance[f] > 0) importance[std::string(feature_list()[f].name)] = model.importance[f];
  json["importance"] = std::move(importance);
  json["classifier"] = tree_json(model.classifier);
  for (std::size_t d = 0; d < kDataflows; ++d) {
    Json trees = Json::array();
    for (const Tree& tree : model.regressors[d]) trees.push_back(tree_json(tree));
    json["cycles"][std::string(dataflow_name(d))] = std::move(trees);
  }
  return json;
}

Model load_model(const std::string& path) {
  const std::string text = read_text_file(path);
  const Json json = try_parse_json(text);
  if (!json.is_object() || json.value("kind", "") != "heddle selector tree")
    throw InputError(path + ": expected a tree that heddle selector train made");
  if (json.value("measurement", 0) != kMeasurementVersion || json.value("features", std::size_t{0}) != kFeatureCount)
    throw InputError(path + ": made for other features; expected a tree trained with this version");
  if (!json.contains("classifier") || !json.contains("cycles") || !json["cycles"].is_object())
    throw InputError(path + ": expected `classifier` and `cycles`");
  Model model;
  if (json.contains("importance") && json["importance"].is_object()) {
    model.importance.assign(kFeatureCount, 0);
    for (const auto& [name, value] : json["importance"].items())
      if (value.is_number()) model.importance[find_feature(name)] = value.get<double>();
  }
  model.manifest = json.contains("manifest") && json["manifest"].is_string() ? json["manifest"].get<std::string>() : "";
  model.classifier = read_tree(json["classifier"], path + ": classifier");
  for (std::size_t d = 0; d < kDataflows; ++d) {
    const std::string name(dataflow_name(d));
    if (!json["cycles"].contains(name) || !json["cycles"][name].is_array())
      throw InputError(path + ": cycles: expected " + name + ", a list of trees");
    for (const Json& tree : json["cycles"][name])
      model.regressors[d].push_back(read_tree(tree, path + ": cycles." + name));
  }
  return model;
}

}  // namespace heddle::selector
