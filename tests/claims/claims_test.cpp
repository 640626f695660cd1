// Published claims as rows: claim, command, JSON key, expected value. Every *.yaml beside this file is a list of rows;
// a test per claim runs its commands (each once) and checks its rows. A row with `missed: true` is a claim we do not
// reach: it must still be missed, so that reaching it forces the row to be changed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/base/config_tree.h"
#include "sim/base/file_io.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle::claims {

constexpr double kNoBound = 1e300;

struct Row {
  std::string claim, text, command, key, over, shown_by;
  double expected = kNoBound;
  double tolerance = 0;  ///< relative to `expected`
  double at_least = -kNoBound, at_most = kNoBound;
  bool missed = false;
  std::string file;  ///< where the result is when there is no command: that of the ClaimFile
};
template <class V>
void describe(V& v, Row& r) {
  v.field("claim", r.claim, "text", "which claim of the file");
  v.field("text", r.text, "text", "what is claimed, and by whom");
  v.field("command", r.command, "text", "words after heddle; --json is added");
  v.field("key", r.key, "text", "JSON pointer into the result");
  v.field("over", r.over, "text", "JSON pointer to divide by");
  v.field("shown_by", r.shown_by, "text", "instead of a figure: the test that shows it, or why there is none");
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
  std::uint32_t claims = 0;
  std::string file;
  std::vector<Row> rows;
};
template <class V>
void describe(V& v, ClaimFile& f) {
  v.field("claims", f.claims, "claims", "how many there are");
  v.field("file", f.file, "text", "committed result that rows without a command look into");
  v.field("rows", f.rows, "", "claims");
}

namespace {

Json run(const std::string& command) {
  const std::string file = testing::TempDir() + "claim-" + std::to_string(getpid()) + ".json";
  const std::string line =
      "cd '" HEDDLE_SOURCE_DIR "' && '" HEDDLE_COMMAND "' " + command + " --quiet --json '" + file + "'";
  if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: heddle " + command);
  const Json json = parse_json(read_text_file(file));
  std::filesystem::remove(file);
  return json;
}

const Json& result_of(const Row& row) {
  static std::map<std::string, Json> done;
  const auto [at, fresh] = done.try_emplace(row.command.empty() ? row.file : row.command);
  if (fresh)
    at->second = row.command.empty() ? parse_json(read_text_file(HEDDLE_SOURCE_DIR "/" + row.file)) : run(row.command);
  return at->second;
}

/// NAN when there is none.
double figure(const Json& result, const std::string& key) {
  const Json::json_pointer pointer(key);
  if (!result.contains(pointer)) return NAN;
  const Json& value = result[pointer];
  return value.is_boolean() ? double(value.get<bool>()) : value.is_number() ? value.get<double>() : NAN;
}

bool holds(const Row& row, double value) {
  if (row.expected != kNoBound && !(std::fabs(value - row.expected) <= row.tolerance * std::fabs(row.expected)))
    return false;
  return value >= row.at_least && value <= row.at_most;
}

std::string test_name(const std::vector<Row>& rows) {
  std::string name = rows.front().claim;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

class Claims : public testing::TestWithParam<std::vector<Row>> {};

TEST_P(Claims, Hold) {
  for (const Row& row : GetParam()) {
    if (!row.shown_by.empty()) continue;
    const Json& result = result_of(row);
    const double value = figure(result, row.key) / (row.over.empty() ? 1 : figure(result, row.over));
    const std::string where = (row.command.empty() ? row.file : "heddle " + row.command) + "\n  " + row.key;
    ASSERT_FALSE(std::isnan(value)) << "no figure in " << where;
    EXPECT_EQ(holds(row, value), !row.missed)
        << (row.missed ? "now reached, no longer a miss: " : "") << row.text << "\n  " << where << " = " << value;
    std::printf("%s, %s: %.6g%s\n", row.claim.c_str(), row.text.c_str(), value,
                holds(row, value) ? ""
                : row.missed      ? " (missed, as stated)"
                                  : " (MISSED)");
  }
}

std::vector<ClaimFile> claim_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(HEDDLE_SOURCE_DIR "/tests/claims"))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<ClaimFile> files;
  for (const auto& path : paths) {
    read_config(load_config(path.string()), files.emplace_back());
    for (Row& row : files.back().rows) row.file = files.back().file;
  }
  return files;
}

/// Rows of all files, by claim, in order.
std::vector<std::vector<Row>> all_claims() {
  std::vector<std::vector<Row>> claims;
  for (const ClaimFile& file : claim_files()) {
    for (const Row& row : file.rows) {
      if (claims.empty() || claims.back().front().claim != row.claim) claims.emplace_back();
      claims.back().push_back(row);
    }
  }
  return claims;
}

INSTANTIATE_TEST_SUITE_P(All, Claims, testing::ValuesIn(all_claims()),
                         [](const auto& info) { return test_name(info.param); });

TEST(ClaimFiles, HaveARowForEveryClaim) {
  for (const ClaimFile& file : claim_files()) {
    std::set<std::string> claims;
    for (const Row& row : file.rows) claims.insert(row.claim);
    EXPECT_EQ(claims.size(), file.claims) << file.rows.front().claim;
  }
}

}  // namespace
}  // namespace heddle::claims
