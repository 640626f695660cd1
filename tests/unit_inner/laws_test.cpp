// What must hold in every run, against sums over the definition (column by column, fold by fold).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "dataflows/inner_product/fold_plan.h"
#include "dataflows/inner_product/simulation.h"
#include "matrices/generate.h"
#include "tests/unit_inner/small_machine.h"

namespace heddle {
namespace {

using testing::generated;
using testing::small_machine;
using testing::workload_of;

struct Case {
  Workload workload;
  Config config;
};

/// Sixty cases: families, folds, tiles from one line to all of B pinned, narrow scans and networks.
std::vector<Case> cases() {
  std::vector<Case> list;
  constexpr MatrixFamily kFamilies[] = {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::banded,
                                        MatrixFamily::block, MatrixFamily::hypersparse};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Csr a = generated(kFamilies[seed % 5], 128, seed, 0.01 + 0.01 * double(seed % 7));
    const Csr b = generated(kFamilies[seed / 5 % 5], 128, seed + 100, 0.01 + 0.02 * double(seed % 4));
    Config config = small_machine(1 + static_cast<std::uint32_t>(seed * 7 % 50));
    if (seed % 3 != 0) testing::stream_all(config, 1 + seed % 11);
    if (seed % 2 != 0) config.inner_product.convert = Convert::charged;
    if (seed % 4 == 1) config.machine.sram.capacity.count *= 3;
    config.inner_product.scan_width = 1 + static_cast<std::uint32_t>(seed % 9);
    config.inner_product.distribution_width = 1 + static_cast<std::uint32_t>(seed % 5);
    config.machine.dram.flat.channels = 1 + static_cast<std::uint32_t>(seed % 6);
    list.push_back({workload_of(a, b), config});
  }
  return list;
}

/// Sum over folds and columns of max(1, ceil(nnz / scan), ceil(matched / distribution)).
std::uint64_t computing_cycles(const Workload& w, const Config& config) {
  const std::uint64_t fold_size = config.machine.pe.multipliers;
  const InnerProductConfig& options = config.inner_product;
  std::map<Coordinate, std::uint64_t> column_nnz;
  for (const Coordinate j : w.b->coordinates) ++column_nnz[j];
  std::uint64_t cycles = 0;
  for (std::uint64_t begin = 0; begin < w.a->nnz(); begin += fold_size) {
    std::map<Coordinate, std::uint64_t> matched;
    for (std::uint64_t n = begin; n < std::min(w.a->nnz(), begin + fold_size); ++n)
      for (const Coordinate j : w.b->row(w.a->coordinates[n]).coordinates) ++matched[j];
    for (const auto& [j, nnz] : column_nnz) {
      const std::uint64_t scan = (nnz + options.scan_width - 1) / options.scan_width;
      const std::uint64_t distribute = (matched[j] + options.distribution_width - 1) / options.distribution_width;
      cycles += std::max({std::uint64_t{1}, scan, distribute});
    }
  }
  return cycles;
}

TEST(InnerProductLaws, EveryRunCloses) {
  for (const Case& c : cases()) {
    const RunReport r = testing::run(c.workload, c.config);
    const GroupStalls& array = r.stalls.at("array");
    const std::uint64_t folds =
        (c.workload.a->nnz() + c.config.machine.pe.multipliers - 1) / c.config.machine.pe.multipliers;
    EXPECT_EQ(r.products, c.workload.products);
    EXPECT_EQ(r.nnz_c, c.workload.nnz_c());
    EXPECT_EQ(array.total(), r.cycles);
    EXPECT_EQ(array.agents, 1u);
    EXPECT_EQ(array.busy, computing_cycles(c.workload, c.config));
    EXPECT_EQ(r.actions.intersections, folds * c.workload.b->nnz());
  }
}

TEST(InnerProductLaws, BComesOncePerFoldButForItsPinnedPart) {
  for (const Case& c : cases()) {
    Config config = c.config;
    config.inner_product.convert = Convert::free;
    const inner_product::Problem problem(c.workload, config);
    std::uint64_t elements = 0;
    for (std::size_t t = 0; t < problem.tiling.tiles().size(); ++t) {
      const bool once = t == 0 && problem.tiling.pinned();
      elements += problem.tiling.tiles()[t].elements.count * (once ? 1 : problem.folds);
    }
    const RunReport r = testing::run(c.workload, config);
    EXPECT_EQ(r.dram_bytes.b, elements * kLineBytes);
    EXPECT_EQ(r.dram_bytes.partial_read, r.dram_bytes.partial_write);
    EXPECT_GE(r.dram_bytes.c, c.workload.nnz_c() * config.layout.element_bytes());
    if (!problem.nothing_to_compute()) {
      EXPECT_GE(r.dram_bytes.a, c.workload.a->nnz() * config.layout.element_bytes());
    }
  }
}

TEST(InnerProductLaws, TilesHoldEveryColumnOnceAndFitTheirBuffers) {
  for (const Case& c : cases()) {
    const inner_product::Problem problem(c.workload, c.config);
    std::uint64_t nonzeros = 0;
    std::uint64_t bytes = 0;
    for (const inner_product::Tile& tile : problem.tiling.tiles()) {
      nonzeros += tile.nonzeros;
      if (bytes != 0 || !problem.tiling.pinned()) {
        EXPECT_LE(tile.elements.count * kLineBytes, c.config.inner_product.stream_tile.count);
      }
      bytes += tile.elements.count * kLineBytes;
    }
    EXPECT_EQ(nonzeros, c.workload.b->nnz());
    EXPECT_GE(bytes, c.workload.b->nnz() * c.config.layout.element_bytes());
  }
}

/// Planning touches a product at most twice, however many cycles the machine scans.
TEST(InnerProductCost, FollowsProductsNotCycles) {
  for (const Case& c : cases()) {
    const inner_product::Problem problem(c.workload, c.config);
    if (problem.nothing_to_compute()) continue;
    inner_product::FoldPlanner planner(c.workload, c.config, problem.layout, problem.tiling, problem.fold_size);
    inner_product::FoldPlan plan;
    for (std::uint64_t f = 0; f < problem.folds; ++f) planner.next(plan);
    EXPECT_LE(planner.visits(), 2 * c.workload.products);
  }
}

TEST(InnerProductCost, UnmatchedColumnsAreNeverVisited) {
  // One nonzero of A and a B of 20,000 columns: 20,000 cycles, a single product.
  GeneratorConfig generator;
  generator.rows = generator.cols = 20'000;
  generator.family = MatrixFamily::banded;
  generator.half_bandwidth = 0;
  generator.density = 1;
  Csr a;
  a.rows = 1;
  a.cols = 20'000;
  a.coordinates = {17};
  a.values = {1};
  a.pointers = {0, 1};
  const Workload workload = workload_of(a, generate(generator));
  const Config config = small_machine(4);
  const inner_product::Problem problem(workload, config);
  inner_product::FoldPlanner planner(workload, config, problem.layout, problem.tiling, problem.fold_size);
  inner_product::FoldPlan plan;
  planner.next(plan);
  EXPECT_LE(planner.visits(), 1u);
  EXPECT_EQ(testing::run(workload, config).stalls.at("array").busy, 20'000u);
}

TEST(InnerProductLaws, MoreBandwidthIsNeverSlower) {
  for (const Case& c : cases()) {
    Config wide = c.config;
    wide.machine.dram.flat.bandwidth.bytes_per_second *= 2;
    EXPECT_LE(testing::run(c.workload, wide).cycles, testing::run(c.workload, c.config).cycles);
  }
}

TEST(InnerProductLaws, MoreMultipliersNeedNoMoreFolds) {
  for (const Case& c : cases()) {
    Config wide = c.config;
    wide.machine.pe.multipliers *= 2;
    EXPECT_LE(testing::run(c.workload, wide).dram_bytes.b, testing::run(c.workload, c.config).dram_bytes.b);
  }
}

}  // namespace
}  // namespace heddle
