// Control `bitmap`: its plan on paper and against a recount of single nonzeros, its cycles on paper, its product.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "dataflows/dataflow.h"
#include "dataflows/finish.h"
#include "dataflows/inner_product/bitmap_plan.h"
#include "matrices/generate.h"
#include "sim/base/errors.h"
#include "sim/base/random.h"
#include "tests/unit_inner/small_machine.h"

namespace heddle {
namespace {

using inner_product::plan_bitmap;
using inner_product::TiledStep;
using testing::from_dense;
using testing::workload_of;

Config bitmap_machine(std::uint32_t multipliers, std::uint32_t slice, std::uint32_t width) {
  Config config = testing::small_machine(multipliers);
  config.inner_product.control = InnerControl::bitmap;
  config.inner_product.slice_k = slice;
  config.inner_product.distribution_width = width;
  config.layout.value_bytes = 8;
  return config;
}

/// A has 2 x 4, slices of 2: slice 0 has nonzeros (0,0), (1,0), (1,1), slice 1 has (0,3). Folds of 2.
Workload small_work() {
  return workload_of(from_dense(4, {{1, 0, 0, 1}, {1, 1, 0, 0}}),
                     from_dense(3, {{1, 1, 1}, {0, 1, 0}, {1, 0, 0}, {0, 0, 1}}));
}

TEST(BitmapPlan, OnPaper) {
  const auto steps = plan_bitmap(small_work(), bitmap_machine(2, 2, 1));
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].compute_cycles, 2u + 3u);  // two values in, three columns of one value each
  EXPECT_EQ(steps[1].compute_cycles, 1u + 3u);  // (1,1): a column costs a cycle also where B has nothing
  EXPECT_EQ(steps[2].compute_cycles, 1u + 3u);
  EXPECT_EQ(steps[0].products, 6u);
  EXPECT_EQ(steps[1].products, 1u);
  EXPECT_EQ(steps[2].products, 1u);
  EXPECT_EQ(steps[0].b.count, 1u);  // 6 bits and 4 values
  EXPECT_EQ(steps[1].b.count, 0u);  // stays
  EXPECT_EQ(steps[2].b.count, 1u);
  EXPECT_EQ(steps[0].result_bytes, 0u);       // row 0 goes on in slice 1, row 1 in the next fold
  EXPECT_EQ(steps[1].result_bytes, 3u * 12);  // row 1
  EXPECT_EQ(steps[2].result_bytes, 3u * 12);
  EXPECT_EQ(steps[0].held_bytes, 2u * 3 * 8);
  EXPECT_EQ(steps[1].held_bytes, 1u * 3 * 8);
}

/// One channel, a line per cycle, 10 cycles of latency. B and A of step 0 are asked for in cycle 0: A is in at 11.
TEST(BitmapCycles, OnPaper) {
  const RunReport report = testing::run(small_work(), bitmap_machine(2, 2, 1));
  // Step 0: 11 to 16. A of step 1 asked for in 11, in at 21, until 25. B and A of step 2 asked for in 21, A in at 32:
  // until 36, written in 38, accepted in 39.
  EXPECT_EQ(report.cycles, 39u);
  EXPECT_EQ(report.stalls.at("array").busy, 5u + 4u + 4u);
  EXPECT_EQ(testing::stall(report, Tensor::a, Cause::dram_timing), 10u + 5u + 7u);
  EXPECT_EQ(testing::stall(report, Tensor::a, Cause::dram_queue), 1u);
  EXPECT_EQ(report.dram_bytes.a, 3u * 64);
  EXPECT_EQ(report.dram_bytes.b, 2u * 64);
  EXPECT_EQ(report.dram_bytes.c, 2u * 64);
  EXPECT_EQ(report.products, 8u);
}

/// Counted again from single nonzeros, element by element.
struct Recount {
  std::uint64_t products = 0, cycles = 0;
  std::set<std::uint32_t> rows;
};
std::vector<Recount> recount(const Workload& w, const InnerProductConfig& options, std::uint64_t fold_size,
                             std::uint64_t first, std::uint64_t end) {
  std::map<std::pair<Coordinate, Coordinate>, bool> in_b;
  for (std::uint32_t k = 0; k < w.b->rows; ++k)
    for (const Coordinate j : w.b->row(k).coordinates) in_b[{k, j}] = true;
  std::vector<Recount> folds;
  for (std::uint64_t slice = 0; slice * options.slice_k < w.a->cols; ++slice) {
    std::vector<std::pair<std::uint32_t, Coordinate>> nonzeros;
    for (std::uint32_t i = 0; i < w.a->rows; ++i)
      for (const Coordinate k : w.a->row(i).coordinates)
        if (k / options.slice_k == slice) nonzeros.emplace_back(i, k);
    for (std::size_t n = 0; n < nonzeros.size(); n += fold_size) {
      Recount fold;
      std::uint64_t loaded = 0;
      for (std::size_t i = n; i < std::min<std::size_t>(nonzeros.size(), n + fold_size); ++i, ++loaded)
        fold.rows.insert(nonzeros[i].first);
      fold.cycles = (loaded + options.distribution_width - 1) / options.distribution_width;
      for (std::uint64_t j = first; j < end; ++j) {
        std::set<Coordinate> delivered;
        for (std::size_t i = n; i < n + loaded; ++i)
          if (in_b.count({nonzeros[i].second, static_cast<Coordinate>(j)}) != 0) {
            ++fold.products;
            delivered.insert(nonzeros[i].second);
          }
        fold.cycles += std::max<std::uint64_t>(
            1, (delivered.size() + options.distribution_width - 1) / options.distribution_width);
      }
      folds.push_back(fold);
    }
  }
  return folds;
}

