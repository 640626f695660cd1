// Outer product with control `merge_tree`: trees and the row buffer by hand, a run by hand, a recount with sets, the
// product.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "dataflows/finish.h"
#include "dataflows/outer_product/merge_tree.h"
#include "dataflows/outer_product/row_buffer.h"
#include "sim/base/random.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

using outer_product::make_merge_tree;
using outer_product::MergeTree;
using outer_product::plan_merge_tree;
using testing::workload_of;
using Rounds = std::vector<std::vector<std::uint32_t>>;

TEST(MergeTree, HuffmanTakesTheLightest) {
  EXPECT_EQ(make_merge_tree({5, 1, 1, 2}, 2, MergeOrder::huffman).rounds, (Rounds{{1, 2}, {3, 4}, {0, 5}}));
  // Of four leaves and three inputs a round, the first takes two, so that the last is full.
  EXPECT_EQ(make_merge_tree({5, 1, 1, 2}, 3, MergeOrder::huffman).rounds, (Rounds{{1, 2}, {0, 3, 4}}));
  EXPECT_EQ(make_merge_tree({5, 1, 1, 2}, 4, MergeOrder::huffman).rounds, (Rounds{{0, 1, 2, 3}}));
  EXPECT_EQ(make_merge_tree({7}, 64, MergeOrder::huffman).rounds, (Rounds{{0}}));
  EXPECT_TRUE(make_merge_tree({}, 64, MergeOrder::huffman).rounds.empty());
}

TEST(MergeTree, SequentialIsAQueue) {
  EXPECT_EQ(make_merge_tree({9, 9, 1, 1, 1}, 2, MergeOrder::sequential).rounds,
            (Rounds{{0, 1}, {2, 3}, {4, 5}, {6, 7}}));
}

TEST(RowBuffer, KeepsWhatIsUsedNext) {
  const auto hits = [](const std::vector<Coordinate>& accesses, std::uint64_t lines) {
    outer_product::RowBuffer buffer(8, lines);
    const auto next = outer_product::next_uses(accesses, 8);
    std::string found;
    for (std::size_t i = 0; i < accesses.size(); ++i) found += buffer.access(accesses[i], 1, next[i]) ? 'h' : 'm';
    return found;
  };
  EXPECT_EQ(hits({0, 1, 2, 0, 1}, 2), "mmmhh");      // 2 is never used again
  EXPECT_EQ(hits({0, 1, 2, 0, 1, 2}, 2), "mmmhhm");  // used later than both: not kept
  EXPECT_EQ(hits({0, 1, 2, 2, 1, 0}, 2), "mmmhhm");  // used sooner than 0, which gives way
  EXPECT_EQ(hits({3, 3, 3}, 0), "mmm");
}

Config tree_machine(std::uint32_t radix, std::uint64_t step_bytes) {
  Config config;
  Machine& machine = config.machine;
  machine.pe.count = 1;
  machine.pe.multipliers = 1;
  machine.pe.radix = radix;
  machine.pe.latency = 2;
  machine.dram.kind = DramKind::flat;
  machine.dram.flat.channels = 1;
  machine.dram.flat.bandwidth.bytes_per_second = 64'000'000'000;
  machine.dram.flat.latency = 10;
  config.outer_product.control = OuterControl::merge_tree;
  config.outer_product.convert = Convert::free;
  config.outer_product.row_buffer.count = step_bytes;
  return config;
}

/// A = B = the identity of 2: one leaf, one round, one step. Two lines of B asked for first, A is in at 12; two inputs;
/// the line of C is written at 14 + 2 and accepted a cycle later.
TEST(MergeTreeCycles, OnPaper) {
  const Csr eye = testing::identity(2);
  const RunReport report = find_dataflow("outer_product").run(workload_of(eye, eye), tree_machine(2, 4096), {}).report;
  EXPECT_EQ(report.cycles, 17u);
  EXPECT_EQ(report.stalls.at("array").busy, 2u);
  EXPECT_EQ(report.dram_bytes.a, 64u);
  EXPECT_EQ(report.dram_bytes.b, 128u);
  EXPECT_EQ(report.dram_bytes.c, 64u);
  EXPECT_EQ(report.dram_bytes.partial_read + report.dram_bytes.partial_write, 0u);
}

