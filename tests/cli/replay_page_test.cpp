// Replays as a user runs them: every shipped workload, the timeline, the page, and the same bytes twice.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>
#include "sim/base/json.h"

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

/// Workloads of these kinds; sparse ones take seconds and are run by the claims.
std::vector<std::string> quick_workloads() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("configs/workloads"))) {
    const std::string name = entry.path().stem().string();
    const bool ours = name.rfind("lcp_", 0) == 0 || name.rfind("robot_", 0) == 0;
    if (ours && entry.path().extension() == ".yaml" && name != "lcp_spgemm" && name != "robot_accelerator")
      paths.push_back(entry.path().string());
  }
  return paths;
}

TEST(Replay, EveryWorkloadRunsAndRepeats) {
  const std::vector<std::string> paths = quick_workloads();
  EXPECT_GE(paths.size(), 7u);
  for (const std::string& path : paths) {
    const Outcome first = run_heddle({"replay", path, "--quiet", "--json", "-"});
    ASSERT_EQ(first.exit_code, 0) << path << "\n" << first.err;
    EXPECT_EQ(run_heddle({"replay", path, "--quiet", "--json", "-"}).out, first.out) << path;
    EXPECT_TRUE(parse_json(first.out).contains("results")) << path;
  }
}

TEST(Replay, SparseWorkloadsAreValid) {
  for (const char* const name : {"lcp_spgemm", "robot_accelerator"})
    EXPECT_EQ(run_heddle({"check", source_path(std::string("configs/workloads/") + name + ".yaml").string()}).exit_code,
              0)
        << name;
}

TEST(Replay, TimelineOfAClusterAddsUp) {
  const ScratchFolder scratch;
  const std::string trace = scratch.path("t.json");
  const Outcome run = run_heddle({"replay", "lcp_stragglers", "--set", "stream.images=3", "--quiet", "--trace", trace,
                                  "--json", scratch.path("r.json")});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json result = parse_json(read_file(scratch.path("r.json")));
  std::map<int, double> busy;
  std::map<std::string, int> tracks;
  const Json timeline = parse_json(read_file(trace));
  for (const Json& event : timeline["traceEvents"]) {
    if (event["ph"] == "M" && event["name"] == "thread_name") tracks[event["args"]["name"]] = event["tid"];
    if (event["ph"] == "X" && event["name"] == "busy") busy[event["tid"]] += event["dur"].get<double>();
  }
  const Json& devices = result["results"]["mp6"]["busy_ms"];
  for (int d = 0; d < 6; ++d)
    EXPECT_NEAR(busy[tracks["device " + std::to_string(d)]] / 1e3, devices[static_cast<std::size_t>(d)].get<double>(),
                1e-6);
}

TEST(Replay, PageHoldsItsFiguresAndFetchesNothing) {
  if (run_program({"gnuplot", "--version"}, {}).exit_code != 0) GTEST_SKIP() << "gnuplot is not installed";
  const ScratchFolder scratch;
  const Outcome run = run_heddle(
      {"replay", "lcp_raspberry_pi", "lcp_array", "robot_context", "--quiet", "--html", scratch.path("page.html")});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string page = read_file(scratch.path("page.html"));
  std::size_t figures = 0;
  for (std::size_t at = page.find("<figure><svg"); at != std::string::npos; at = page.find("<figure><svg", at + 1))
    ++figures;
  EXPECT_EQ(figures, 4u);
  for (const char* const fetches : {"src=\"http", "href=\"http", "@import", "<script"})
    EXPECT_EQ(page.find(fetches), std::string::npos) << fetches;
  EXPECT_NE(page.find("Speed-up over one device by splits"), std::string::npos);
  EXPECT_NE(page.find("Share of each module over time"), std::string::npos);
}

}  // namespace
}  // namespace heddle::cli_test
