// Generalisation, leaks, the cost of selection, and the tree itself.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "models/selector/evaluate.h"
#include "sim/base/errors.h"
#include "sim/base/random.h"

namespace heddle::selector {
namespace {

constexpr std::uint64_t kSmall = 50'000;  // products; "large" is ten times that

Json judge(const Rows& training, const Rows& judged, const FitOptions& options) {
  Json json = {{"training", training.size()}, {"judged", judged.size()}};
  if (training.empty() || judged.empty()) return json;
  const Model model = fit(training, options);
  std::vector<std::size_t> by_tree, by_cycles, decided;
  for (const Example* e : judged) {
    decided.push_back(model.decide(e->features, e->form));
    by_tree.push_back(model.choose(e->features));
    by_cycles.push_back(model.choose_by_cycles(e->features, e->form));
  }
  json["tree"] = to_json(score(judged, by_tree));
  json["regression"] = to_json(score(judged, by_cycles));
  json["selector"] = to_json(score(judged, decided));
  return json;
}

/// Mean over seeds of the held-out accuracy of trees fitted to what `prepare` makes of the table.
template <class Prepare>
double held_out_accuracy(const Table& table, std::uint32_t seeds, Prepare prepare) {
  double sum = 0;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    const Table prepared = prepare(table, seed);
    FitOptions options;
    options.depth = 6;
    options.min_leaf = 16;
    options.regressors = false;
    const HeldOut held = held_out_families(select(prepared, [](const Example&) { return true; }), options, seed);
    sum += score(held.rows, held.by_tree).accuracy / seeds;
  }
  return sum;
}

Table shuffled_labels(const Table& table, std::uint64_t seed) {
  Table copy = table;
  std::vector<std::size_t> order(table.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random(seed).shuffle(std::span(order));
  for (std::size_t i = 0; i < copy.size(); ++i) copy[i].cycles = table[order[i]].cycles;
  return copy;
}

/// Features that identify the product and say nothing about it.
Table names_only(const Table& table, std::uint64_t) {
  Table copy = table;
  for (Example& e : copy) {
    std::uint64_t hash = 0;
    for (const char c : e.id) hash = hash * 1099511628211ULL + static_cast<unsigned char>(c);
    Random random(hash);
    for (double& feature : e.features) feature = random.uniform_real();
  }
  return copy;
}

/// What always choosing the most frequent best dataflow of the other folds gets right.
double chance(const Table& table) {
  const Rows rows = select(table, [](const Example&) { return true; });
  double most = 0;
  for (std::size_t d = 0; d < kDataflows; ++d)
    most = std::max(most, score(rows, std::vector<std::size_t>(rows.size(), d)).accuracy);
  return most;
}

double geomean(const std::vector<double>& values) {
  double logs = 0;
  for (const double v : values) logs += std::log(std::max(v, 1e-12));
  return values.empty() ? 0 : std::exp(logs / double(values.size()));
}

/// Seconds of one walk through the tree on this host.
double inference_seconds(const Model& model, const Rows& rows) {
  constexpr int kRounds = 200;
  std::size_t sum = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int round = 0; round < kRounds; ++round)
    for (const Example* e : rows) sum += model.choose(e->features);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return elapsed.count() / (kRounds * double(rows.size())) + (sum == ~std::size_t{0} ? 1 : 0);
}

Json by_name(const std::vector<double>& values) {
  Json json = Json::object();
  for (std::size_t f = 0; f < values.size(); ++f)
    if (std::fabs(values[f]) > 5e-4) json[std::string(feature_list()[f].name)] = values[f];
  return json;
}

}  // namespace

Json evaluate_shift(const Table& table, const EvaluateOptions& options) {
  FitOptions fitting;
  fitting.folds = options.folds;
  const auto generated = [](const Example& e) { return !e.real; };
  Json json;
  json["small_to_10x_larger"] =
      judge(select(table, [&](const Example& e) { return generated(e) && e.products < kSmall; }),
            select(table, [&](const Example& e) { return generated(e) && e.products >= 10 * kSmall; }), fitting);
  const std::vector<std::string> counting = counting_machines(table);
  const Rows real = select(table, [&](const Example& e) {
    return e.real && std::find(counting.begin(), counting.end(), e.machine) != counting.end();
  });
  json["generated_to_real"] = judge(select(table, generated), real, fitting);
  const Rows as_filed = select(table, [&](const Example& e) { return generated(e) && !e.changed; });
  const Rows changed = select(table, [&](const Example& e) { return generated(e) && e.changed; });
  json["machines_as_filed_to_changed"] = judge(as_filed, changed, fitting);
  FitOptions without = fitting;
  without.machine_features = false;
  json["the_same_without_machine_features"] = judge(as_filed, changed, without);
  FitOptions cheap = fitting;
  cheap.features = CostClass::pointers;
  json["generated_to_real_pointers_only"] = judge(select(table, generated), real, cheap);
  FitOptions accuracy = fitting;
  accuracy.criterion = Criterion::accuracy;
  json["generated_to_real_accuracy_only"] = judge(select(table, generated), real, accuracy);
  const Rows all = select(table, generated);
  std::vector<double> cost_sensitive, accuracy_only;
  for (std::uint32_t seed = 1; seed <= options.seeds; ++seed)
    for (const bool costly : {true, false}) {
      FitOptions one = costly ? fitting : accuracy;
      one.seed = seed;
      one.regressors = false;
      const HeldOut held = held_out_families(all, one, seed);
      (costly ? cost_sensitive : accuracy_only).push_back(score(held.rows, held.by_tree).geomean);
    }
  json["criterion"] = {{"cost", geomean(cost_sensitive)},
                       {"accuracy", geomean(accuracy_only)},
                       {"cost_by_seed", cost_sensitive},
                       {"accuracy_by_seed", accuracy_only}};
  return json;
}

