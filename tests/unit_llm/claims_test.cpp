// Every row of claims.tsv: run the command, look at one key of its JSON.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "sim/base/json.h"
#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

struct Claim {
  std::string number, command, key, relation, expected;
  double tolerance = 0;
};

std::vector<Claim> read_claims() {
  std::istringstream file(read_file(source_path("tests/unit_llm/claims.tsv")));
  std::vector<Claim> claims;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream cells(line);
    Claim claim;
    std::string tolerance;
    for (std::string* cell : {&claim.number, &claim.command, &claim.key, &claim.relation, &claim.expected, &tolerance})
      std::getline(cells, *cell, '\t');
    claim.tolerance = std::stod(tolerance);
    claims.push_back(std::move(claim));
  }
  return claims;
}

/// Words separated by blanks; quotes keep blanks.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : command) {
    if (c == '\'')
      quoted = !quoted;
    else if (c == ' ' && !quoted)
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

/// "a.b[2]"; a key may hold a point ("0.5"): the longest key of the object that fits is taken.
const Json* find(const Json& json, const std::string& path) {
  if (path.empty()) return &json;
  if (path[0] == '.') return find(json, path.substr(1));
  if (path[0] == '[') {
    const std::size_t end = path.find(']');
    const std::size_t index = std::stoul(path.substr(1, end - 1));
    return json.is_array() && index < json.size() ? find(json[index], path.substr(end + 1)) : nullptr;
  }
  if (!json.is_object()) return nullptr;
  for (const auto& [key, value] : json.items()) {
    if (path.compare(0, key.size(), key) != 0) continue;
    if (path.size() > key.size() && path[key.size()] != '.' && path[key.size()] != '[') continue;
    if (const Json* const found = find(value, path.substr(key.size()))) return found;
  }
  return nullptr;
}

class Runs {
 public:
  Runs() {
    for (const char* const kept : {"0", "32", "33", "64"})
      run_heddle({"matrix", "generate", "--family", "n_m_pruned", "--rows", "256", "--cols", "128", "--group", "64",
                  "--kept", kept, "-o", scratch_.path("m" + std::string(kept) + ".mtx")});
  }
  const Json& result(const std::string& command) {
    auto [run, is_new] = runs_.try_emplace(command);
    if (!is_new) return run->second;
    std::vector<std::string> words = words_of(command);
    for (std::string& word : words)
      if (word.ends_with(".mtx")) word = scratch_.path(word);
    words.push_back("--json");
    if (words[0] == "replay") words.insert(words.end(), {"-", "--quiet"});
    const Outcome outcome = run_heddle(words);
    EXPECT_EQ(outcome.exit_code, 0) << command << "\n" << outcome.err;
    return run->second = Json::parse(outcome.out);
  }

 private:
  ScratchFolder scratch_;
  std::map<std::string, Json> runs_;
};

void expect_claim(const Claim& claim, const Json& result) {
  const std::string what = "claim " + claim.number + ": heddle " + claim.command + ": " + claim.key;
  const std::size_t minus = claim.key.find(" - ");
  const Json* const left = find(result, claim.key.substr(0, minus));
  ASSERT_NE(left, nullptr) << what;
  const Json expected = Json::parse(claim.expected);
  if (!expected.is_number()) {
    EXPECT_EQ(*left, expected) << what;
    return;
  }
  double ours = left->get<double>();
  if (minus != std::string::npos) {
    const Json* const right = find(result, claim.key.substr(minus + 3));
    ASSERT_NE(right, nullptr) << what;
    ours -= right->get<double>();
  }
  const auto bound = expected.get<double>();
  if (claim.relation == "<")
    EXPECT_LT(ours, bound) << what;
  else if (claim.relation == ">")
    EXPECT_GT(ours, bound) << what;
  else
    EXPECT_NEAR(ours, bound, claim.tolerance) << what;
}

TEST(Claims, EveryRowHolds) {
  const std::vector<Claim> claims = read_claims();
  std::set<std::string> numbers;
  Runs runs;
  for (const Claim& claim : claims) {
    numbers.insert(claim.number);
    expect_claim(claim, runs.result(claim.command));
  }
  EXPECT_EQ(numbers.size(), 28u);
}

}  // namespace
}  // namespace heddle::cli_test
