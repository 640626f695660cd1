// Published claims as rows: claim, command, JSON key, expected value. Every *.yaml beside this file is a list of rows;
// a test per claim runs its commands (each once) and checks its rows. A row with `missed: true` is a claim we do not
// reach: it must still be missed, so that reaching it forces the row to be changed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/base/config_tree.h"
#include "sim/base/file_io.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle::claims {

constexpr double kNoBound = 1e300;

struct Row {
  std::string claim, text, command, key;
  double expected = kNoBound;
  double tolerance = 0;  ///< relative to `expected`
  double at_least = -kNoBound, at_most = kNoBound;
  bool missed = false;
};
template <class V>
void describe(V& v, Row& r) {
  v.field("claim", r.claim, "text", "which claim of the file");
  v.field("text", r.text, "text", "what is claimed, and by whom");
  v.field("command", r.command, "text", "words after heddle; --json is added");
  v.field("key", r.key, "text", "JSON pointer into the result");
  v.field("expected", r.expected, "", "value", any_value);
  v.field("tolerance", r.tolerance, "fraction", "of the value", in_range(0, 10));
  v.field("at_least", r.at_least, "", "lower bound", in_range(-kNoBound, kNoBound));
  v.field("at_most", r.at_most, "", "upper bound", in_range(-kNoBound, kNoBound));
  v.field("missed", r.missed, "bool", "known not to be reached");
}

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.claim << ": " << row.text;
}

struct ClaimFile {
  std::vector<Row> rows;
};
template <class V>
void describe(V& v, ClaimFile& f) {
  v.field("rows", f.rows, "", "claims");
}

namespace {

Json run(const std::string& command) {
  static std::map<std::string, Json> done;
  const auto found = done.find(command);
  if (found != done.end()) return found->second;
  const std::string file = testing::TempDir() + "claim-" + std::to_string(getpid()) + ".json";
  const std::string line =
      "cd '" HEDDLE_SOURCE_DIR "' && '" HEDDLE_COMMAND "' " + command + " --quiet --json '" + file + "'";
  if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: heddle " + command);
  const Json json = Json::parse(read_text_file(file));
  std::filesystem::remove(file);
  return done[command] = json;
}

bool holds(const Row& row, double value) {
  if (row.expected != kNoBound && std::fabs(value - row.expected) > row.tolerance * std::fabs(row.expected))
    return false;
  return value >= row.at_least && value <= row.at_most;
}

class Claims : public testing::TestWithParam<std::vector<Row>> {};

TEST_P(Claims, Hold) {
  for (const Row& row : GetParam()) {
    const Json result = run(row.command);
    const Json::json_pointer pointer(row.key);
    ASSERT_TRUE(result.contains(pointer)) << "heddle " << row.command << " has no " << row.key;
    const double value = result[pointer].get<double>();
    EXPECT_EQ(holds(row, value), !row.missed) << (row.missed ? "now reached, no longer a miss: " : "") << row.text
                                              << "\n  heddle " << row.command << "\n  " << row.key << " = " << value;
  }
}

/// Rows of all files, by claim, in order.
std::vector<std::vector<Row>> all_claims() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(HEDDLE_SOURCE_DIR "/tests/claims"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::vector<Row>> claims;
  for (const auto& path : files) {
    ClaimFile file;
    read_config(load_config(path.string()), file);
    for (const Row& row : file.rows) {
      if (claims.empty() || claims.back().front().claim != row.claim) claims.emplace_back();
      claims.back().push_back(row);
    }
  }
  return claims;
}

std::string test_name(const testing::TestParamInfo<std::vector<Row>>& info) {
  std::string name = info.param.front().claim;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Claims, testing::ValuesIn(all_claims()), test_name);

}  // namespace
}  // namespace heddle::claims
