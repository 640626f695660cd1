#include "matrices/smtx.h"

#include <gtest/gtest.h>

#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

LoadedMatrix read(const std::string& text) {
  return read_text(text, "text.smtx");
}

TEST(Smtx, ReadsAPattern) {
  const LoadedMatrix loaded = read("2, 3, 3\n0 2 3 \n0 2 1 \n");
  const Csr expected{2, 3, {0, 2, 3}, {0, 2, 1}, {1, 1, 1}};
  EXPECT_EQ(loaded.matrix, expected);
  EXPECT_TRUE(loaded.pattern);
  EXPECT_EQ(loaded.statistics.stored_entries, 3u);
}

TEST(Smtx, SortsRowsAndTakesOtherSpacing) {
  const Csr expected{2, 3, {0, 2, 3}, {0, 2, 1}, {1, 1, 1}};
  EXPECT_EQ(read("2 3 3\r\n0  2\t3\r\n2 0 1").matrix, expected);
  EXPECT_EQ(read("2,3,3\n0,2,3\n2,0,1\n\n\n").matrix, expected);
}

TEST(Smtx, ReadsMatricesWithoutNonzeros) {
  const Csr empty{2, 2, {0, 0, 0}, {}, {}};
  EXPECT_EQ(read("2, 2, 0\n0 0 0\n\n").matrix, empty);
  EXPECT_EQ(read("2, 2, 0\n0 0 0").matrix, empty);
  EXPECT_EQ(read("0, 0, 0\n0\n").matrix, Csr{});
}

TEST(Smtx, ReadsLinesLongerThanItsBuffer) {
  constexpr std::uint32_t kCols = 400000;
  std::string text = "1, 400000, 400000\n0 400000\n";
  for (std::uint32_t i = 0; i < kCols; ++i) text += std::to_string(i) + " ";
  const Csr matrix = read(text + "\n").matrix;
  ASSERT_EQ(matrix.nnz(), kCols);
  for (std::uint32_t i = 0; i < kCols; ++i) ASSERT_EQ(matrix.coordinates[i], i);
}

TEST(Smtx, RefusesAnEndlessWord) {
  EXPECT_EQ(failure_of(std::string(3 << 20, '1'), "text.smtx"),
            "text.smtx:1: longer than 1048576 bytes without an end; expected the text of a matrix");
}

}  // namespace
}  // namespace heddle
