// Control `tiled`: its plan on paper, and its product.
#include <gtest/gtest.h>

#include "dataflows/dataflow.h"
#include "dataflows/finish.h"
#include "dataflows/inner_product/tiled_plan.h"
#include "matrices/generate.h"
#include "sim/base/errors.h"
#include "tests/unit_inner/small_machine.h"

namespace heddle {
namespace {

using inner_product::plan_tiled;
using inner_product::skip_ahead;
using testing::from_dense;
using testing::workload_of;

Config tiled_machine(std::uint32_t micro, std::uint32_t m, std::uint32_t k, std::uint32_t n) {
  Config config = testing::small_machine(1);
  config.inner_product.control = InnerControl::tiled;
  config.inner_product.micro_tile = micro;
  config.inner_product.tile_m = m;
  config.inner_product.tile_k = k;
  config.inner_product.tile_n = n;
  return config;
}

TEST(SkipAhead, MovesPastRunsInOneStep) {
  const Coordinate a[] = {1, 2, 3, 9};
  const Coordinate b[] = {3, 4, 5, 8, 9};
  const auto found = skip_ahead(a, a + 4, b, b + 5);
  EXPECT_EQ(found.matches, 2u);
  EXPECT_EQ(found.steps, 4u);  // 1 behind 3, match 3, 4 behind 9 (skips 5 and 8), match 9
  EXPECT_EQ(skip_ahead(a, a, b, b + 5).steps, 0u);
  EXPECT_EQ(skip_ahead(a, a + 3, b + 4, b + 5).steps, 1u);
}

/// A is the identity of 4, B has one full column; micro tiles of 2, a tile is one micro tile.
TEST(TiledPlan, OnPaper) {
  const Workload work = workload_of(from_dense(4, {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}),
                                    from_dense(2, {{1, 0}, {1, 0}, {1, 0}, {1, 0}}));
  const auto steps = plan_tiled(work, tiled_machine(2, 1, 1, 1));
  ASSERT_EQ(steps.size(), 2u);  // (k2, m2) = (0, 0) and (1, 1): A has nothing elsewhere
  for (const auto& step : steps) {
    EXPECT_EQ(step.a.count, 1u);
    EXPECT_EQ(step.b.count, 1u);
    EXPECT_EQ(step.compute_cycles, 3u);  // row 0 meets at once; row 1 skips first
    EXPECT_EQ(step.products, 2u);
    EXPECT_EQ(step.partial_in.count + step.partial_out.count, 0u);
    EXPECT_EQ(step.result_bytes, 24u);
  }
}

/// The same: two rows meet one column at once, two matches a tile.
TEST(TiledPlan, GroupsOfFibersOnPaper) {
  const Workload work = workload_of(from_dense(4, {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}),
                                    from_dense(2, {{1, 0}, {1, 0}, {1, 0}, {1, 0}}));
  Config config = tiled_machine(2, 1, 1, 1);
  config.inner_product.intersect = Intersect::groups;
  const auto cycles = [&](std::uint32_t group, std::uint32_t multipliers) {
    config.inner_product.fiber_group = group;
    config.machine.pe.multipliers = multipliers;
    const auto steps = plan_tiled(work, config);
    EXPECT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[0].products, 2u);
    EXPECT_EQ(steps[0].intersections, steps[0].compute_cycles * group);
    return steps[0].compute_cycles;
  };
  EXPECT_EQ(cycles(2, 1), 2u);
  EXPECT_EQ(cycles(2, 2), 1u);
  EXPECT_EQ(cycles(1, 2), 2u);  // one row after the other
}

/// Both halves of k contribute to the same results: those of the first come back as partials.
TEST(TiledPlan, PartialsOnPaper) {
  const Workload work =
      workload_of(from_dense(4, {{1, 0, 1, 0}, {1, 0, 1, 0}}), from_dense(2, {{1, 1}, {0, 0}, {1, 0}, {0, 0}}));
  const auto steps = plan_tiled(work, tiled_machine(2, 1, 1, 1));
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].partial_out.count, 1u);
  EXPECT_EQ(steps[0].result.count, 0u);
  EXPECT_EQ(steps[1].partial_in.count, 1u);
  EXPECT_EQ(steps[1].waits_for, 0u);
  EXPECT_EQ(steps[1].result_bytes, 48u);
}

TEST(TiledPlan, RefusesWhatNeverFits) {
  Config config = tiled_machine(64, 4, 4, 4);
  config.machine.sram.banks = config.machine.sram.mshrs = 1;
  config.machine.sram.ways = 2;
  config.machine.sram.capacity.count = 128;
  GeneratorConfig generator;
  generator.rows = 128;
  generator.density = 0.3;
  EXPECT_THROW(plan_tiled(workload_of(generate(generator), generate(generator)), config), InputError);
}

TEST(TiledProduct, EqualsTheReference) {
  for (const MatrixFamily family : {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::banded}) {
    GeneratorConfig generator;
    generator.family = family;
    generator.rows = 150;
    generator.density = 0.05;
    const Workload work = workload_of(generate(generator), generate(generator));
    RunOptions options;
    options.carry_values = true;
    const RunResult result = find_dataflow("inner_product").run(work, tiled_machine(16, 3, 2, 4), options);
    ASSERT_TRUE(result.c.has_value());
    check_product(reference_product(work), *result.c);
  }
}

/// Empty operands: nothing happens.
TEST(TiledProduct, OfNothing) {
  const RunResult result =
      find_dataflow("inner_product")
          .run(workload_of(from_dense(3, {{0, 0, 0}}), from_dense(1, {{1}, {1}, {1}})), tiled_machine(2, 1, 1, 1), {});
  EXPECT_EQ(result.report.cycles, 0u);
  EXPECT_EQ(result.report.dram_bytes.total(), 0u);
}

}  // namespace
}  // namespace heddle
