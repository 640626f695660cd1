#include "dataflows/bounds.h"

#include <gtest/gtest.h>

#include "dataflows/matrix_counts.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

using testing::workload_of;

TEST(Bounds, MergeLevels) {
  EXPECT_EQ(merge_levels(0, 64), 1U);
  EXPECT_EQ(merge_levels(64, 64), 1U);
  EXPECT_EQ(merge_levels(65, 64), 2U);
  EXPECT_EQ(merge_levels(64 * 64, 64), 2U);
  EXPECT_EQ(merge_levels(64 * 64 + 1, 64), 3U);
  EXPECT_EQ(merge_levels(5, 2), 3U);  // 3 leaves, 2 inner tasks, the root
}

TEST(Bounds, RowWiseCountsProductsPerPe) {
  Config config = testing::small_machine();
  config.machine.pe.count = 4;
  config.machine.pe.multipliers = 2;
  const Bounds bounds = row_wise_bounds(workload_of(testing::full(40, 10), testing::full(10, 10)), config);
  EXPECT_EQ(bounds.compute_cycles, 4000U / 8);
  EXPECT_EQ(bounds.merge_cycles, 4000U / 4);
}

/// Ten fibers on radix 4: three leaves and a root, to which at least the row of C goes.
TEST(Bounds, TreesMergeTheirRowTwice) {
  Config config = testing::small_machine();
  config.machine.pe.count = 4;
  config.machine.pe.radix = 4;
  const Bounds bounds = row_wise_bounds(workload_of(testing::full(40, 10), testing::full(10, 10)), config);
  EXPECT_EQ(bounds.merge_cycles, (4000U + 400) / 4);
}

TEST(Bounds, OneLongRowBindsOnePe) {
  const Config config = testing::small_machine();
  EXPECT_EQ(row_wise_bounds(workload_of(testing::full(1, 50), testing::full(50, 50)), config).merge_cycles, 2500U);
}

/// One line per cycle: the lines of all regions, the last of them written.
TEST(Bounds, BandwidthCountsWholeLines) {
  const Config config = testing::small_machine();
  const Workload w = workload_of(testing::full(16, 16), testing::full(16, 16));
  // 256 elements of 12 B are 48 lines; 17 pointers of 4 B are 2, of 16 touched rows 1.
  EXPECT_EQ(row_wise_bounds(w, config).bandwidth_cycles + 1, 3 * 48 + 2 + 1 + 2U);
  EXPECT_EQ(unavoidable_bytes(DataflowKind::row_wise, w, config), 64U * (3 * 48 + 5));
  // Conversion: read and written once, pointers read and written. Then A' and B with all pointers, and C.
  EXPECT_EQ(unavoidable_bytes(DataflowKind::outer_product, w, config), 64U * (2 * 48 + 4 + 3 * 48 + 6));
}

TEST(Bounds, FreeConversionMovesNothing) {
  Config config = testing::small_machine();
  config.outer_product.convert = Convert::free;
  const Workload w = workload_of(testing::full(16, 16), testing::full(16, 16));
  EXPECT_EQ(unavoidable_bytes(DataflowKind::outer_product, w, config), 64U * (3 * 48 + 6));
}

TEST(Bounds, InnerProductScansEveryColumnForEveryFold) {
  Config config = testing::small_machine();
  config.machine.pe.count = 1;
  config.machine.pe.multipliers = 100;
  config.inner_product.scan_width = 4;
  config.inner_product.distribution_width = 1000;
  const Workload w = workload_of(testing::full(16, 16), testing::full(16, 20));
  EXPECT_EQ(inner_product_bounds(w, config).compute_cycles, 3U * 20 * 4);  // folds, columns, 16 / 4
  config.inner_product.distribution_width = 10;
  EXPECT_EQ(inner_product_bounds(w, config).compute_cycles, 16U * 16 * 20 / 10);
}

TEST(Bounds, OuterProductTakesACyclePerSegmentAtLeast) {
  Config config = testing::small_machine();
  const Workload w = workload_of(testing::identity(50), testing::identity(50));
  EXPECT_EQ(outer_product_bounds(w, config).compute_cycles, 50U);
  config.outer_product.row_buffer.count = 512;  // segments of 16
  const Workload wide = workload_of(testing::full(1, 1), testing::full(1, 100));
  EXPECT_EQ(outer_product_bounds(wide, config).compute_cycles, 7U);
}

TEST(Bounds, SpillsAreUnavoidableBeyondTheSram) {
  Config config = testing::small_machine();
  config.outer_product.convert = Convert::free;
  config.outer_product.header_bytes = 4;
  config.machine.sram.capacity.count = 1024 * 64;
  const Workload w = workload_of(testing::full(100, 1), testing::full(1, 100));
  const std::uint64_t log_lines = (100 * (4 + 1200) + 63) / 64;
  EXPECT_EQ(partial_log(w, config).bytes, 100U * 1204);
  config.machine.sram.capacity.count = 1U << 20;
  const std::uint64_t held = unavoidable_bytes(DataflowKind::outer_product, w, config);
  config.machine.sram.capacity.count = 1024 * 64;
  EXPECT_EQ(unavoidable_bytes(DataflowKind::outer_product, w, config), held + 2 * 64 * (log_lines - 1024));
}

TEST(Bounds, NothingToDo) {
  const Config config = testing::small_machine();
  const Workload w = workload_of(testing::empty(0, 0), testing::empty(0, 0));
  for (const auto& bounds :
       {inner_product_bounds(w, config), outer_product_bounds(w, config), row_wise_bounds(w, config)}) {
    EXPECT_EQ(bounds.compute_cycles, 0U);
    EXPECT_EQ(bounds.merge_cycles, 0U);
  }
}

}  // namespace
}  // namespace heddle
