#include "tests/published/winner_case.h"

namespace {

using heddle::published::WinnerCase;

class WinnerMap : public testing::TestWithParam<WinnerCase> {};

TEST_P(WinnerMap, WinnerLeadsByTenPercent) {
  const WinnerCase& row = GetParam();
  SKIP_WITHOUT_COLLECTION(row.file);
  const heddle::Workload work = heddle::published::workload(row.file, row.transposed);
  ASSERT_GE(work.products, 100'000u);
  EXPECT_GE(heddle::published::lead_of(row, work), 1.1);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, WinnerMap,
    testing::Values(WinnerCase{"suitesparse/bcspwr10.mtx", false, "shared_budget", "row_wise"},
                    WinnerCase{"suitesparse/delaunay_n13.mtx", false, "shared_budget", "row_wise"},
                    WinnerCase{"suitesparse/fv1.mtx", false, "shared_budget", "row_wise"},
                    WinnerCase{"dlmc/transformer_variational_dropout_0.9_encoder_layer_2_ffn_conv1.smtx", true,
                               "shared_budget", "inner_product"},
                    WinnerCase{"suitesparse/bcspwr10.mtx", false, "long_latency", "outer_product"},
                    WinnerCase{"suitesparse/delaunay_n13.mtx", false, "long_latency", "outer_product"},
                    WinnerCase{"suitesparse/fv1.mtx", false, "long_latency", "outer_product"}));

}  // namespace
