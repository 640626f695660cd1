#include "models/selector/evaluate_streams.h"

#include <algorithm>
#include <cmath>

namespace heddle::selector {
namespace {

constexpr double kPhaseLengths[] = {4, 16, 64};
constexpr std::uint32_t kStreams = 30;

double run_engine(const Stream& stream, const EngineConfig& config, bool exact) {
  ReconfigurationEngine engine(config, stream.loaded, stream.switch_cycles);
  return run_stream(stream, [&](const Stream& s, std::size_t i, std::size_t) {
    return engine.decide(exact ? s.steps[i].cycles : s.steps[i].predicted);
  });
}

double run_greedy(const Stream& stream) {
  return run_stream(stream, [](const Stream& s, std::size_t i, std::size_t) { return smallest(s.steps[i].predicted); });
}

double best_kept(const Stream& stream) {
  double least = stay_with(stream, 0);
  for (std::size_t d = 1; d < kDataflows; ++d) least = std::min(least, stay_with(stream, d));
  return least;
}

/// Sums over streams, and geometric means against the best in hindsight.
struct Totals {
  double cycles = 0, logs = 0;
  void add(double total, double oracle) {
    cycles += total;
    logs += std::log(total / oracle);
  }
  Json json(double count) const { return {{"cycles", cycles}, {"geomean", std::exp(logs / count)}}; }
};

struct Cell {
  Totals oracle, stay_start, best_kept, greedy, engine, engine_risk_3, engine_exact, dqn;
  double most_lost = 0;        ///< in switches, against staying, predictions exact
  double gain_over_worst = 1;  ///< largest: worst dataflow kept over the engine
};

EngineConfig with_risk(double risk) {
  EngineConfig config;
  config.risk = risk;
  return config;
}

void add_stream(const Stream& stream, const Policy* policy, Cell& cell) {
  const double oracle = best_in_hindsight(stream);
  cell.oracle.add(oracle, oracle);
  cell.stay_start.add(stay(stream), oracle);
  cell.best_kept.add(best_kept(stream), oracle);
  cell.greedy.add(run_greedy(stream), oracle);
  const double engine = run_engine(stream, {}, false);
  cell.engine.add(engine, oracle);
  cell.engine_risk_3.add(run_engine(stream, with_risk(3), false), oracle);
  const double exact = run_engine(stream, {}, true);
  cell.engine_exact.add(exact, oracle);
  if (policy != nullptr) cell.dqn.add(run_policy(stream, *policy), oracle);
  if (stream.switch_cycles > 0)
    cell.most_lost = std::max(cell.most_lost, (exact - stay(stream)) / stream.switch_cycles);
  cell.gain_over_worst = std::max(cell.gain_over_worst, stay(stream) / engine);
}

Json cell_json(const Cell& c, double count, bool dqn) {
  Json json;
  json["oracle"] = c.oracle.json(count);
  json["stay"] = c.stay_start.json(count);
  json["best_fixed"] = c.best_kept.json(count);
  json["greedy"] = c.greedy.json(count);
  json["engine"] = c.engine.json(count);
  json["engine_risk_3"] = c.engine_risk_3.json(count);
  json["engine_exact_predictions"] = c.engine_exact.json(count);
  if (dqn) json["dqn"] = c.dqn.json(count);
  json["most_lost_switches"] = c.most_lost;
  json["largest_gain_over_loaded"] = c.gain_over_worst;
  return json;
}

}  // namespace

std::vector<double> switching_costs() {
  return {20, 1e3, 1e4, 1e5, 1e6, 1e7, 1e9};
}

StreamSets stream_sets(const Table& table, std::uint64_t seed) {
  constexpr std::uint32_t kFolds = 4;
  const Rows rows = select(table, [](const Example& e) { return !e.real && !e.changed; });
  FitOptions options;
  options.depth = 8;
  options.min_leaf = 8;
  options.folds = kFolds;
  StreamSets sets;
  const HeldOut held = held_out_families(rows, options, seed);
  const std::vector<std::uint32_t> folds = folds_by_family(held.rows, kFolds, seed);
  for (std::size_t i = 0; i < held.rows.size(); ++i)
    (folds[i] == 0 ? sets.judged : sets.training).add(*held.rows[i], held.predicted[i]);
  return sets;
}

std::vector<Stream> judged_streams(const StreamPool& pool, std::uint32_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Stream> streams;
  for (const double cost : switching_costs())
    for (const double phase : kPhaseLengths)
      for (std::uint32_t i = 0; i < count; ++i) streams.push_back(pool.draw({128, phase, cost}, random));
  return streams;
}

Json evaluate_streams(const StreamPool& pool, const Policy* policy, std::uint64_t seed) {
  Json json;
  if (pool.empty()) return json;
  Cell all;
  double total = 0;
  json["curve"] = Json::array();
  for (const double cost : switching_costs()) {
    for (const double phase : kPhaseLengths) {
      Random random(seed);  // the same products for every cost: what changes along the curve is the cost alone
      Cell cell;
      for (std::uint32_t i = 0; i < kStreams; ++i) {
        const Stream stream = pool.draw({128, phase, cost}, random);
        add_stream(stream, policy, cell);
        add_stream(stream, policy, all);
        total += 1;
      }
      Json entry = cell_json(cell, kStreams, policy != nullptr);
      entry["switch_cycles"] = cost;
      entry["phase_length"] = phase;
      json["curve"].push_back(std::move(entry));
    }
  }
  json["all"] = cell_json(all, total, policy != nullptr);
  json["streams"] = total;
  return json;
}

}  // namespace heddle::selector