/// Rows with nonzeros in some fold up to f and in some fold after it, for the f with the most.
std::uint64_t most_open(const std::vector<Recount>& folds) {
  std::uint64_t most = 0;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    std::set<std::uint32_t> before, open;
    for (std::size_t g = 0; g <= f; ++g) before.insert(folds[g].rows.begin(), folds[g].rows.end());
    for (std::size_t g = f + 1; g < folds.size(); ++g)
      for (const std::uint32_t row : folds[g].rows)
        if (before.count(row) != 0) open.insert(row);
    most = std::max<std::uint64_t>(most, open.size());
  }
  return most;
}

/// The width of a block of columns: what the partial sums hold.
TEST(BitmapPlan, EqualsARecount) {
  std::uint64_t blocks_seen = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto draw = [&](std::uint64_t most) { return static_cast<std::uint32_t>(1 + random.uniform_u64(most)); };
    GeneratorConfig generator;
    generator.seed = seed;
    generator.rows = draw(20), generator.cols = draw(30);
    generator.density = 0.05 + 0.1 * double(random.uniform_u64(9));
    Csr a = generate(generator);
    generator.rows = generator.cols, generator.cols = draw(25);
    const Workload work = workload_of(std::move(a), generate(generator));
    Config config = bitmap_machine(draw(12), draw(9), draw(5));
    std::uint64_t held = draw(6);
    const std::uint64_t open = most_open(recount(work, config.inner_product, config.machine.pe.multipliers, 0, 1));
    config.inner_product.partial_capacity.count = std::max<std::uint64_t>(1, held * open * 8);
    if (open == 0) held = work.b->cols;
    const auto steps = plan_bitmap(work, config);
    if (work.a->nnz() == 0 || work.b->nnz() == 0) {
      EXPECT_TRUE(steps.empty());
      continue;
    }
    std::size_t s = 0;
    std::uint64_t results = 0;
    for (std::uint64_t first = 0; first < work.b->cols; first += held, ++blocks_seen) {
      const std::uint64_t end = std::min<std::uint64_t>(work.b->cols, first + held);
      for (const Recount& fold : recount(work, config.inner_product, config.machine.pe.multipliers, first, end)) {
        ASSERT_LT(s, steps.size()) << seed;
        EXPECT_EQ(steps[s].products, fold.products) << seed;
        EXPECT_EQ(steps[s].compute_cycles, fold.cycles) << seed;
        EXPECT_EQ(steps[s].held_bytes, fold.rows.size() * (end - first) * 8) << seed;
        results += steps[s++].result_bytes;
      }
    }
    EXPECT_EQ(s, steps.size()) << seed;
    EXPECT_EQ(results, work.nnz_c() * 12) << seed;
  }
  EXPECT_GT(blocks_seen, 500u);
}

TEST(BitmapPlan, RefusesWhatNeverFits) {
  Config config = bitmap_machine(4, 128, 4);
  config.machine.sram.banks = config.machine.sram.mshrs = 1;
  config.machine.sram.ways = 2;
  config.machine.sram.capacity.count = 1024;
  config.inner_product.slice_k = 2;
  config.inner_product.partial_capacity.count = 7;
  EXPECT_THROW(plan_bitmap(small_work(), config), InputError);  // a row is open after the first fold
  config.inner_product.slice_k = 128;
  config.inner_product.partial_capacity.count = 512;
  EXPECT_THROW(plan_bitmap(small_work(), config), InputError);
  config.inner_product.slice_k = 2;
  EXPECT_NO_THROW(plan_bitmap(small_work(), config));
}

TEST(BitmapProduct, EqualsTheReferenceAndKeepsTheLaws) {
  for (const MatrixFamily family : {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::banded}) {
    GeneratorConfig generator;
    generator.family = family;
    generator.rows = 150;
    generator.density = 0.05;
    const Workload work = workload_of(generate(generator), generate(generator));
    RunOptions options;
    options.carry_values = true;
    const RunResult result = find_dataflow("inner_product").run(work, bitmap_machine(64, 16, 8), options);
    ASSERT_TRUE(result.c.has_value());
    check_product(reference_product(work), *result.c);
  }
}

}  // namespace
}  // namespace heddle
