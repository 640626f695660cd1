#include "models/selector/evaluate_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "models/selector/environment.h"
#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

/// Rows are cut into blocks only for this gain: predictions of several blocks add up their errors.
constexpr double kClearGain = 1.15;

constexpr auto kInner = static_cast<std::size_t>(DataflowKind::inner_product);
constexpr auto kOuter = static_cast<std::size_t>(DataflowKind::outer_product);
constexpr auto kRow = static_cast<std::size_t>(DataflowKind::row_wise);

double least(const PerDataflow& values) {
  return values[smallest(values)];
}

/// Cycles of the swapped product from operands in CSR. The labels of the swapped run charge a conversion of the swapped
/// operands, which they do not need in the orientation they have; those of the product as it stands tell what
/// converting A and B takes.
PerDataflow swapped_cycles(const Example& e, const PerDataflow& cycles, const PerDataflow& convert) {
  const double convert_a = e.convert[kOuter], convert_b = e.convert[kInner];
  PerDataflow total{};
  total[kInner] = cycles[kInner] - convert[kInner] + convert_b;
  total[kOuter] = cycles[kOuter] - convert[kOuter] + convert_a;
  total[kRow] = cycles[kRow] + convert_a + convert_b;
  return total;
}

/// Geometric means against the oracle over both orders.
struct SwapTotals {
  double count = 0, direct_oracle = 0, selector = 0, direct_selector = 0, free_gain = 0, most_free = 1,
         most_charged = 1;
};

Json evaluate_swap(const Table& table, const Model& model) {
  SwapTotals t;
  std::vector<double> charged, free_gains;
  std::string most_name;
  for (const Example& e : table) {
    const auto part =
        std::find_if(e.parts.begin(), e.parts.end(), [](const PartExample& p) { return p.variant == "swapped"; });
    if (part == e.parts.end()) continue;
    const PerDataflow swapped = swapped_cycles(e, part->cycles, part->convert);
    const double oracle = std::min(least(e.cycles), least(swapped));
    const PerDataflow logs = model.predict(e.features, e.form),
                      swapped_logs = model.predict(part->features, part->form);
    PerDataflow direct{}, other{};
    for (std::size_t d = 0; d < kDataflows; ++d) {
      direct[d] = std::exp2(logs[d]);
      other[d] = std::exp2(swapped_logs[d]);
    }
    const PerDataflow other_total = swapped_cycles(e, other, part->convert);
    const std::size_t a = smallest(direct), b = smallest(other_total);
    const double chosen = direct[a] <= other_total[b] ? e.cycles[a] : swapped[b];
    t.count += 1;
    t.direct_oracle += std::log(least(e.cycles) / oracle);
    t.selector += std::log(chosen / oracle);
    t.direct_selector += std::log(e.cycles[a] / oracle);
    charged.push_back(least(e.cycles) / oracle);
    free_gains.push_back(e.cycles[kRow] / part->cycles[kRow]);
    if (free_gains.back() >= t.most_free) {
      t.most_free = free_gains.back();
      most_name = e.id;
    }
  }
  if (t.count == 0) return nullptr;
  Json json;
  json["count"] = t.count;
  json["best_without_swap"] = std::exp(t.direct_oracle / t.count);
  json["selector_with_swap"] = std::exp(t.selector / t.count);
  json["selector_without_swap"] = std::exp(t.direct_selector / t.count);
  json["gain_of_swap"] = to_json(spread_of(charged));
  json["row_wise_over_swapped_operands_ready"] = to_json(spread_of(free_gains));
  json["largest_on"] = most_name;
  return json;
}

/// One way to cut a product: its blocks in order.
using Blocks = std::vector<const PartExample*>;

std::map<std::uint32_t, Blocks> cuts_of(const Example& e) {
  std::map<std::uint32_t, Blocks> cuts;
  for (const PartExample& part : e.parts)
    if (part.variant != "swapped") cuts[part.parts].push_back(&part);
  return cuts;
}

/// Total of a choice per block. B is converted once if any block takes inner product; the conversion of a block of A is
/// its own.
template <class CyclesOf, class SumOf>
void for_each_choice(std::size_t blocks, CyclesOf cycles_of, SumOf visit) {
  std::vector<std::size_t> choice(blocks, 0);
  for (;;) {
    visit(choice, cycles_of(choice));
    std::size_t at = 0;
    while (at < blocks && ++choice[at] == kDataflows) choice[at++] = 0;
    if (at == blocks) return;
  }
}

double total_of(const Blocks& blocks, const std::vector<std::size_t>& choice, const std::vector<PerDataflow>& cycles) {
  double total = 0, convert_b = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    total += cycles[i][choice[i]];
    if (choice[i] == kInner) {
      total -= blocks[i]->convert[kInner];
      convert_b = std::max(convert_b, blocks[i]->convert[kInner]);
    }
    if (i > 0 && choice[i] != choice[i - 1]) total += kModeSwitch;
  }
  return total + convert_b;
}

