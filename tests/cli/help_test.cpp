// Help texts as golden files. After an intended change: HEDDLE_UPDATE_GOLDEN=1 ctest -R cli.Help, then read the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = source_path("tests/cli/golden/" + name);
  if (std::getenv("HEDDLE_UPDATE_GOLDEN") != nullptr) write_file(path, text);
  EXPECT_EQ(text, read_file(path)) << path;
}

TEST(Help, Overview) {
  const Outcome outcome = run_heddle({"help"});
  EXPECT_EQ(outcome.exit_code, 0);
  expect_golden("help.txt", outcome.out);
  EXPECT_EQ(run_heddle({"--help"}).out, outcome.out);
}

TEST(Help, OfEachSubCommand) {
  for (const std::string sub : {"simulate", "sweep", "report", "replay", "check", "compare", "matrix", "reproduce"}) {
    const Outcome outcome = run_heddle({"help", sub});
    EXPECT_EQ(outcome.exit_code, 0) << sub;
    expect_golden("help_" + sub + ".txt", outcome.out);
    EXPECT_EQ(run_heddle({sub, "--help"}).out, outcome.out) << sub;
  }
  for (const std::string verb : {"info", "generate", "convert", "reorder"}) {
    const Outcome outcome = run_heddle({"help", "matrix", verb});
    EXPECT_EQ(outcome.exit_code, 0) << verb;
    expect_golden("help_matrix_" + verb + ".txt", outcome.out);
  }
  for (const std::string verb : {"label", "train", "evaluate", "choose"}) {
    const Outcome outcome = run_heddle({"help", "selector", verb});
    EXPECT_EQ(outcome.exit_code, 0) << verb;
    expect_golden("help_selector_" + verb + ".txt", outcome.out);
  }
}

TEST(Help, EveryConfigurationKeyHasUnitAndText) {
  const Outcome outcome = run_heddle({"simulate", "--help-config"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* const key : {"machine.pe.count", "machine.dram.flat.bandwidth", "row_wise.scheduler",
                                "outer_product.header_bytes", "inner_product.scan_width", "layout.pointer_bytes"})
    EXPECT_NE(outcome.out.find(key), std::string::npos) << key;
}

TEST(Help, VersionIsThatOfTheProject) {
  const std::string cmake = read_file(source_path("CMakeLists.txt"));
  const std::size_t at = cmake.find("project(heddle VERSION ") + 23;
  const std::string version = cmake.substr(at, cmake.find_first_of(" \n)", at) - at);
  EXPECT_EQ(run_heddle({"--version"}).out, "heddle " + version + "\n");
}

TEST(Help, StartsWithinFiftyMilliseconds) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr double kLimit = 1.0;  // seconds; a sanitizer's own start and its search for leaks at the end come on top
#else
  constexpr double kLimit = 0.050;
#endif
  double best = 1e9;
  for (int i = 0; i < 10; ++i) {
    timespec begin = {}, end = {};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    ASSERT_EQ(std::system(HEDDLE_COMMAND " --version >/dev/null"), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    best = std::min(best, double(end.tv_sec - begin.tv_sec) + 1e-9 * double(end.tv_nsec - begin.tv_nsec));
  }
  EXPECT_LT(best, kLimit);
}

}  // namespace
}  // namespace heddle::cli_test
