#include <gtest/gtest.h>

#include <ostream>

#include "matrices/generate.h"
#include "matrices/workload.h"
#include "models/selector/features.h"
#include "models/selector/heuristics.h"
#include "models/selector/plan.h"
#include "models/selector/sketch.h"
#include "sim/base/errors.h"
#include "tests/unit_selector/selector_helpers.h"

namespace heddle::selector {
namespace {

std::shared_ptr<const Csr> make(MatrixFamily family, std::uint32_t rows, double density) {
  GeneratorConfig config;
  config.family = family;
  config.rows = rows;
  config.density = density;
  config.half_bandwidth = 6;
  config.scale = 12;
  return std::make_shared<const Csr>(generate(config));
}

TEST(Sketch, ExactWhenSmallWithinAFewPerCentWhenLarge) {
  DistinctSketch sketch(1024);
  for (std::uint32_t i = 0; i < 1000; ++i) sketch.add(i % 500);
  EXPECT_EQ(sketch.count(), 500);
  for (std::uint32_t i = 0; i < 100'000; ++i) sketch.add(i);
  EXPECT_NEAR(sketch.count(), 100'000, 10'000);
}

TEST(Sketch, ExtrapolatesUrns) {
  // 1000 urns: 500 draws meet 394 of them, 2000 draws 865.
  EXPECT_NEAR(extrapolate_distinct(393.7, 500, 2000, 1e6), 865, 5);
  EXPECT_EQ(extrapolate_distinct(0, 0, 100, 10), 0);
}

struct EstimateCase {
  MatrixFamily family;
  std::uint32_t rows;
  double density;
  double tolerance;
};
void PrintTo(const EstimateCase& c, std::ostream* out) {
  *out << enum_name(c.family) << ", " << c.rows << " rows, density " << c.density;
}
class Estimates : public testing::TestWithParam<EstimateCase> {};

TEST_P(Estimates, ProductsAndNonzerosOfCAreNear) {
  const auto [family, rows, density, tolerance] = GetParam();
  const auto a = make(family, rows, density);
  const Workload w = make_workload(a, a, "A", "A");
  const Measurement m = measure(*a, *a, true, Config{});
  EXPECT_NEAR(m.products / double(w.products), 1, tolerance);
  EXPECT_NEAR(m.products * m.fill / double(w.nnz_c()), 1, tolerance);
  EXPECT_LE(m.sampled_rows, kMostSampledRows + 16);
}
INSTANTIATE_TEST_SUITE_P(Families, Estimates,
                         testing::Values(EstimateCase{MatrixFamily::uniform, 5000, 0.002, 0.1},
                                         EstimateCase{MatrixFamily::banded, 20000, 0.7, 0.1},
                                         EstimateCase{MatrixFamily::pruned, 800, 0.1, 0.35},
                                         EstimateCase{MatrixFamily::rmat, 4096, 0, 0.5}));

TEST(Measure, IsDeterministicAndChargesTwoMatricesMore) {
  const auto a = make(MatrixFamily::uniform, 5000, 0.002);
  const Config config;
  const Measurement once = measure(*a, *a, true, config), twice = measure(*a, *a, true, config);
  EXPECT_EQ(features_of(once, config), features_of(twice, config));
  const Csr copy = *a;
  EXPECT_GT(measure(*a, copy, false, config).pointer_cycles, once.pointer_cycles);
  EXPECT_GT(once.pointer_cycles, config.machine.dram.flat.latency);
}

TEST(Measure, EmptyMatricesGiveFiniteFeatures) {
  for (const std::uint32_t rows : {0u, 1u, 1000u}) {
    Csr empty;
    empty.rows = empty.cols = rows;
    empty.pointers.assign(rows + 1, 0);
    const Features features = features_of(measure(empty, empty, true, Config{}), Config{});
    for (const double f : features) EXPECT_TRUE(std::isfinite(f));
  }
}

TEST(Features, NamesAreDistinctAndUnknownOnesGetTheNearest) {
  std::set<std::string_view> names;
  for (const FeatureInfo& info : feature_list()) EXPECT_TRUE(names.insert(info.name).second);
  EXPECT_THROW(find_feature("ip_rv"), InputError);
}

TEST(Heuristics, FollowTheirPapers) {
  Example e;
  e.measured.rows = e.measured.inner = e.measured.cols = 1000;
  e.measured.nnz_a = e.measured.nnz_b = 5000;  // 0.5 %
  e.trial = {300, 100, 200};
  const auto choice = [&](std::string_view name) {
    for (const Heuristic& h : heuristics())
      if (h.name == name) return h.choose(e);
    return kDataflows;
  };
  EXPECT_EQ(choice("hit"), kOuter);
  EXPECT_EQ(choice("harmonia"), kOuter);  // uniform A, B of low density
  EXPECT_EQ(choice("spada"), kOuter);     // fewest cycles on the first rows
  e.measured.a_row_cv = 2;
  EXPECT_EQ(choice("harmonia"), kRow);
  e.measured.a_row_cv = 0;
  e.measured.nnz_a = e.measured.nnz_b = 950'000;
  EXPECT_EQ(choice("hit"), kInner);
  EXPECT_EQ(choice("harmonia"), kInner);
}

}  // namespace
}  // namespace heddle::selector
