#include "matrices/matrix_market.h"

#include <gtest/gtest.h>

#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

const std::string kReal = "%%MatrixMarket matrix coordinate real general\n";

const Csr kTwoByThree{2, 3, {0, 2, 3}, {0, 2, 1}, {1.5, -2.0, 3e-3}};

TEST(MatrixMarket, ReadsCoordinateReal) {
  const LoadedMatrix loaded = read_text(kReal + "2 3 3\n1 1 1.5\n1 3 -2\n2 2 3e-3\n");
  EXPECT_EQ(loaded.matrix, kTwoByThree);
  EXPECT_FALSE(loaded.pattern);
  EXPECT_EQ(loaded.statistics.stored_entries, 3u);
  EXPECT_EQ(loaded.statistics.mirrored_entries, 0u);
}

TEST(MatrixMarket, TakesEntriesInAnyOrder) {
  EXPECT_EQ(read_text(kReal + "2 3 3\n2 2 3e-3\n1 3 -2\n1 1 1.5\n").matrix, kTwoByThree);
}

TEST(MatrixMarket, SkipsCommentsBlanksAndCarriageReturns) {
  const std::string text =
      "%%matrixmarket MATRIX Coordinate REAL General\r\n"
      "% a comment\r\n%\r\n\r\n   \t\r\n  2\t3 3  \r\n"
      "\t 1   1 1.5  \r\n% in between\r\n\r\n1 3 -2.0D0\r\n  % indented\r\n2 2 +.003\r\n\r\n\n% the end";
  EXPECT_EQ(read_text(text).matrix, kTwoByThree);
}

TEST(MatrixMarket, TakesALastLineWithoutItsEnd) {
  EXPECT_EQ(read_text(kReal + "2 3 3\n1 1 1.5\n1 3 -2\n2 2 3e-3").matrix, kTwoByThree);
}

TEST(MatrixMarket, ReadsIntegersAndPatterns) {
  const auto integer = read_text("%%MatrixMarket matrix coordinate integer general\n1 2 2\n1 1 -7\n1 2 +3\n");
  EXPECT_EQ(integer.matrix.values, (std::vector<double>{-7, 3}));
  const auto pattern = read_text("%%MatrixMarket matrix coordinate pattern general\n1 2 2\n1 1\n1 2\n");
  EXPECT_EQ(pattern.matrix.values, (std::vector<double>{1, 1}));
  EXPECT_TRUE(pattern.pattern);
}

TEST(MatrixMarket, MirrorsSymmetricEntries) {
  const auto loaded = read_text("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 5\n3 1 2\n3 2 4\n");
  const Csr expected{3, 3, {0, 2, 3, 5}, {0, 2, 2, 0, 1}, {5, 2, 4, 2, 4}};
  EXPECT_EQ(loaded.matrix, expected);
  EXPECT_EQ(loaded.statistics.stored_entries, 3u);
  EXPECT_EQ(loaded.statistics.mirrored_entries, 2u);
}

TEST(MatrixMarket, NegatesSkewSymmetricEntries) {
  const auto loaded = read_text("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 4\n");
  const Csr expected{2, 2, {0, 1, 2}, {1, 0}, {-4, 4}};
  EXPECT_EQ(loaded.matrix, expected);
}

TEST(MatrixMarket, SumsDuplicates) {
  const auto loaded = read_text(kReal + "2 2 5\n1 2 1\n2 1 8\n1 2 2\n1 1 1\n1 2 4\n");
  const Csr expected{2, 2, {0, 2, 3}, {0, 1, 0}, {1, 7, 8}};
  EXPECT_EQ(loaded.matrix, expected);
  EXPECT_EQ(loaded.statistics.stored_entries, 5u);
  EXPECT_EQ(loaded.statistics.duplicates_merged, 2u);
}

TEST(MatrixMarket, CountsDuplicatesOfBothHalves) {
  const auto loaded = read_text("%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n2 1 4\n2 1 1\n");
  EXPECT_EQ(loaded.matrix.values, (std::vector<double>{5, 5}));
  EXPECT_EQ(loaded.statistics.duplicates_merged, 2u);
  const ReadStatistics& s = loaded.statistics;
  EXPECT_EQ(loaded.matrix.nnz(), s.stored_entries + s.mirrored_entries - s.duplicates_merged);
}

TEST(MatrixMarket, KeepsAPatternsDuplicatesAtOne) {
  const auto loaded = read_text("%%MatrixMarket matrix coordinate pattern general\n1 1 3\n1 1\n1 1\n1 1\n");
  EXPECT_EQ(loaded.matrix.values, (std::vector<double>{1}));
  EXPECT_EQ(loaded.statistics.duplicates_merged, 2u);
}

