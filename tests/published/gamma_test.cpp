// Gamma (Zhang et al., ASPLOS 2021): published run times of A*A, digitised in the TeAAL artifact (MICRO 2023), and DRAM
// traffic over compulsory. Deviations: tests/published/DEVIATIONS.md.
#include <cstdio>
#include <ostream>

#include "tests/published/published_case.h"

namespace {

struct Row {
  const char* file;
  double microseconds;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.file;
}

class Gamma : public testing::TestWithParam<Row> {};

TEST_P(Gamma, TimeWithinTenPercentTrafficWithinThree) {
  const Row row = GetParam();
  SKIP_WITHOUT_COLLECTION(row.file);
  const auto report =
      heddle::published::run(heddle::published::workload(row.file), heddle::published::machine("gamma"), "row_wise");
  const double ours = report.seconds * 1e6;
  std::printf("%s: published %.1f us, ours %.1f us (%+.1f %%), traffic %.3f of compulsory\n", row.file,
              row.microseconds, ours, 100 * (ours / row.microseconds - 1), report.normalised_traffic());
  EXPECT_NEAR(ours, row.microseconds, 0.10 * row.microseconds);
  EXPECT_GE(report.normalised_traffic(), 0.97);
  EXPECT_LE(report.normalised_traffic(), 1.03);
}

INSTANTIATE_TEST_SUITE_P(Published, Gamma,
                         testing::Values(Row{"suitesparse/wiki-Vote.mtx", 210.2},
                                         Row{"suitesparse/p2p-Gnutella31.mtx.gz", 82.2},
                                         Row{"suitesparse/ca-CondMat.mtx.gz", 262.5}));

}  // namespace
