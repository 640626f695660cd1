// Broken networks, timelines, tasks and clusters: check and replay exit with 2 and say where and what was expected.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

void expect_refused(const Outcome& outcome, const std::string& expected, const std::string& what) {
  EXPECT_EQ(outcome.exit_code, 2) << what << "\n" << outcome.err;
  EXPECT_EQ(outcome.out, "") << what;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << what << "\n" << outcome.err;
  EXPECT_NE(outcome.err.find(expected), std::string::npos) << what << ": expected \"" << expected << "\" in\n"
                                                           << outcome.err;
}

/// Cases only a run can find: what is placed where, and names compared at the end.
bool only_by_replay(const std::string& name) {
  return name == "cluster_memory_too_small.yaml" || name == "cluster_unknown_ordering.yaml";
}

TEST(BadInput, WorkloadsAreRefused) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("tests/bad_input/workloads"))) {
    const std::string path = entry.path().string(), name = entry.path().filename().string();
    const std::string text = read_file(path), mark = "# expect: ";
    ASSERT_EQ(text.compare(0, mark.size(), mark), 0) << path;
    const std::string expected = text.substr(mark.size(), text.find('\n') - mark.size());
    const ScratchFolder scratch;
    const std::string json = scratch.path("out.json");
    expect_refused(run_heddle({"replay", path, "--json", json}, "", 20), expected, path);
    EXPECT_FALSE(std::filesystem::exists(json)) << "half-written output";
    if (!only_by_replay(name)) expect_refused(run_heddle({"check", path}, "", 20), expected, path);
    ++files;
  }
  EXPECT_GE(files, 40u);
}

}  // namespace
}  // namespace heddle::cli_test
