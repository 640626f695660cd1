// Results of `heddle simulate`: keys, repeatability, CSV, compare, and that every shipped configuration runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>
#include "sim/base/json.h"

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

/// Dotted keys of `value` in order; the stalls, whose keys depend on what happened, end at their group.
void collect_keys(const Json& value, const std::string& prefix, std::string& keys) {
  for (const auto& [key, child] : value.items()) {
    keys += prefix + key + "\n";
    if (child.is_object() && prefix != "runs.stalls.") collect_keys(child, prefix + key + ".", keys);
    if (child.is_array() && !child.empty() && child[0].is_object()) collect_keys(child[0], prefix + key + ".", keys);
  }
}

TEST(Result, KeysAreThoseOfTheSchema) {
  const ScratchFolder scratch;
  const Outcome outcome =
      run_heddle({"simulate", small_matrix(scratch), "--dataflow", "row_wise", "--host", "--json", "-"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = parse_json(outcome.out);
  std::string keys;
  Json without_config = result;
  without_config["effective_config"] = Json::object();
  collect_keys(without_config, "", keys);
  const std::filesystem::path golden = source_path("tests/cli/golden/result_keys.txt");
  if (std::getenv("HEDDLE_UPDATE_GOLDEN") != nullptr) write_file(golden, keys);
  EXPECT_EQ(keys, read_file(golden));
}

TEST(Result, EveryKeyIsInTheHelp) {
  const ScratchFolder scratch;
  const Json result =
      parse_json(run_heddle({"simulate", small_matrix(scratch), "-d", "row_wise", "--host", "--json", "-"}).out);
  const std::string help = run_heddle({"help", "results"}).out;
  for (const Json& part : {result["runs"][0], result["workload"], result["runs"][0]["host"]})
    for (const auto& [key, value] : part.items()) {
      if (key == "host") continue;
      EXPECT_NE(help.find("\n" + key), std::string::npos) << key;
    }
}

TEST(Result, RepeatsByteForByte) {
  const ScratchFolder scratch;
  const std::string matrix = small_matrix(scratch);
  const std::string first = run_heddle({"simulate", matrix, "--json", "-"}).out;
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(run_heddle({"simulate", matrix, "--json", "-"}).out, first);
  ASSERT_EQ(run_heddle({"simulate", matrix, "--quiet", "--json", scratch.path("x.json")}).exit_code, 0);
  EXPECT_EQ(read_file(scratch.path("x.json")), first);
}

TEST(Result, CountsTheWorkload) {
  const ScratchFolder scratch;
  const Json result = parse_json(run_heddle({"simulate", small_matrix(scratch), "--json", "-"}).out);
  ASSERT_EQ(result["runs"].size(), 3u);
  for (const Json& run : result["runs"]) {
    EXPECT_EQ(run["products"], 12) << run["dataflow"];
    EXPECT_EQ(run["nnz_c"], result["workload"]["nnz_c"]) << run["dataflow"];
    EXPECT_EQ(run["checked"], true) << run["dataflow"];
    EXPECT_GE(run["cycles"], run["bounds"]["bandwidth_cycles"]) << run["dataflow"];
  }
}

TEST(Result, IsTheSameFromStandardInputAndFromGzip) {
  const ScratchFolder scratch;
  const std::string matrix = small_matrix(scratch);
  ASSERT_EQ(run_heddle({"matrix", "convert", matrix, scratch.path("m.mtx.gz")}).exit_code, 0);
  const Json plain = parse_json(run_heddle({"simulate", matrix, "--json", "-"}).out);
  const Json zipped = parse_json(run_heddle({"simulate", scratch.path("m.mtx.gz"), "--json", "-"}).out);
  const Json piped = parse_json(run_heddle({"simulate", "-", "--json", "-"}, read_file(matrix)).out);
  EXPECT_EQ(plain["runs"], zipped["runs"]);
  EXPECT_EQ(plain["runs"], piped["runs"]);
  EXPECT_EQ(plain["workload"]["a_hash"], piped["workload"]["a_hash"]);
}

TEST(Result, CsvHasOneRowPerRun) {
  const ScratchFolder scratch;
  const std::string matrix = small_matrix(scratch);
  const std::string csv = run_heddle({"simulate", matrix, matrix, "--csv", "-"}).out;
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 3);
  const std::string header = csv.substr(0, csv.find('\n'));
  EXPECT_NE(header.find(",cycles,"), std::string::npos);
  EXPECT_NE(header.find("dram_bytes.total"), std::string::npos);
}

TEST(Result, TableIsPlainAndMarksTheFastest) {
  const ScratchFolder scratch;
  const Outcome outcome = run_heddle({"simulate", small_matrix(scratch)});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.find('\033'), std::string::npos) << "colours without a terminal";
  EXPECT_NE(outcome.out.find("\n* "), std::string::npos);
  EXPECT_NE(outcome.out.find("fastest: "), std::string::npos);
  for (const char* const dataflow : {"inner_product", "outer_product", "row_wise"})
    EXPECT_NE(outcome.out.find(dataflow), std::string::npos);
}

