#include <gtest/gtest.h>

#include <set>

#include "models/selector/evaluate.h"
#include "models/selector/model.h"
#include "models/selector/score.h"
#include "sim/base/errors.h"
#include "tests/unit_selector/selector_helpers.h"

namespace heddle::selector {
namespace {

std::vector<std::size_t> choices_of(const Model& model, const Rows& rows) {
  std::vector<std::size_t> choices;
  for (const Example* e : rows) choices.push_back(model.choose(e->features));
  return choices;
}

TEST(Tree, LearnsARuleOfTwoFeaturesAndFindsThemImportant) {
  const Table table = ruled_table(6, 200);
  const Model model = fit(all_rows(table), {});
  const Table fresh = ruled_table(6, 100, 4);
  EXPECT_GT(score(all_rows(fresh), choices_of(model, all_rows(fresh))).accuracy, 0.97);
  EXPECT_GT(model.importance[find_feature("ip_rw")] + model.importance[find_feature("op_rw")], 0.9);
  const std::vector<double> lost = permutation_importance(model, all_rows(fresh), 1);
  EXPECT_GT(lost[find_feature("ip_rw")], 0.2);
  EXPECT_NEAR(lost[find_feature("rows")], 0, 0.02);
}

TEST(Tree, CostSensitiveTrainingPrefersTheCostlyMistakes) {
  // Of two indistinguishable groups, the smaller loses a factor 4 by the larger's choice, the larger 5 % by the
  // smaller's.
  std::vector<Example> examples(40);
  std::vector<TrainingRow> rows;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const bool costly = i < 10;
    examples[i].cycles = costly ? PerDataflow{1000, 4000, 9000} : PerDataflow{1050, 1000, 9000};
    rows.push_back({&examples[i].features, examples[i].log_slowdowns()});
  }
  TreeOptions options;
  options.criterion = Criterion::cost;
  EXPECT_EQ(train_tree(rows, options).tree.choose({}), kInner);
  options.criterion = Criterion::accuracy;
  EXPECT_EQ(train_tree(rows, options).tree.choose({}), kOuter);
}

TEST(Tree, JsonReadsBackAndForeignJsonIsRefused) {
  const Table table = ruled_table(4, 100);
  const Tree tree = fit(all_rows(table), {}).classifier;
  const Tree again = read_tree(tree_json(tree), "a test");
  for (const Example& e : table) EXPECT_EQ(tree.choose(e.features), again.choose(e.features));
  EXPECT_EQ(tree_text(tree), tree_text(again));
  EXPECT_THROW(read_tree(Json::array(), "x"), InputError);
  Json cycle = tree_json(tree);
  cycle[0]["left"] = 0;
  EXPECT_THROW(read_tree(cycle, "x"), InputError);
  Json unknown = tree_json(tree);
  unknown[0]["feature"] = "colour";
  EXPECT_THROW(read_tree(unknown, "x"), InputError);
}

TEST(Tree, CutIsWhatFindSeesAtThatDepth) {
  const Table table = ruled_table(4, 100);
  const Tree tree = fit(all_rows(table), {}).classifier;
  const Tree cut = tree.cut(1);
  EXPECT_LE(cut.depth(), 1u);
  for (const Example& e : table) EXPECT_EQ(cut.choose(e.features), smallest(tree.find(e.features, 1).value));
  EXPECT_LT(cut.bytes(), tree.bytes());
}

TEST(Tree, PathInWordsNamesEveryComparison) {
  const Table table = ruled_table(4, 100);
  const Tree tree = fit(all_rows(table), {}).classifier;
  for (const Example& e : table) EXPECT_EQ(path_in_words(tree, e.features).size(), tree.comparisons(e.features));
}

TEST(Model, PredictsCyclesThatAFeatureExplains) {
  Table table = ruled_table(6, 100);
  for (Example& e : table)
    for (std::size_t d = 0; d < kDataflows; ++d) e.cycles[d] = e.form[d] * std::exp2(e.features[find_feature("fill")]);
  const Model model = fit(all_rows(table), {});
  double worst = 0;
  for (const Example& e : table)
    worst = std::max(worst, std::fabs(model.predict(e.features, e.form)[kRow] - std::log2(e.cycles[kRow])));
  EXPECT_LT(worst, 0.4);  // of a range of 4
}

TEST(Folds, NeitherFamiliesNorPatternsStraddle) {
  Table table = ruled_table(8, 20);
  table[5].pattern = table[45].pattern;  // a near-duplicate in another family joins the two
  const Rows rows = all_rows(table);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<std::uint32_t> folds = folds_by_family(rows, 4, seed);
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (rows[i]->family == rows[j]->family || rows[i]->pattern == rows[j]->pattern) {
          EXPECT_EQ(folds[i], folds[j]);
        }
    EXPECT_EQ(std::set<std::uint32_t>(folds.begin(), folds.end()).size(), 4u);
  }
}

TEST(Leaks, ShuffledLabelsAndNamesAloneGiveChance) {
  const Json leaks = evaluate_leaks(ruled_table(10, 60), {3, 5});
  EXPECT_GT(leaks["honest"].get<double>(), 0.9);
  EXPECT_LT(leaks["shuffled_labels"].get<double>(), leaks["chance"].get<double>() + 0.05);
  EXPECT_LT(leaks["names_only"].get<double>(), leaks["chance"].get<double>() + 0.05);
  EXPECT_EQ(leaks["patterns_in_two_folds"], 0);
}

TEST(Score, CountsSlowdownsHeadroomAndTies) {
  Table table(4);
  table[0].cycles = {100, 200, 400};
  table[1].cycles = {400, 100, 200};
  table[2].cycles = {100.5, 100, 400};  // a tie
  table[3].cycles = {100, 800, 200};
  const std::vector<std::size_t> choices = {0, 2, 0, 0};
  const Score s = score(all_rows(table), choices);
  EXPECT_DOUBLE_EQ(s.accuracy, 0.75);
  EXPECT_EQ(s.decisive, 3u);
  EXPECT_NEAR(s.geomean, std::pow(2.0 * 1.005, 0.25), 1e-9);
  EXPECT_DOUBLE_EQ(s.max, 2);
  EXPECT_NEAR(s.best_fixed, std::pow(4 * 1.005, 0.25), 1e-9);
  EXPECT_NEAR(s.captured, (s.best_fixed / s.geomean - 1) / (s.best_fixed - 1), 1e-12);
  const std::vector<std::size_t> oracle = {0, 1, 1, 0};
  EXPECT_DOUBLE_EQ(score(all_rows(table), oracle).captured, 1);
}

}  // namespace
}  // namespace heddle::selector
