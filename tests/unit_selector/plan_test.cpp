#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/selector/label_store.h"
#include "models/selector/policy.h"
#include "sim/base/errors.h"
#include "sim/base/hash.h"
#include "sim/base/yaml_reader.h"
#include "tools/heddle/selector_verbs.h"

namespace heddle::selector {
namespace {

std::string folder() {
  const std::string path = testing::TempDir() + "/heddle_selector";
  std::filesystem::create_directories(path);
  return path;
}

Plan small_plan(Variant variant) {
  Plan plan;
  plan.name = "small";
  plan.variant = variant;
  plan.generated.pairs = 4;
  plan.generated.most_products = 3000;
  plan.generated.most_dimension = 256;
  plan.generated.machines = {{"shared_budget", 1}, {"far_wide", 1}};
  plan.generated.families = {{PairFamily::uniform, 1}, {PairFamily::rmat, 1}, {PairFamily::mesh2d, 1}};
  plan.generated.factors = {0.5, 2};
  return plan;
}

TEST(Plan, ShippedPlansExpandAndStayWithinTheirBounds) {
  for (const char* const name : {"dataset", "swap", "tiles", "large"}) {
    const Plan plan = load_plan(std::string(HEDDLE_SOURCE_DIR) + "/configs/selector/" + name + ".yaml");
    const std::vector<PairRecipe> pairs = expand(plan, load_machines(plan), "");
    EXPECT_EQ(pairs.size(), plan.generated.pairs);
    std::set<std::string> families;
    for (const PairRecipe& pair : pairs) families.insert(pair.family);
    EXPECT_EQ(families.size(), plan.generated.families.size()) << name;
  }
}

std::uint64_t products_of(const Csr& a, const Csr& b) {
  std::uint64_t products = 0;
  for (const std::uint32_t k : a.coordinates) products += b.pointers[k + 1] - b.pointers[k];
  return products;
}

TEST(Plan, ProductsKeepToTheBound) {
  Plan plan = load_plan(std::string(HEDDLE_SOURCE_DIR) + "/configs/selector/dataset.yaml");
  plan.generated.pairs = 300;
  plan.generated.most_products = 20'000;
  plan.generated.most_dimension = 4096;
  for (const PairRecipe& pair : expand(plan, load_machines(plan), "")) {
    const Csr a = make_matrix(pair.a);
    const std::uint64_t products = pair.b_is_a ? products_of(a, a) : products_of(a, make_matrix(pair.b));
    EXPECT_LE(products, 5 * plan.generated.most_products) << pair.id << " of " << pair.family;
  }
}

TEST(Plan, SameSeedSamePairsOtherSeedOthers) {
  Plan plan = small_plan(Variant::direct);
  const Machines machines = load_machines(plan);
  const auto texts = [&] {
    std::string text;
    for (const PairRecipe& pair : expand(plan, machines, "")) text += recipe_text(pair) + "\n";
    return text;
  };
  const std::string first = texts();
  EXPECT_EQ(first, texts());
  plan.seed = 2;
  EXPECT_NE(first, texts());
}

TEST(Label, IsResumedNotRepeatedAndReadsBack) {
  const std::string path = folder() + "/resume.db";
  for (const char* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  const Plan plan = small_plan(Variant::tiled);
  const std::vector<PairRecipe> pairs = expand(plan, load_machines(plan), "");
  Store store(path, Store::Access::write);
  EXPECT_EQ(label_all(plan, pairs, store, {1, 0, 2, false}, {}).done, 2u);
  EXPECT_EQ(label_all(plan, pairs, store, {2, 0, 1, false}, {}).done, 2u);
  EXPECT_EQ(label_all(plan, pairs, store, {1, 0, 1, false}, {}).present, 4u);
  const Table table = read_table(store);
  ASSERT_EQ(table.size(), 4u);
  for (const Example& e : table) {
    EXPECT_GT(e.products, 0u);
    EXPECT_EQ(e.parts.size(), 2u + 4u + 8u);
    for (const double cycles : e.cycles) EXPECT_GT(cycles, 0);
  }
}

TEST(Label, OneThreadAndTwoGiveTheSameTable) {
  const Plan plan = small_plan(Variant::swapped);
  const std::vector<PairRecipe> pairs = expand(plan, load_machines(plan), "");
  std::vector<Table> tables;
  for (const std::uint32_t jobs : {1u, 2u}) {
    const std::string path = folder() + "/jobs" + std::to_string(jobs) + ".db";
    for (const char* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    Store store(path, Store::Access::write);
    label_all(plan, pairs, store, {jobs, 0, 1, false}, {});
    tables.push_back(read_table(store));
  }
  for (std::size_t i = 0; i < tables[0].size(); ++i) {
    EXPECT_EQ(tables[0][i].id, tables[1][i].id);
    EXPECT_EQ(tables[0][i].cycles, tables[1][i].cycles);
    EXPECT_EQ(tables[0][i].features, tables[1][i].features);
  }
}

TEST(Label, BlocksCoverTheRowsAndKeepTheProducts) {
  GeneratorConfig config;
  config.family = MatrixFamily::rmat;
  const Csr a = generate(config);
  for (const std::uint32_t blocks : {1u, 2u, 8u}) {
    const std::vector<std::uint32_t> bounds = block_bounds(a, a, blocks);
    ASSERT_EQ(bounds.size(), blocks + 1);
    EXPECT_EQ(bounds.front(), 0u);
    EXPECT_EQ(bounds.back(), a.rows);
    std::uint64_t nnz = 0;
    for (std::uint32_t i = 0; i < blocks; ++i) nnz += row_block(a, bounds[i], bounds[i + 1]).nnz();
    EXPECT_EQ(nnz, a.nnz());
  }
}

TEST(Policy, IsWhatItsNumbersSay) {
  const std::string path = folder() + "/policy.yaml";
  Policy policy;
  policy.setting = "one_step";
  policy.inputs = {"x", "y"};
  policy.mean = {1, 0};
  policy.scale = {2, 1};
  policy.layers = {{2, {1, 0, 0, -1}, {0, 0}}, {3, {1, 0, 0, 1, 1, 1}, {0, 0.5, 0}}};
  std::ofstream(path) << policy_text(policy);
  const Policy read = load_policy(path);
  const std::vector<float> input = {5, 3};  // (5 - 1) / 2 = 2 and 3; after ReLU 2 and 0
  EXPECT_EQ(q_values(read, input), (PerDataflow{2, 0.5, 2}));
  EXPECT_EQ(choose(read, input), 0u);
}

TEST(Policy, ShapesThatDoNotFitAreRefused) {
  const std::string path = folder() + "/bad.yaml";
  std::ofstream(path)
      << "inputs: [x]\nmean: [0]\nscale: [1]\nlayers:\n  - {outputs: 3, weights: [1, 2], bias: [0, 0, 0]}\n";
  EXPECT_THROW(load_policy(path), InputError);
  std::ofstream(path) << "inputs: [x]\nmean: [0]\nscale: [0]\nlayers: []\n";
  EXPECT_THROW(load_policy(path), InputError);
}

}  // namespace
}  // namespace heddle::selector
