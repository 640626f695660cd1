// Sampled runs against exact ones: traffic and counts are the same, cycles within the printed bound.
#include "dataflows/inner_product/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "matrices/generate.h"
#include "tests/unit_inner/small_machine.h"

namespace heddle {
namespace {

using inner_product::choose_strata;
using inner_product::Stratum;
using testing::workload_of;

TEST(InnerProductStrata, CoverAllFoldsAndBothEnds) {
  for (const std::uint64_t folds : {17u, 40u, 1000u, 12'563u}) {
    for (const std::uint64_t budget : {0u, 10u, 100u, 400u}) {
      const std::vector<Stratum> strata = choose_strata(folds, budget, 2);
      if (strata.empty()) continue;
      std::uint64_t simulated = 0;
      std::uint64_t next = 0;
      for (const Stratum& s : strata) {
        EXPECT_EQ(s.folds.first, next);
        next = s.folds.end;
        EXPECT_GE(s.simulated.first, s.folds.first);
        EXPECT_LE(s.simulated.end, s.folds.end);
        EXPECT_GT(s.simulated.end, s.simulated.first + s.warm_folds);
        simulated += s.simulated.end - s.simulated.first;
      }
      EXPECT_EQ(next, folds);
      EXPECT_EQ(strata.front().simulated.first, 0u);
      EXPECT_EQ(strata.back().simulated.end, folds);
      EXPECT_LE(simulated, std::max<std::uint64_t>(budget * 5 / 4, 16));
    }
  }
  EXPECT_TRUE(choose_strata(16, 4, 2).empty());
}

TEST(InnerProductStrata, ProportionalFoldsAreExtrapolatedExactly) {
  const std::vector<Stratum> strata = choose_strata(100, 40, 2);
  std::vector<Cycle> flat = {5};
  for (Cycle f = 0; f < 100; ++f) flat.push_back(flat.back() + 10 + f % 7);
  std::vector<Cycle> banked;
  Cycle now = 50;
  for (const Stratum& s : strata) {
    for (std::uint64_t f = s.simulated.first; f < s.simulated.end; ++f) {
      banked.push_back(now);
      now += 3 * (flat[f + 1] - flat[f]);
    }
  }
  banked.push_back(now);
  const inner_product::Estimate estimate = inner_product::extrapolate(strata, flat, banked);
  EXPECT_NEAR(estimate.cycles, 3.0 * double(flat.back() - flat.front()), 1e-6);
  EXPECT_LT(estimate.error_bound, 0.01 * estimate.cycles);
}

struct Scenario {
  Workload workload;
  Config config;
};

Scenario make_scenario(std::uint64_t number) {
  constexpr MatrixFamily kFamilies[] = {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::banded,
                                        MatrixFamily::rmat, MatrixFamily::block};
  constexpr const char* kParts[] = {"ddr4_2400", "ddr5_4800", "hbm2", "hbm2_1g"};
  GeneratorConfig generator;
  generator.family = kFamilies[number % 5];
  generator.seed = number + 1;
  generator.rows = 2048;
  generator.scale = 11;
  generator.density = generator.family == MatrixFamily::banded ? 0.8 : 0.004 + 0.001 * double(number % 4);
  generator.half_bandwidth = 6;
  generator.edge_factor = 8;
  Csr a = generate(generator);
  Scenario run{workload_of(a, a), testing::small_machine(1)};
  Machine& machine = run.config.machine;
  machine.dram.kind = DramKind::banked;
  machine.dram.banked.preset = kParts[number / 5 % 4];
  machine.pe.count = 8;
  machine.pe.multipliers = number % 2 == 0 ? 4 : 8;
  machine.sram.capacity.count = 64 << 10;
  machine.sram.banks = 4;
  machine.sram.mshrs = 16;
  run.config.inner_product.stream_tile.count = 4096 << number % 3;
  run.config.inner_product.partial_capacity.count = number % 3 == 0 ? 2048 : 8192;
  run.config.inner_product.scan_width = 16u << number % 4;
  run.config.inner_product.convert = number % 7 == 0 ? Convert::charged : Convert::free;
  return run;
}

class InnerProductSampling : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(InnerProductSampling, RunsStayWithinTheirBounds) {
  int sampled_runs = 0;
  double worst = 0, sum = 0, worst_bound = 0;
  for (std::uint64_t number = 15 * GetParam(); number < 15 * GetParam() + 15; ++number) {
    const Scenario run = make_scenario(number);
    const RunReport exact = testing::run(run.workload, run.config);
    Config config = run.config;
    config.inner_product.exact_lines = exact.dram_bytes.b / kLineBytes / 2;
    const RunReport sampled = testing::run(run.workload, config);
    ASSERT_EQ(exact.fidelity, "exact");
    if (sampled.fidelity != "sampled") continue;  // too few cycles to leave any out
    ++sampled_runs;
    const double error = std::abs(double(sampled.cycles) / double(exact.cycles) - 1);
    EXPECT_LE(error, sampled.sampling_error_bound) << "run " << number;
    EXPECT_EQ(sampled.stalls.at("array").total(), sampled.cycles);
    EXPECT_EQ(sampled.stalls.at("array").busy, exact.stalls.at("array").busy);
    EXPECT_EQ(sampled.products, exact.products);
    EXPECT_EQ(sampled.nnz_c, exact.nnz_c);
    EXPECT_EQ(sampled.dram_bytes.total(), exact.dram_bytes.total());
    EXPECT_EQ(sampled.dram_bytes.c, exact.dram_bytes.c);
    EXPECT_EQ(sampled.sram_bytes.read, exact.sram_bytes.read);
    EXPECT_EQ(sampled.convert_cycles, exact.convert_cycles);
    worst = std::max(worst, error);
    worst_bound = std::max(worst_bound, sampled.sampling_error_bound);
    sum += error;
  }
  std::printf("%d sampled runs, relative error of cycles: mean %.5f, largest %.5f; largest bound %.5f\n", sampled_runs,
              sum / sampled_runs, worst, worst_bound);
  EXPECT_GE(sampled_runs, 13);  // of 15: 52 in all
  EXPECT_LT(worst, 0.02);
  EXPECT_LT(sum / sampled_runs, 0.005);
  EXPECT_LT(worst_bound, 0.05);
}
INSTANTIATE_TEST_SUITE_P(QuartersOfSixty, InnerProductSampling, ::testing::Range<std::uint64_t>(0, 4));

}  // namespace
}  // namespace heddle