Json evaluate_leaks(const Table& table, const EvaluateOptions& options) {
  Json json;
  json["chance"] = chance(table);
  json["honest"] = held_out_accuracy(table, options.seeds, [](const Table& t, std::uint64_t) { return t; });
  json["shuffled_labels"] = held_out_accuracy(table, options.seeds, shuffled_labels);
  json["names_only"] = held_out_accuracy(table, options.seeds, names_only);
  // No pattern, of A or its transpose, in two folds.
  const Rows rows = select(table, [](const Example&) { return true; });
  std::uint64_t straddling = 0;
  for (std::uint32_t seed = 1; seed <= options.seeds; ++seed) {
    const std::vector<std::uint32_t> folds = folds_by_family(rows, options.folds, seed);
    std::map<std::string, std::uint32_t> fold_of;
    for (std::size_t i = 0; i < rows.size(); ++i)
      straddling += fold_of.emplace(rows[i]->pattern, folds[i]).first->second != folds[i];
  }
  json["patterns_in_two_folds"] = straddling;
  return json;
}

Json evaluate_cost(const Table& table, const Model& model) {
  std::vector<double> all, large, break_even;
  double products_error = 0, c_error = 0;
  std::vector<double> products_ratio, c_ratio;
  for (const Example& e : table) {
    const auto pes = static_cast<std::uint64_t>(std::exp2(e.features[find_feature("pes")]) + 0.5);
    const double cost = double(selection_cycles(e.measured, model.comparisons(e.features, pes)));
    const double share = cost / std::max(1.0, e.cycles[e.best()]);
    all.push_back(share);
    if (e.cycles[e.best()] >= 1e6) large.push_back(share);  // 1 ms at 1 GHz
    if (e.products > 0) products_ratio.push_back(std::max(1e-9, e.measured.products) / double(e.products));
    if (e.nnz_c > 0) c_ratio.push_back(std::max(1e-9, e.measured.products * e.measured.fill) / double(e.nnz_c));
  }
  for (const double r : products_ratio) products_error += std::fabs(std::log2(r)) / double(products_ratio.size());
  for (const double r : c_ratio) c_error += std::fabs(std::log2(r)) / double(c_ratio.size());
  // How often one selection must be used before it pays: its cost over what it saves against the best fixed dataflow.
  const Rows rows = select(table, [](const Example&) { return true; });
  const std::size_t fixed = best_fixed(rows);
  std::uint64_t never = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Example& e = table[i];
    const double saved = e.cycles[fixed] - e.cycles[model.decide(e.features, e.form)];
    if (saved <= 0)
      ++never;
    else
      break_even.push_back(all[i] * e.cycles[e.best()] / saved);
  }
  Json json;
  json["geomean_share_all"] = geomean(all);
  json["geomean_share_above_1ms"] = geomean(large);
  json["count_above_1ms"] = large.size();
  json["share"] = to_json(spread_of(all));
  json["break_even_uses"] = to_json(spread_of(break_even));
  json["nothing_to_save"] = never;
  json["mean_abs_log2_error_products"] = products_error;
  json["mean_abs_log2_error_nnz_c"] = c_error;
  return json;
}

Json evaluate_tree(const Table& table, const Model& model, const EvaluateOptions& options) {
  const Rows rows = select(table, [](const Example& e) { return !e.real; });
  FitOptions fitting;
  fitting.folds = options.folds;
  Json json;
  json["depth"] = model.classifier.depth();
  json["leaves"] = model.classifier.leaves();
  json["bytes"] = model.classifier.bytes();
  json["depth_curve"] = Json::array();
  for (const DepthPoint& point : depth_curve(rows, fitting)) json["depth_curve"].push_back(to_json(point));
  const Rows all = select(table, [](const Example&) { return true; });
  json["importance_permutation"] = by_name(permutation_importance(model, all, 1));
  json["importance_impurity"] = by_name(model.importance);
  json["inference_below_1us"] = inference_seconds(model, all) < 1e-6;
  return json;
}

}  // namespace heddle::selector
