// Row-wise with windows: which heights blocks get, and that every shape forms the product.
#include <gtest/gtest.h>

#include "dataflows/dataflow.h"
#include "dataflows/finish.h"
#include "dataflows/row_wise/window_heights.h"
#include "tests/small_cases.h"

namespace heddle::row_wise {
namespace {

/// `lengths[r]` nonzeros in row r.
Csr with_rows(const std::vector<std::uint32_t>& lengths) {
  Csr matrix;
  matrix.rows = static_cast<std::uint32_t>(lengths.size());
  for (const std::uint32_t length : lengths) {
    matrix.cols = std::max(matrix.cols, length);
    for (std::uint32_t c = 0; c < length; ++c) matrix.coordinates.push_back(c);
    matrix.pointers.push_back(matrix.coordinates.size());
  }
  matrix.values.assign(matrix.coordinates.size(), 1.0);
  return matrix;
}

RowWiseConfig profiled(std::uint32_t lanes) {
  RowWiseConfig config;
  config.merge = RowMerge::windows;
  config.lanes = lanes;
  config.window_shape = WindowShape::profiled;
  return config;
}

TEST(WindowHeights, FixedShrinksAtTheEnd) {
  RowWiseConfig config;
  config.window_rows = 4;
  const Csr a = with_rows({1, 1, 1, 1, 1, 1, 1});
  WindowHeights heights(a, config);
  EXPECT_EQ(heights.of(0), 4u);
  EXPECT_EQ(heights.of(4), 2u);
  EXPECT_EQ(heights.of(6), 1u);
}

TEST(WindowHeights, LongStretchIsSampledByPosition) {
  const Csr a = with_rows(std::vector<std::uint32_t>(200, 3));
  const RowWiseConfig config = profiled(4);
  WindowHeights heights(a, config);
  std::vector<std::uint32_t> cut;
  std::uint32_t row = 0;
  for (std::uint64_t block = 0; heights.of(row) != 0 && row < 29; ++block) {
    cut.push_back(heights.of(row));
    heights.on_cut(block, row, cut.back(), 1);
    row += cut.back();
  }
  EXPECT_EQ(cut, (std::vector<std::uint32_t>{1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4}));
  EXPECT_EQ(heights.of(29), 0u);  // the sample has not ended
  for (std::uint64_t block = 0; block < cut.size(); ++block) {
    const Cycle cycles = cut[block] == 2 ? 11 : 6 * Cycle{cut[block]};  // 6, 5.5 and 6 cycles a row
    EXPECT_EQ(heights.of(29), 0u);
    heights.on_window_end(block, cycles);
  }
  EXPECT_EQ(heights.of(29), 2u);
  EXPECT_EQ(heights.of(198), 2u);
  EXPECT_EQ(heights.of(199), 1u);  // one row is left
}

TEST(WindowHeights, ShortStretchIsDoubledWhileThatIsBetter) {
  const Csr a = with_rows(std::vector<std::uint32_t>(100, 2));
  const RowWiseConfig config = profiled(8);
  WindowHeights heights(a, config);
  EXPECT_EQ(heights.of(0), 1u);
  heights.on_cut(0, 0, 1, 1);
  EXPECT_EQ(heights.of(1), 1u);  // nothing is known yet
  heights.on_window_end(0, 10);
  EXPECT_EQ(heights.of(1), 2u);
  heights.on_cut(1, 1, 2, 2);
  heights.on_window_end(1, 9);
  EXPECT_EQ(heights.of(3), 2u);  // the block's second window has not ended
  heights.on_window_end(1, 9);
  EXPECT_EQ(heights.of(3), 4u);
  heights.on_cut(2, 3, 4, 1);
  heights.on_window_end(2, 44);
  EXPECT_EQ(heights.of(7), 2u);  // 10, 9 and 11 cycles a row
}

/// Rows of 2 and 3 nonzeros are alike, 2 and 4 are not; rows without nonzeros belong to what is above them.
TEST(WindowHeights, StretchesEndWhereLengthsDiffer) {
  const Csr a = with_rows({0, 2, 0, 3, 2, 4, 4, 4});
  const RowWiseConfig config = profiled(8);
  WindowHeights heights(a, config);
  heights.on_cut(0, 0, 1, 1);
  heights.on_window_end(0, 8);
  heights.on_cut(1, 1, 1, 1);
  heights.on_window_end(1, 8);
  EXPECT_EQ(heights.of(3), 2u);
  EXPECT_EQ(heights.of(4), 1u);  // the stretch ends after it
  EXPECT_EQ(heights.of(5), 1u);  // a new one, of which nothing is known
}

TEST(Windows, EveryShapeFormsTheProduct) {
  GeneratorConfig generator;
  generator.family = MatrixFamily::rmat;
  generator.scale = 8;
  const Workload workload = testing::workload_of(generate(generator), generate(generator));
  const ReferenceProduct reference = reference_product(workload);
  for (const std::uint32_t rows : {1u, 2u, 8u, 16u}) {
    for (const WindowShape shape : {WindowShape::fixed, WindowShape::profiled}) {
      Config config;
      config.row_wise.merge = RowMerge::windows;
      config.row_wise.lanes = 16;
      config.row_wise.window_rows = rows;
      config.row_wise.window_shape = shape;
      RunOptions options;
      options.carry_values = true;
      const RunResult result = find_dataflow("row_wise").run(workload, config, options);
      ASSERT_TRUE(result.c.has_value());
      check_product(reference, *result.c);
      EXPECT_EQ(result.report.products, workload.products);
      EXPECT_GE(result.report.cycles, result.report.bounds.lower());
    }
  }
}

}  // namespace
}  // namespace heddle::row_wise
