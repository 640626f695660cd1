// The problem, and how well each selector solves it on what it has not seen.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "models/selector/evaluate.h"
#include "models/selector/heuristics.h"
#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

std::vector<std::string> machines_of(const Table& table) {
  std::set<std::string> names;
  for (const Example& e : table) names.insert(e.machine);
  return {names.begin(), names.end()};
}

/// A random split of nothing: rows whose choice a rule makes without learning.
std::vector<std::size_t> rule_choices(const Rows& rows, std::size_t (*rule)(const Example&)) {
  std::vector<std::size_t> choices;
  for (const Example* e : rows) choices.push_back(rule(*e));
  return choices;
}

std::vector<std::size_t> constant(const Rows& rows, std::size_t dataflow) {
  return std::vector<std::size_t>(rows.size(), dataflow);
}

std::vector<std::size_t> oracle(const Rows& rows) {
  std::vector<std::size_t> choices;
  for (const Example* e : rows) choices.push_back(e->best());
  return choices;
}

Json confusion_json(const Score& s) {
  Json rows = Json::object();
  for (std::size_t best = 0; best < kDataflows; ++best) {
    Json row = Json::object();
    for (std::size_t chosen = 0; chosen < kDataflows; ++chosen)
      row[std::string(dataflow_name(chosen))] = s.confusion[best][chosen];
    rows[std::string(dataflow_name(best))] = std::move(row);
  }
  return rows;
}

std::vector<std::size_t> form_choices(const Rows& rows, bool uniform) {
  std::vector<std::size_t> choices;
  for (const Example* e : rows) choices.push_back(smallest(uniform ? e->uniform_form : e->form));
  return choices;
}

/// Every selector over the rows of one held-out set.
Json all_scores(const HeldOut& held) {
  Json scores = Json::object();
  scores["oracle"] = to_json(score(held.rows, oracle(held.rows)));
  for (std::size_t d = 0; d < kDataflows; ++d)
    scores["always_" + std::string(dataflow_name(d))] = to_json(score(held.rows, constant(held.rows, d)));
  scores["random"] = {{"count", held.rows.size()}, {"geomean", random_slowdown(held.rows)}};
  for (const Heuristic& h : heuristics())
    scores[std::string(h.name)] = to_json(score(held.rows, rule_choices(held.rows, h.choose)));
  scores["closed_form_uniform"] = to_json(score(held.rows, form_choices(held.rows, true)));
  scores["closed_form_sampled"] = to_json(score(held.rows, form_choices(held.rows, false)));
  const Score tree = score(held.rows, held.by_tree);
  scores["tree"] = to_json(tree);
  scores["tree"]["confusion"] = confusion_json(tree);
  scores["regression"] = to_json(score(held.rows, held.by_cycles));
  scores["selector"] = to_json(score(held.rows, held.decided));
  scores["selector_with_cost"] = to_json(score(held.rows, held.decided, held.selection));
  return scores;
}

HeldOut part_of(const HeldOut& all, const std::vector<std::string>& machines) {
  HeldOut part;
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    if (std::find(machines.begin(), machines.end(), all.rows[i]->machine) == machines.end()) continue;
    part.rows.push_back(all.rows[i]);
    part.by_tree.push_back(all.by_tree[i]);
    part.by_cycles.push_back(all.by_cycles[i]);
    part.decided.push_back(all.decided[i]);
    part.selection.push_back(all.selection[i]);
  }
  return part;
}

Json groups_json(const HeldOut& held) {
  std::map<std::string, HeldOut> groups;
  for (std::size_t i = 0; i < held.rows.size(); ++i) {
    HeldOut& group = groups[held.rows[i]->family];
    group.rows.push_back(held.rows[i]);
    group.by_tree.push_back(held.decided[i]);
  }
  Json json = Json::object();
  for (const auto& [name, group] : groups) json[name] = to_json(score(group.rows, group.by_tree));
  return json;
}

/// Products on which a heuristic is faster than the tree by more than a tie.
Json heuristic_wins(const HeldOut& held) {
  Json json = Json::object();
  for (const Heuristic& h : heuristics()) {
    Json names = Json::array();
    for (std::size_t i = 0; i < held.rows.size(); ++i) {
      const Example& e = *held.rows[i];
      if (e.cycles[h.choose(e)] * 1.01 < e.cycles[held.decided[i]]) names.push_back(e.id);
    }
    json[std::string(h.name)] = std::move(names);
  }
  return json;
}

/// Scale-free graphs on which fixed accelerators of others fail (ca-GrQc and p2p in SegFold's and HiT's papers), one by
/// one.
Json scale_free(const HeldOut& held) {
  Json json = Json::object();
  for (std::size_t i = 0; i < held.rows.size(); ++i)
    for (const char* const name : {"p2p-Gnutella31", "ca-CondMat", "wiki-Vote"})
      if (held.rows[i]->id.find(name) != std::string::npos)
        json[held.rows[i]->id] = held.rows[i]->slowdown(held.decided[i]);
  return json;
}