TEST(MatrixMarket, KeepsAndCountsExplicitZeros) {
  const auto loaded = read_text(kReal + "2 2 4\n1 1 0\n1 2 0.0\n2 1 1\n2 2 -0.0\n");
  EXPECT_EQ(loaded.matrix.nnz(), 4u);
  EXPECT_EQ(loaded.statistics.explicit_zeros, 3u);
}

TEST(MatrixMarket, KeepsAnEntryWhoseDuplicatesCancel) {
  const auto loaded = read_text(kReal + "1 1 2\n1 1 2.5\n1 1 -2.5\n");
  EXPECT_EQ(loaded.matrix.nnz(), 1u);
  EXPECT_EQ(loaded.statistics.explicit_zeros, 1u);
}

TEST(MatrixMarket, ReadsArraysColumnByColumnWithoutTheirZeros) {
  const auto loaded = read_text("%%MatrixMarket matrix array real general\n2 3\n1.5\n0\n0\n3e-3\n-2\n0\n");
  EXPECT_EQ(loaded.matrix, kTwoByThree);
  EXPECT_EQ(loaded.statistics.stored_entries, 3u);
  EXPECT_EQ(loaded.statistics.explicit_zeros, 0u);
}

TEST(MatrixMarket, ReadsTheLowerTriangleOfSymmetricArrays) {
  const auto symmetric = read_text("%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n");
  const Csr expected{2, 2, {0, 2, 4}, {0, 1, 0, 1}, {1, 2, 2, 3}};
  EXPECT_EQ(symmetric.matrix, expected);
  const auto skew = read_text("%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n");
  const Csr expected_skew{3, 3, {0, 2, 4, 6}, {1, 2, 0, 2, 0, 1}, {-1, -2, 1, -3, 2, 3}};
  EXPECT_EQ(skew.matrix, expected_skew);
}

TEST(MatrixMarket, ReadsMatricesWithoutEntriesRowsOrColumns) {
  const Csr empty{3, 2, {0, 0, 0, 0}, {}, {}};
  EXPECT_EQ(read_text(kReal + "3 2 0\n").matrix, empty);
  const Csr no_rows{0, 5, {0}, {}, {}};
  EXPECT_EQ(read_text(kReal + "0 5 0\n").matrix, no_rows);
  const Csr no_columns{2, 0, {0, 0, 0}, {}, {}};
  EXPECT_EQ(read_text(kReal + "2 0 0").matrix, no_columns);
  EXPECT_EQ(read_text("%%MatrixMarket matrix array real general\n0 0\n").matrix, Csr{});
  EXPECT_EQ(read_text("%%MatrixMarket matrix array real skew-symmetric\n1 1\n").matrix.nnz(), 0u);
}

TEST(MatrixMarket, ReadsOneByOne) {
  const Csr one{1, 1, {0, 1}, {0}, {7}};
  EXPECT_EQ(read_text(kReal + "1 1 1\n1 1 7\n").matrix, one);
}

TEST(MatrixMarket, ReadsLinesAcrossItsBuffer) {
  std::string text = kReal + "%" + std::string((1 << 20) - 20, 'c') + "\n400000 400000 300000\n";
  for (int i = 1; i <= 300000; ++i)
    text += std::to_string(i) + " " + std::to_string(i) + " " + std::to_string(i) + "\n";
  const Csr matrix = read_text(text).matrix;
  ASSERT_EQ(matrix.nnz(), 300000u);
  for (std::uint32_t i = 0; i < 300000; ++i) ASSERT_EQ(matrix.values[i], i + 1.0);
}

TEST(MatrixMarket, RefusesALineWithoutEnd) {
  EXPECT_EQ(failure_of(kReal + std::string(3 << 20, '%') + "\n1 1 0\n"),
            "text.mtx:2: longer than 1048576 bytes without an end; expected the text of a matrix");
  EXPECT_EQ(failure_of(std::string(3 << 20, '1')),
            "text.mtx:1: longer than 1048576 bytes without an end; expected the text of a matrix");
}

TEST(MatrixMarket, LetsDimensionsGrowWithTheEntries) {
  const ReadLimits limits{100, 10};
  const auto read = [&](int rows, int entries) {
    std::string text = kReal + std::to_string(rows) + " 1 " + std::to_string(entries) + "\n";
    for (int i = 1; i <= entries; ++i) text += std::to_string(i) + " 1 1\n";
    std::istringstream stream(text);
    return read_matrix_market(stream, "text.mtx", limits).matrix.rows;
  };
  EXPECT_EQ(read(100, 1), 100u);
  EXPECT_THROW(read(101, 1), InputError);
  EXPECT_EQ(read(200, 20), 200u);
  EXPECT_THROW(read(201, 20), InputError);
}

}  // namespace
}  // namespace heddle
