#include "tests/published/winner_case.h"

namespace {

using heddle::published::WinnerCase;

class WinnerMapLong : public testing::TestWithParam<WinnerCase> {};

TEST_P(WinnerMapLong, WinnerLeadsByTenPercent) {
  const WinnerCase& row = GetParam();
  SKIP_WITHOUT_COLLECTION(row.file);
  const heddle::Workload work = heddle::published::workload(row.file, row.transposed);
  ASSERT_GE(work.products, 100'000u);
  EXPECT_GE(heddle::published::lead_of(row, work), 1.1);
}

INSTANTIATE_TEST_SUITE_P(Shared, WinnerMapLong,
                         testing::Values(WinnerCase{"suitesparse/cari.mtx.gz", true, "shared_budget", "inner_product"},
                                         WinnerCase{"other/dnn_sparse_images_1024.mtx", true, "shared_budget",
                                                    "inner_product"}));

}  // namespace