/// The best choice per block by the given cycles: all 3^n of them, n <= 8.
std::vector<std::size_t> best_choice(const Blocks& blocks, const std::vector<PerDataflow>& cycles, double& total) {
  std::vector<std::size_t> best;
  total = std::numeric_limits<double>::infinity();
  for_each_choice(
      blocks.size(), [&](const std::vector<std::size_t>& c) { return total_of(blocks, c, cycles); },
      [&](const std::vector<std::size_t>& c, double sum) {
        if (sum >= total) return;
        total = sum;
        best = c;
      });
  return best;
}

struct BlockResult {
  double whole_oracle = 0, oracle = 0, chosen = 0, whole_chosen = 0;
  double sram_whole = 0, sram_chosen = 0;
};

BlockResult judge_blocks(const Example& e, const Model& model) {
  BlockResult r;
  r.whole_oracle = r.oracle = least(e.cycles);
  const std::size_t whole = model.decide(e.features, e.form);
  r.whole_chosen = r.chosen = e.cycles[whole];
  r.sram_whole = r.sram_chosen = double(e.sram_bytes[whole]);
  double predicted_best = std::exp2(model.predict(e.features, e.form)[whole]);
  for (const auto& [count, blocks] : cuts_of(e)) {
    std::vector<PerDataflow> truth, predicted;
    for (const PartExample* block : blocks) {
      truth.push_back(block->cycles);
      PerDataflow cycles = model.predict(block->features, block->form);
      for (double& c : cycles) c = std::exp2(c);
      predicted.push_back(cycles);
    }
    double total = 0;
    best_choice(blocks, truth, total);
    r.oracle = std::min(r.oracle, total);
    const std::vector<std::size_t> choice = best_choice(blocks, predicted, total);
    if (total * kClearGain >= predicted_best) continue;
    predicted_best = total * kClearGain;
    r.chosen = total_of(blocks, choice, truth);
    r.sram_chosen = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) r.sram_chosen += double(blocks[i]->sram_bytes[choice[i]]);
  }
  return r;
}

Json evaluate_blocks(const Table& table, const Model& model) {
  double count = 0, whole_oracle = 0, chosen = 0, whole_chosen = 0, most_traffic = 0;
  std::vector<double> gains;
  std::string traffic_name;
  for (const Example& e : table) {
    if (cuts_of(e).empty()) continue;
    const BlockResult r = judge_blocks(e, model);
    count += 1;
    whole_oracle += std::log(r.whole_oracle / r.oracle);
    chosen += std::log(r.chosen / r.oracle);
    whole_chosen += std::log(r.whole_chosen / r.oracle);
    gains.push_back(r.whole_oracle / r.oracle);
    if (r.sram_chosen / r.sram_whole > most_traffic) {
      most_traffic = r.sram_chosen / r.sram_whole;
      traffic_name = e.id;
    }
  }
  if (count == 0) return nullptr;
  const double best_whole = std::exp(whole_oracle / count), selector = std::exp(chosen / count);
  Json json;
  json["count"] = count;
  json["per_matrix_oracle_over_per_block_oracle"] = best_whole;
  json["selector_per_block"] = selector;
  json["selector_per_matrix"] = std::exp(whole_chosen / count);
  json["oracle_share"] = 1 / selector;
  json["captured"] = best_whole <= 1 + 1e-12 ? 0 : (best_whole / selector - 1) / (best_whole - 1);
  json["gain_of_blocks"] = to_json(spread_of(gains));
  json["largest_sram_traffic_over_whole"] = most_traffic;
  json["largest_sram_traffic_on"] = traffic_name;
  return json;
}

}  // namespace

Json evaluate_parts(const Table& table, const EvaluateOptions& options) {
  Json json = Json::object();
  const Rows training = select(table, [](const Example& e) { return e.parts.empty() && !e.real; });
  if (training.empty()) return json;
  FitOptions fitting;
  fitting.folds = options.folds;
  const Model model = fit(training, fitting);
  if (const Json swap = evaluate_swap(table, model); !swap.is_null()) json["swap"] = swap;
  if (const Json blocks = evaluate_blocks(table, model); !blocks.is_null()) json["blocks"] = blocks;
  return json;
}

Json evaluate_one_step(const Table& table, const Policy& policy) {
  const Rows rows = select(table, [](const Example& e) { return !e.real; });
  const std::vector<std::uint32_t> folds = folds_by_family(rows, 5, 1);
  Rows training, judged;
  for (std::size_t i = 0; i < rows.size(); ++i) (folds[i] == 0 ? judged : training).push_back(rows[i]);
  if (judged.empty() || training.empty()) return Json::object();
  const Model tree = fit(training, {});
  std::vector<std::size_t> by_network, by_tree, decided;
  for (const Example* e : judged) {
    by_network.push_back(choose(policy, one_step_state(e->features)));
    by_tree.push_back(tree.choose(e->features));
    decided.push_back(tree.decide(e->features, e->form));
  }
  return {{"dqn", to_json(score(judged, by_network))},
          {"tree", to_json(score(judged, by_tree))},
          {"selector", to_json(score(judged, decided))}};
}

}  // namespace heddle::selector