/// A and B full, 3 x 3, two inputs a round, a step per row: three partial matrices. The first round leaves three rows
/// of three, a line each; the second reads them back.
TEST(MergeTreePlan, OnPaper) {
  const Workload work = workload_of(testing::full(3, 3), testing::full(3, 3));
  const auto plan = plan_merge_tree(work, tree_machine(2, 1), nullptr);
  EXPECT_EQ(plan.leaves, 3u);
  EXPECT_EQ(plan.rounds, 2u);
  ASSERT_EQ(plan.steps.size(), 6u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(plan.steps[i].products, 6u);
    EXPECT_EQ(plan.steps[i].compute_cycles, 6u);
    EXPECT_EQ(plan.steps[i].partial_out.count, 1u);
    EXPECT_EQ(plan.steps[i].partial_in.count, 0u);
    EXPECT_EQ(plan.steps[i].b.count, i == 0 ? 3u : 0u);  // two rows of B, of one line and two, held from then on
    EXPECT_EQ(plan.steps[i + 3].products, 3u);
    EXPECT_EQ(plan.steps[i + 3].compute_cycles, 6u);
    EXPECT_EQ(plan.steps[i + 3].partial_in.count, 1u);
    EXPECT_EQ(plan.steps[i + 3].waits_for, 2u);
    EXPECT_EQ(plan.steps[i + 3].result_bytes, 36u);
  }
  EXPECT_EQ(plan.merge_inputs, 36u);
  EXPECT_EQ(plan.row_misses, 3u);
  EXPECT_EQ(plan.row_hits, 6u);
}

/// Inputs of all rounds, counted again with sets of columns; every input of every round is merged just once.
std::uint64_t recount(const Workload& w, const Config& config) {
  const bool given = config.outer_product.columns == OuterColumns::given;
  std::map<std::uint32_t, std::map<std::uint32_t, std::set<Coordinate>>> matrices;  // by leaf, then row
  std::map<std::uint32_t, std::uint64_t> weight;
  for (std::uint32_t r = 0; r < w.a->rows; ++r)
    for (std::size_t n = 0; n < w.a->row(r).coordinates.size(); ++n) {
      const Coordinate k = w.a->row(r).coordinates[n];
      const auto leaf = given ? k : static_cast<std::uint32_t>(n);
      const auto fiber = w.b->row(k).coordinates;
      weight[leaf] += fiber.size();
      matrices[leaf][r].insert(fiber.begin(), fiber.end());
    }
  std::vector<std::uint64_t> weights;
  std::vector<std::map<std::uint32_t, std::set<Coordinate>>> inputs;
  for (const auto& [leaf, products] : weight) weights.push_back(products), inputs.push_back(matrices[leaf]);
  std::uint64_t sum = 0;
  const MergeTree tree = make_merge_tree(weights, config.machine.pe.radix, config.outer_product.merge_order);
  for (const auto& round : tree.rounds) {
    std::map<std::uint32_t, std::set<Coordinate>> result;
    for (const std::uint32_t input : round)
      for (const auto& [row, columns] : inputs[input]) {
        sum += columns.size();
        result[row].insert(columns.begin(), columns.end());
      }
    for (const std::uint32_t input : round) inputs[input].clear();
    inputs.push_back(result);
  }
  std::uint64_t results = 0;
  if (!inputs.empty())
    for (const auto& [row, columns] : inputs.back()) results += columns.size();
  EXPECT_EQ(results, w.nnz_c());
  return sum;
}

TEST(MergeTreeRuns, EqualARecountAndTheReference) {
  std::uint64_t several_rounds = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    const auto draw = [&](std::uint64_t most) { return static_cast<std::uint32_t>(1 + random.uniform_u64(most)); };
    GeneratorConfig generator;
    generator.seed = seed;
    generator.rows = draw(30), generator.cols = draw(30);
    generator.density = 0.05 + 0.1 * double(random.uniform_u64(6));
    Csr a = generate(generator);
    generator.rows = generator.cols, generator.cols = draw(30);
    const Workload work = workload_of(std::move(a), generate(generator));
    Config config = tree_machine(1 + draw(5), 16u << draw(8));
    config.outer_product.columns = draw(2) == 1 ? OuterColumns::condensed : OuterColumns::given;
    config.outer_product.merge_order = draw(2) == 1 ? MergeOrder::huffman : MergeOrder::sequential;
    config.outer_product.prefetch = draw(2) == 1 ? RowPrefetch::next_use : RowPrefetch::none;
    RunOptions options;
    options.carry_values = true;
    const RunResult result = find_dataflow("outer_product").run(work, config, options);  // keeps the laws
    check_product(reference_product(work), *result.c);
    EXPECT_EQ(result.report.actions.merge_inputs, recount(work, config)) << seed;
    several_rounds += result.report.dram_bytes.partial_read != 0;
  }
  EXPECT_GT(several_rounds, 60u);
}

TEST(MergeTreeRuns, Refuse) {
  const Workload work = workload_of(testing::identity(2), testing::identity(2));
  Config config = tree_machine(2, 4096);
  config.outer_product.convert = Convert::charged;
  EXPECT_NE(testing::message_of<InputError>([&] { validate_outer_product(config); }).find("outer_product.convert"),
            std::string::npos);
  config = tree_machine(2, 4096);
  config.machine.dram.kind = DramKind::banked;
  EXPECT_NE(testing::message_of<InputError>([&] { validate_outer_product(config); }).find("machine.dram.kind"),
            std::string::npos);
}

}  // namespace
}  // namespace heddle
