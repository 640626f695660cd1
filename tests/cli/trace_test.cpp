// The timeline: its slices add up to the report's stalls, and it is valid JSON within its limits.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include "sim/base/json.h"

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

/// Cycles by process, agent group and activity.
using Totals = std::map<std::string, std::map<std::string, std::map<std::string, std::uint64_t>>>;

std::string group_of(const std::string& thread_name) {
  return thread_name.substr(0, thread_name.rfind(' '));
}

Totals slice_totals(const Json& trace) {
  std::map<std::uint64_t, std::string> processes;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> groups;
  Totals totals;
  for (const Json& event : trace["traceEvents"]) {
    const std::uint64_t pid = event["pid"];
    if (event["name"] == "process_name") processes[pid] = event["args"]["name"];
    if (event["name"] == "thread_name") groups[{pid, event["tid"]}] = group_of(event["args"]["name"]);
    if (event["ph"] != "X") continue;
    totals[processes.at(pid)][groups.at({pid, event["tid"]})][event["name"]] += event["dur"].get<std::uint64_t>();
  }
  return totals;
}

/// What a counter that holds its value until told again adds up to, by process.
std::map<std::string, double> counter_sums(const Json& trace, const std::string& name) {
  std::map<std::uint64_t, std::string> processes;
  std::map<std::string, double> sums;
  std::map<std::uint64_t, std::pair<std::uint64_t, double>> last;
  for (const Json& event : trace["traceEvents"]) {
    const std::uint64_t pid = event["pid"];
    if (event["name"] == "process_name") processes[pid] = event["args"]["name"];
    if (event["ph"] != "C" || event["name"] != name) continue;
    const std::uint64_t at = event["ts"];
    auto& [from, value] = last[pid];
    EXPECT_GE(at, from);
    sums[processes.at(pid)] += value * static_cast<double>(at - from);
    from = at;
    value = event["args"]["value"];
  }
  for (const auto& [pid, value] : last) EXPECT_EQ(value.second, 0.0) << name << " at the end";
  return sums;
}

std::string generated_matrix(const ScratchFolder& scratch) {
  const std::string path = scratch.path("rmat.mtx");
  EXPECT_EQ(run_heddle({"matrix", "generate", "--family", "rmat", "--scale", "7", "--edge-factor", "6", "-o", path})
                .exit_code,
            0);
  return path;
}

void expect_slices_add_up(const std::string& machine, const std::string& dram) {
  const ScratchFolder scratch;
  const std::string matrix = generated_matrix(scratch);
  const Outcome outcome = run_heddle({"simulate", matrix, "--machine", machine, "--set", "machine.dram.kind=" + dram,
                                      "--json", scratch.path("r.json"), "--trace", scratch.path("t.json"), "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = parse_json(read_file(scratch.path("r.json")));
  const Json trace = parse_json(read_file(scratch.path("t.json")));
  const Totals totals = slice_totals(trace);
  const auto bytes = counter_sums(trace, "dram bytes per cycle");
  const auto in_flight = counter_sums(trace, "dram lines in flight");
  for (const Json& run : result["runs"]) {
    const std::string process = matrix + ": " + run["dataflow"].get<std::string>();
    EXPECT_NEAR(bytes.at(process), run["dram_bytes"]["total"].get<double>(), 1.0) << process;
    EXPECT_GT(in_flight.at(process), 0.0) << process;
    const auto& groups = totals.at(process);
    EXPECT_EQ(groups.size(), run["stalls"].size());
    for (const auto& [group, activities] : run["stalls"].items())
      for (const auto& [activity, cycles] : activities.items()) {
        const auto& slices = groups.at(group);
        const std::uint64_t sum = slices.count(activity) ? slices.at(activity) : 0;
        EXPECT_EQ(sum, cycles.get<std::uint64_t>()) << run["dataflow"] << " " << group << " " << activity;
      }
  }
}

TEST(Trace, SlicesAddUpToTheStalls) {
  expect_slices_add_up("shared_budget", "banked");
  expect_slices_add_up("shared_budget", "flat");
}

TEST(Trace, SlicesAddUpOnATinyMachine) {
  expect_slices_add_up("tiny", "flat");
  expect_slices_add_up("tiny", "banked");
}

TEST(Trace, WindowCutsSlices) {
  const ScratchFolder scratch;
  const std::string matrix = generated_matrix(scratch);
  const Outcome outcome =
      run_heddle({"simulate", matrix, "-d", "row_wise", "--trace", "-", "--trace-window", "100:400"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::map<std::uint64_t, std::uint64_t> covered;
  const Json trace = parse_json(outcome.out);
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    EXPECT_GE(event["ts"], 100u);
    EXPECT_LE(event["ts"].get<std::uint64_t>() + event["dur"].get<std::uint64_t>(), 400u);
    covered[event["tid"]] += event["dur"].get<std::uint64_t>();
  }
  ASSERT_FALSE(covered.empty());
  for (const auto& [track, cycles] : covered) EXPECT_EQ(cycles, 300u) << "track " << track;
}

TEST(Trace, SizeLimitLeavesValidJson) {
  const ScratchFolder scratch;
  const std::string matrix = generated_matrix(scratch), path = scratch.path("t.json");
  const Outcome outcome = run_heddle({"simulate", matrix, "--quiet", "--trace", path, "--trace-max-bytes", "20 kB"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_LE(std::filesystem::file_size(path), 20'000u);
  const Json trace = parse_json(read_file(path));
  EXPECT_GT(trace["traceEvents"].size(), 50u);
  EXPECT_GT(trace["otherData"]["dropped_slices"], 0u);
  EXPECT_NE(outcome.err.find("--trace-max-bytes"), std::string::npos);
}

TEST(Trace, InterruptedRunLeavesNoFile) {
  const ScratchFolder scratch;
  const std::string matrix = scratch.path("big.mtx");
  ASSERT_EQ(run_heddle({"matrix", "generate", "--family", "rmat", "--scale", "13", "-o", matrix}).exit_code, 0);
  const Outcome outcome =
      run_program({"timeout", "-s", "INT", "0.3", HEDDLE_COMMAND, "simulate", matrix, matrix, matrix, "--check", "on",
                   "--quiet", "--trace", scratch.path("t.json"), "--json", scratch.path("r.json")},
                  {});
  EXPECT_EQ(outcome.exit_code, 124) << "the run was too short to be interrupted";
  for (const auto& entry : std::filesystem::directory_iterator(scratch.folder()))
    EXPECT_EQ(entry.path().filename(), "big.mtx");
}

}  // namespace
}  // namespace heddle::cli_test
