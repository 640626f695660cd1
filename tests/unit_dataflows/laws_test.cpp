// Every law, kept by runs of all dataflows and broken by hand.
#include <gtest/gtest.h>

#include <functional>

#include "dataflows/bounds.h"
#include "dataflows/finish.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

const Workload& some_workload() {
  static const Workload workload = testing::workload_of(testing::generated(MatrixFamily::uniform, 60, 1, 0.1),
                                                        testing::generated(MatrixFamily::banded, 60, 2, 0.5));
  return workload;
}

struct Breach {
  const char* law;
  std::function<void(RunReport&)> commit;
};

TEST(Laws, EachBreachIsNamed) {
  const Config config = testing::small_machine();
  const Breach breaches[] = {
      {"products formed", [](RunReport& r) { ++r.products; }},
      {"nonzeros written", [](RunReport& r) { --r.nnz_c; }},
      {"agents x cycles", [](RunReport& r) { ++r.stalls.begin()->second.busy; }},
      {"agents x cycles", [](RunReport& r) { ++r.stalls.begin()->second.agents; }},
      {"cycles >= compute_cycles", [](RunReport& r) { r.bounds.compute_cycles = r.cycles + 1; }},
      {"cycles >= merge_cycles", [](RunReport& r) { r.bounds.merge_cycles = r.cycles + 1; }},
      {"cycles >= bandwidth_cycles", [](RunReport& r) { r.bounds.bandwidth_cycles = r.cycles + 1; }},
      {"traffic >= compulsory", [](RunReport& r) { r.dram_bytes = {}; }},
  };
  for (const CatalogEntry& entry : catalog()) {
    const RunReport report = entry.run(some_workload(), config, {}).report;
    for (const Breach& breach : breaches) {
      RunReport broken = report;
      breach.commit(broken);
      const std::string message =
          testing::message_of<LawViolation>([&] { check_laws(entry.kind, some_workload(), config, broken); });
      EXPECT_NE(message.find(breach.law), std::string::npos) << entry.name << ": " << message;
    }
  }
}

TEST(Laws, ProductIsComparedElementByElement) {
  const ReferenceProduct reference = reference_product(some_workload());
  EXPECT_NO_THROW(check_product(reference, reference.c));
  Csr close = reference.c;
  close.values[5] += 0.5e-9 * reference.magnitude[5];
  EXPECT_NO_THROW(check_product(reference, close));
  close.values[5] += 1e-9 * reference.magnitude[5];
  EXPECT_THROW(check_product(reference, close), LawViolation);
  Csr nan = reference.c;
  nan.values[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(check_product(reference, nan), LawViolation);
}

TEST(Laws, PatternIsCompared) {
  const ReferenceProduct reference = reference_product(some_workload());
  Csr moved = reference.c;
  moved.coordinates[3] += 100;
  EXPECT_THROW(check_product(reference, moved), LawViolation);
  Csr shorter = reference.c;
  --shorter.pointers.back();
  shorter.coordinates.pop_back();
  shorter.values.pop_back();
  EXPECT_THROW(check_product(reference, shorter), LawViolation);
}

TEST(Finish, DerivedFigures) {
  const Config config = testing::small_machine();
  for (const CatalogEntry& entry : catalog()) {
    const RunReport r = entry.run(some_workload(), config, {}).report;
    EXPECT_EQ(r.dataflow, entry.name);
    EXPECT_DOUBLE_EQ(r.seconds, double(r.cycles) * 1e-9);
    EXPECT_DOUBLE_EQ(r.gflops(), 2.0 * double(r.products) / double(r.cycles));
    EXPECT_DOUBLE_EQ(r.mac_utilisation, double(r.products) / (256.0 * double(r.cycles)));
    EXPECT_DOUBLE_EQ(r.bandwidth_utilisation, double(r.dram_bytes.total()) / (64.0 * double(r.cycles)));
    EXPECT_EQ(r.compulsory_bytes, compulsory_bytes(some_workload(), config.layout));
    EXPECT_LE(r.bounds.lower(), r.cycles);
    EXPECT_GE(r.load_imbalance, 1.0);
    EXPECT_GT(r.energy_joules.total(), 0.0);
    EXPECT_GT(r.area_mm2, 0.0);
    EXPECT_EQ(r.actions.macs, r.products);
  }
}

/// An estimate that differs by more than a factor of 1.5 between two dataflows is right about which is faster.
TEST(Estimate, OrdersWhatIsClearlyApart) {
  const Config config = [] {
    Config c;
    c.machine.dram.kind = DramKind::flat;
    return c;
  }();
  constexpr MatrixFamily kFamilies[] = {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::banded,
                                        MatrixFamily::block, MatrixFamily::hypersparse};
  int compared = 0, right = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Csr m = testing::generated(kFamilies[seed % 5], 700, seed, 0.01 + 0.004 * double(seed));
    const Workload w = testing::workload_of(m, m);
    double estimated[3], measured[3];
    for (const CatalogEntry& entry : catalog()) {
      estimated[int(entry.kind)] = estimate_cycles(entry.kind, w, config);
      measured[int(entry.kind)] = double(entry.run(w, config, {}).report.cycles);
    }
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        if (estimated[i] * 1.5 > estimated[j]) continue;
        ++compared;
        right += measured[i] < measured[j];
      }
  }
  EXPECT_GE(compared, 15);
  EXPECT_EQ(right, compared);
}

}  // namespace
}  // namespace heddle