TEST(Result, CompareFindsDifferences) {
  const ScratchFolder scratch;
  const std::string matrix = small_matrix(scratch), x = scratch.path("x.json"), y = scratch.path("y.json");
  run_heddle({"simulate", matrix, "-q", "--host", "--json", x});
  run_heddle({"simulate", matrix, "-q", "--json", y, "--set", "machine.dram.kind=flat"});
  const Outcome same = run_heddle({"compare", x, x});
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_EQ(same.out, "");
  const Outcome differ = run_heddle({"compare", x, y});
  EXPECT_EQ(differ.exit_code, 1);
  EXPECT_NE(differ.out.find("effective_config.machine.dram.kind: \"banked\" -> \"flat\""), std::string::npos);
  EXPECT_NE(differ.out.find("runs[\"row_wise\"].cycles"), std::string::npos);
}

TEST(Result, CompareTolerates) {
  const ScratchFolder scratch;
  write_file(scratch.path("x.json"), "{\"runs\": [{\"dataflow\": \"a\", \"cycles\": 100}]}");
  write_file(scratch.path("y.json"), "{\"runs\": [{\"dataflow\": \"a\", \"cycles\": 103}]}");
  EXPECT_EQ(run_heddle({"compare", scratch.path("x.json"), scratch.path("y.json"), "--tolerance", "0.05"}).exit_code,
            0);
  EXPECT_EQ(run_heddle({"compare", scratch.path("x.json"), scratch.path("y.json"), "--tolerance", "0.01"}).exit_code,
            1);
}

TEST(Result, EstimateRunsNothing) {
  const ScratchFolder scratch;
  const Outcome outcome =
      run_heddle({"simulate", small_matrix(scratch), "--estimate", "--json", scratch.path("x.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("expected"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(scratch.path("x.json")));
}

TEST(EveryConfig, LoadsAndRunsOnATinyMatrix) {
  const ScratchFolder scratch;
  const std::string matrix = small_matrix(scratch);
  int machines = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_path("configs"))) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string machine = entry.path().string();
    const std::string folder = entry.path().parent_path().filename().string();
    if (folder != "machines" && folder != "sweeps") continue;
    EXPECT_EQ(run_heddle({"check", machine}).exit_code, 0) << machine;
    if (folder == "sweeps") continue;
    ++machines;
    const Outcome outcome = run_heddle({"simulate", matrix, "--machine", machine, "--check", "on", "--json", "-"});
    ASSERT_EQ(outcome.exit_code, 0) << machine << outcome.err;
    const Json result = parse_json(outcome.out);
    for (const Json& run : result["runs"]) EXPECT_EQ(run["checked"], true) << machine;
  }
  EXPECT_GE(machines, 4);
}

TEST(Machine, IsFoundByNameInItsFolders) {
  const ScratchFolder scratch;
  const std::string matrix = small_matrix(scratch);
  std::filesystem::create_directories(scratch.folder() / "machines");
  write_file(scratch.path("machines/mine.yaml"), "machine: {name: my own}\n");
  const Outcome outcome = run_program({HEDDLE_COMMAND, "simulate", matrix, "--machine", "mine", "--json", "-"},
                                      {"HEDDLE_CONFIGS=" + scratch.folder().string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(parse_json(outcome.out)["effective_config"]["machine"]["name"], "my own");
  EXPECT_EQ(run_heddle({"simulate", matrix, "--machine", "gamma", "--quiet"}).exit_code, 0);
}

TEST(Machine, SharedAreaIsShared) {
  const ScratchFolder scratch;
  const std::string matrix = small_matrix(scratch);
  const auto area = [&](const std::string& machine, const std::string& dataflow) {
    const Outcome outcome = run_heddle({"simulate", matrix, "-m", machine, "-d", dataflow, "--json", "-"});
    return parse_json(outcome.out)["runs"][0]["area_mm2"].get<double>();
  };
  const double row_wise = area("shared_area", "row_wise");
  EXPECT_NEAR(area("shared_area", "outer_product") / row_wise, 1, 0.05);
  EXPECT_NEAR(area("shared_area_inner_product", "inner_product") / row_wise, 1, 0.05);
}

TEST(Matrix, GenerateIsSeededAndInfoDescribesIt) {
  const ScratchFolder scratch;
  const std::vector<std::string> words = {"matrix",        "generate", "--family", "rmat", "--scale", "6",
                                          "--edge-factor", "4",        "--seed",   "7",    "-o"};
  std::vector<std::string> to_file = words, to_stdout = words;
  to_file.push_back(scratch.path("r.mtx"));
  to_stdout.push_back("-");
  ASSERT_EQ(run_heddle(to_file).exit_code, 0);
  EXPECT_EQ(run_heddle(to_stdout).out, read_file(scratch.path("r.mtx")));
  const Json info = parse_json(run_heddle({"matrix", "info", scratch.path("r.mtx"), "--json"}).out);
  EXPECT_EQ(info["matrix"]["rows"], 64);
  EXPECT_GT(info["a_times_a"]["products"], 0);
  EXPECT_NE(run_heddle({"matrix", "info", scratch.path("r.mtx")}).out.find("64 x 64"), std::string::npos);
}

}  // namespace
}  // namespace heddle::cli_test
