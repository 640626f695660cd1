#include "dataflows/layout.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "matrices/load_matrix.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

using testing::workload_of;

TEST(Layout, RegionsAreAlignedDisjointAndInOrder) {
  const Workload w = workload_of(testing::full(3, 200), testing::full(200, 5));
  const LayoutConfig config;
  const Layout layout = make_layout(w, config, 200, w.a->nnz());
  const std::pair<Array, std::uint64_t> regions[] = {
      {layout.a_pointers, 4},           {layout.a, 600},
      {layout.b_pointers, 201},         {layout.b, 1000},
      {layout.c_pointers, 4},           {{layout.c.base(), 12}, w.nnz_c()},
      {layout.converted_pointers, 201}, {layout.converted, 600}};
  std::uint64_t end = 0;
  for (const auto& [array, entries] : regions) {
    EXPECT_EQ(array.base % Layout::kRegionAlignment, 0U);
    EXPECT_GE(array.base, end);
    end = array.byte(entries);
  }
  EXPECT_GE(layout.partial_base, end);
  EXPECT_EQ(layout.partial_base % Layout::kRegionAlignment, 0U);
  EXPECT_EQ(layout.a.stride, 12U);
  EXPECT_EQ(layout.b_pointers.stride, 4U);
}

/// Rows of 2, 0 and 3 nonzeros from 2, 0 and 6 products; 5 columns.
Workload three_rows() {
  const Csr a{3, 3, {0, 1, 1, 3}, {0, 1, 2}, {1, 1, 1}};
  const Csr b{3, 5, {0, 2, 5, 8}, {0, 4, 0, 1, 2, 0, 1, 2}, std::vector<double>(8, 1.0)};
  return workload_of(a, b);
}

TEST(Layout, RowsOfCFollowOneAnother) {
  const Workload w = three_rows();
  const RowsOfC c(w, {}, 4096);
  EXPECT_FALSE(c.apart());
  EXPECT_EQ(c.begin(0), 4096U);
  EXPECT_EQ(c.end(0), 4096U + 24);
  EXPECT_EQ(c.begin(1), c.end(1));
  EXPECT_EQ(c.begin(2), 4096U + 24);
  EXPECT_EQ(c.end(2), 4096U + 60);
  EXPECT_EQ(c.end(), c.end(2));
}

TEST(Layout, RowsOfCMayHaveRoomForAllTheirProducts) {
  const Workload w = three_rows();
  LayoutConfig config;
  config.c_layout = CLayout::upper_bound;
  config.value_bytes = 16;  // elements of 20 B: five fill two lines
  const RowsOfC c(w, config, 4096);
  EXPECT_TRUE(c.apart());
  EXPECT_EQ(c.begin(0), 4096U);
  EXPECT_EQ(c.end(0), 4096U + 40);
  EXPECT_EQ(c.begin(1), 4096U + 64);
  EXPECT_EQ(c.end(1), c.begin(1));
  EXPECT_EQ(c.begin(2), 4096U + 64);
  EXPECT_EQ(c.end(2), 4096U + 64 + 60);
  EXPECT_EQ(c.end(), 4096U + 64 + 128);  // six products, but a row has no more than five columns
}

TEST(Layout, LinesOfC) {
  LayoutConfig config;
  EXPECT_EQ(lines_of_c(three_rows(), config), 1U);
  config.c_layout = CLayout::upper_bound;
  EXPECT_EQ(lines_of_c(three_rows(), config), 2U);
}

TEST(Layout, LinesSpanned) {
  EXPECT_EQ(lines_spanned(0, 0), 0U);
  EXPECT_EQ(lines_spanned(64, 64), 0U);
  EXPECT_EQ(lines_spanned(0, 64), 1U);
  EXPECT_EQ(lines_spanned(63, 65), 2U);
  EXPECT_EQ(lines_spanned(60, 72), 2U);
}

TEST(Compulsory, CountsTouchedRowsOfBAndThreePointerArrays) {
  // A names rows 0 and 2 of B; C = A B has 2 + 1 nonzeros.
  const Workload w = workload_of(testing::from_dense(3, {{1, 0, 0}, {0, 0, 1}}),
                                 testing::from_dense(4, {{1, 1, 0, 0}, {1, 1, 1, 1}, {0, 0, 0, 1}}));
  const LayoutConfig config;
  EXPECT_EQ(compulsory_bytes(w, config), 12U * (2 + 3 + 3) + 4U * (3 + 4 + 3));
}

TEST(Compulsory, EmptyMatrices) {
  EXPECT_EQ(compulsory_bytes(workload_of(testing::empty(0, 0), testing::empty(0, 0)), {}), 12U);
  EXPECT_EQ(compulsory_bytes(workload_of(testing::empty(2, 3), testing::empty(3, 1)), {}), 4U * (3 + 4 + 3));
}

/// The figure published for wiki-Vote, A*A.
TEST(Compulsory, WikiVote) {
  const char* folder = std::getenv("HEDDLE_MATRICES");
  const std::filesystem::path path =
      std::filesystem::path(folder != nullptr ? folder : HEDDLE_SOURCE_DIR "/../shared/matrices") /
      "suitesparse/wiki-Vote.mtx";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there; set HEDDLE_MATRICES";
  const auto a = std::make_shared<const Csr>(load_matrix(path.string()).matrix);
  const Workload w = make_workload(a, a, "wiki-Vote", "wiki-Vote");
  EXPECT_EQ(compulsory_bytes(w, {}), 24'012'396U);
}

}  // namespace
}  // namespace heddle
