#include "tests/published/winner_case.h"

namespace {

using heddle::published::WinnerCase;

class WinnerMapLong : public testing::TestWithParam<WinnerCase> {};

TEST_P(WinnerMapLong, WinnerLeadsByTenPercent) {
  heddle::published::expect_winner(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Shared, WinnerMapLong,
                         testing::Values(WinnerCase{"suitesparse/cari.mtx.gz", true, "shared_budget", "inner_product"},
                                         WinnerCase{"other/dnn_sparse_images_1024.mtx", true, "shared_budget",
                                                    "inner_product"}));

}  // namespace