/// Mean and half width of the 95 % interval over seeds (Student's t, four degrees of freedom for five seeds).
Json interval(const std::vector<double>& values) {
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / double(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  constexpr double kStudent5 = 2.776;
  const double n = double(values.size());
  return {{"mean", mean}, {"half_width", n < 2 ? 0 : kStudent5 * std::sqrt(squares / (n - 1) / n)}, {"values", values}};
}

}  // namespace

std::vector<std::string> counting_machines(const Table& table) {
  std::vector<std::string> counting;
  for (const std::string& machine : machines_of(table)) {
    const Rows rows = select(table, [&](const Example& e) { return e.real && e.machine == machine; });
    if (!rows.empty() && fixed_slowdown(rows, best_fixed(rows)) >= kCountingHeadroom) counting.push_back(machine);
  }
  return counting;
}

Json evaluate_problem(const Table& table) {
  Json json;
  for (const std::string& machine : machines_of(table)) {
    Json& entry = json["machines"][machine];
    entry["real"] =
        to_json(problem_of(select(table, [&](const Example& e) { return e.real && e.machine == machine; })));
    entry["generated"] = to_json(
        problem_of(select(table, [&](const Example& e) { return !e.real && !e.changed && e.machine == machine; })));
  }
  json["all_generated"] = to_json(problem_of(select(table, [](const Example& e) { return !e.real; })));
  json["counting"] = counting_machines(table);
  return json;
}

namespace {

void add_held_out(const Model& model, const Example& e, HeldOut& held) {
  held.rows.push_back(&e);
  held.by_tree.push_back(model.choose(e.features));
  held.by_cycles.push_back(model.choose_by_cycles(e.features, e.form));
  held.decided.push_back(model.decide(e.features, e.form));
  held.predicted.push_back(model.predict(e.features, e.form));
  const auto pes = static_cast<std::uint64_t>(std::exp2(e.features[find_feature("pes")]) + 0.5);
  held.selection.push_back(double(selection_cycles(e.measured, model.comparisons(e.features, pes))));
}

}  // namespace

HeldOut held_out_real(const Table& table, const FitOptions& options, bool real_too) {
  HeldOut held;
  std::map<std::string, Model> models;
  const Rows rows = select(table, [](const Example& e) { return e.real; });
  for (const Example* e : rows) {
    if (!models.contains(e->family)) {
      std::set<std::string> patterns;
      for (const Example* other : rows)
        if (other->family == e->family) patterns.insert(other->pattern);
      const Rows training = select(table, [&](const Example& other) {
        return (!other.real || (real_too && other.family != e->family)) && !patterns.contains(other.pattern);
      });
      models.emplace(e->family, fit(training, options));
    }
    add_held_out(models.at(e->family), *e, held);
  }
  return held;
}

HeldOut held_out_families(const Rows& rows, const FitOptions& options, std::uint64_t seed) {
  HeldOut held;
  const std::vector<std::uint32_t> folds = folds_by_family(rows, options.folds, seed);
  for (std::uint32_t fold = 0; fold < options.folds; ++fold) {
    Rows training;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (folds[i] != fold) training.push_back(rows[i]);
    if (training.empty()) continue;
    const Model model = fit(training, options);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (folds[i] == fold) add_held_out(model, *rows[i], held);
  }
  return held;
}

Json evaluate_unseen(const Table& unseen, const Model& model) {
  HeldOut held;
  for (const Example& e : unseen) add_held_out(model, e, held);
  Json json;
  json["all"] = all_scores(held);
  json["problem"] = to_json(problem_of(held.rows));
  for (const std::string& machine : machines_of(unseen))
    json["machines"][machine] = all_scores(part_of(held, {machine}));
  return json;
}

Json evaluate_quality(const Table& table, const EvaluateOptions& options) {
  Json json;
  FitOptions fitting;
  fitting.folds = options.folds;
  const HeldOut real = held_out_real(table, fitting);
  const std::vector<std::string> counting = counting_machines(table);
  if (!real.rows.empty()) {
    json["real"]["counting_machines"] = all_scores(part_of(real, counting));
    for (const std::string& machine : machines_of(table))
      json["real"]["machines"][machine] = all_scores(part_of(real, {machine}));
    json["real"]["groups"] = groups_json(part_of(real, counting));
    json["real"]["scale_free"] = scale_free(real);
    json["real"]["heuristic_wins"] = heuristic_wins(part_of(real, counting));
  }
  const Rows generated = select(table, [](const Example& e) { return !e.real; });
  std::map<std::string, std::vector<double>> by_seed;
  for (std::uint32_t seed = 1; seed <= options.seeds; ++seed) {
    fitting.seed = seed;
    const HeldOut held = held_out_families(generated, fitting, seed);
    const Json scores = all_scores(held);
    if (seed == 1) json["generated"]["seed_1"] = scores;
    for (const std::string selector : {"tree", "selector"})
      for (const std::string key : {"geomean", "accuracy", "decisive_accuracy", "p95", "max", "captured", "macro_f1"})
        by_seed[selector + " " + key].push_back(scores[selector][key].get<double>());
  }
  for (const auto& [key, values] : by_seed) {
    const std::size_t space = key.find(' ');
    json["generated"]["over_seeds"][key.substr(0, space)][key.substr(space + 1)] = interval(values);
  }
  return json;
}

}  // namespace heddle::selector
