#include <gtest/gtest.h>

#include "dataflows/dataflow.h"
#include "sim/base/json.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

TEST(Catalog, FindsByName) {
  EXPECT_EQ(catalog().size(), 3U);
  for (const CatalogEntry& entry : catalog()) EXPECT_EQ(find_dataflow(entry.name).kind, entry.kind);
}

TEST(Catalog, UnknownNamesListTheKnownOnes) {
  const std::string message = testing::message_of<InputError>([] { find_dataflow("row_wize"); });
  EXPECT_NE(message.find("row_wize"), std::string::npos);
  EXPECT_NE(message.find("did you mean \"row_wise\""), std::string::npos);
  EXPECT_NE(message.find("inner_product, outer_product, row_wise"), std::string::npos);
}

TEST(Catalog, RunsAreRepeatable) {
  const Workload workload = testing::workload_of(testing::generated(MatrixFamily::power_law, 80, 3, 0.05),
                                                 testing::generated(MatrixFamily::uniform, 80, 4, 0.05));
  for (const CatalogEntry& entry : catalog()) {
    const std::string first = to_json(entry.run(workload, testing::small_machine(), {}).report).dump();
    EXPECT_EQ(to_json(entry.run(workload, testing::small_machine(), {}).report).dump(), first) << entry.name;
  }
}

/// Carrying values changes no cycle.
TEST(Catalog, ValuesDoNotChangeTime) {
  const Workload workload = testing::workload_of(testing::generated(MatrixFamily::rmat, 128, 5, 0.05),
                                                 testing::generated(MatrixFamily::rmat, 128, 6, 0.05));
  for (const CatalogEntry& entry : catalog()) {
    const RunResult without = entry.run(workload, testing::small_machine(), {});
    const RunResult with = entry.run(workload, testing::small_machine(), {.carry_values = true, .sink = nullptr});
    EXPECT_FALSE(without.c.has_value());
    EXPECT_TRUE(with.c.has_value());
    EXPECT_EQ(to_json(with.report).dump(), to_json(without.report).dump()) << entry.name;
  }
}

}  // namespace
}  // namespace heddle
