// The rows of claims.yaml against results/selector/evaluation.json (made by tools/selector) and against the program.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "sim/base/file_io.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle::selector {
namespace {

struct ClaimRow {
  std::uint32_t claim = 0;
  std::string text, command, key, over, shown_by;
  double at_least = -INFINITY, at_most = INFINITY;
  bool missed = false;
};
template <class V>
void describe(V& v, ClaimRow& r) {
  v.field("claim", r.claim, "", "number of the claim", in_range(1, 23));
  v.field("text", r.text, "", "what is claimed");
  v.field("command", r.command, "", "words after heddle; absent: the committed evaluation");
  v.field("key", r.key, "", "JSON pointer");
  v.field("over", r.over, "", "JSON pointer to divide by");
  v.field("shown_by", r.shown_by, "", "the test that shows it, or why there is none");
  v.field("at_least", r.at_least, "", "bound", in_range(-1e30, 1e30));
  v.field("at_most", r.at_most, "", "bound", in_range(-1e30, 1e30));
  v.field("missed", r.missed, "", "known not to hold");
}
struct Claims {
  std::vector<ClaimRow> rows;
};
template <class V>
void describe(V& v, Claims& c) {
  v.field("rows", c.rows, "", "rows");
}

Claims load_claims() {
  Claims claims;
  read_config(load_config(std::string(HEDDLE_SOURCE_DIR) + "/tests/unit_selector/claims.yaml"), claims);
  return claims;
}

std::string run(const std::string& words) {
  const std::string command = "cd " HEDDLE_SOURCE_DIR " && " HEDDLE_COMMAND " " + words;
  std::FILE* const pipe = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  for (std::size_t n; pipe != nullptr && (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  if (pipe != nullptr) pclose(pipe);
  return text;
}

const Json& result_of(const std::string& command) {
  static std::map<std::string, Json> results;
  const auto [at, fresh] = results.try_emplace(command);
  if (fresh)
    at->second = Json::parse(command.empty()
                                 ? read_text_file(std::string(HEDDLE_SOURCE_DIR) + "/results/selector/evaluation.json")
                                 : run(command),
                             nullptr, false);
  return at->second;
}

double value_at(const Json& json, const std::string& key) {
  const Json::json_pointer pointer(key);
  if (json.is_discarded() || !json.contains(pointer)) return NAN;
  const Json& value = json.at(pointer);
  return value.is_boolean() ? double(value.get<bool>()) : value.is_number() ? value.get<double>() : NAN;
}

TEST(Claims, AllTwentyThreeHaveARow) {
  std::set<std::uint32_t> claims;
  for (const ClaimRow& row : load_claims().rows) claims.insert(row.claim);
  EXPECT_EQ(claims.size(), 23u);
}

class Claim : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Claim, RowsHoldOrAreNamedAsMissed) {
  for (const ClaimRow& row : load_claims().rows) {
    if (row.claim != GetParam() || !row.shown_by.empty()) continue;
    const Json& json = result_of(row.command);
    double value = value_at(json, row.key);
    ASSERT_FALSE(std::isnan(value)) << row.text << ": no figure at " << row.key;
    if (!row.over.empty()) value /= value_at(json, row.over);
    const bool holds = value >= row.at_least && value <= row.at_most;
    std::printf("claim %u, %s: %.4g%s\n", row.claim, row.text.c_str(), value,
                holds        ? ""
                : row.missed ? " (missed, as stated)"
                             : " (MISSED)");
    EXPECT_EQ(holds, !row.missed) << row.text << ": " << value << ", wanted " << row.at_least << " to " << row.at_most;
  }
}
INSTANTIATE_TEST_SUITE_P(Rows, Claim, testing::Range(1u, 24u));

}  // namespace
}  // namespace heddle::selector
