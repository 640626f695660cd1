// --explain names a resource that the experiment then confirms, on machines starved of one thing.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

struct Starved {
  std::string dataflow;
  std::vector<std::string> settings;
  std::string expected;  ///< words of the explanation
};

TEST(Explain, NamesWhatTheMachineIsStarvedOf) {
  const ScratchFolder scratch;
  const std::string matrix = scratch.path("uniform.mtx");
  ASSERT_EQ(run_heddle({"matrix", "generate", "--rows", "600", "--density", "0.02", "-o", matrix}).exit_code, 0);
  const Starved cases[] = {
      {"row_wise", {"machine.dram.kind=flat", "machine.dram.flat.bandwidth=8 GB/s"}, "bound by DRAM bandwidth"},
      {"outer_product", {"machine.dram.kind=flat", "machine.dram.flat.bandwidth=8 GB/s"}, "bound by DRAM bandwidth"},
      {"row_wise", {"machine.dram.kind=flat", "machine.pe.count=4"}, "bound by mergers"},
      {"inner_product", {"machine.dram.kind=flat", "machine.pe.multipliers=1"}, "bound by multipliers"}};
  for (const Starved& c : cases) {
    std::vector<std::string> words = {"simulate", matrix, "--dataflow", c.dataflow, "--explain=verify"};
    for (const std::string& setting : c.settings) words.insert(words.end(), {"--set", setting});
    const Outcome outcome = run_heddle(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find(c.expected), std::string::npos) << c.dataflow << "\n" << outcome.out;
    EXPECT_NE(outcome.out.find("confirms the explanation"), std::string::npos) << c.dataflow << "\n" << outcome.out;
  }
}

TEST(Explain, SaysWhenNothingHelps) {
  const ScratchFolder scratch;
  const std::string row = scratch.path("row.mtx"), b = scratch.path("b.mtx");
  ASSERT_EQ(run_heddle({"matrix", "generate", "--family", "rectangular", "--rows", "1", "--cols", "32", "--density",
                        "1", "-o", row})
                .exit_code,
            0);
  ASSERT_EQ(run_heddle({"matrix", "generate", "--family", "rectangular", "--rows", "32", "--cols", "4000", "--density",
                        "0.5", "-o", b})
                .exit_code,
            0);
  const Outcome outcome = run_heddle({"simulate", row, "--b", b, "--dataflow", "row_wise", "--explain=verify"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("no single resource"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("a serial tail"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("confirms the explanation"), std::string::npos) << outcome.out;
}

TEST(Explain, GoesToStandardErrorBesideJson) {
  const ScratchFolder scratch;
  const Outcome outcome = run_heddle({"simulate", small_matrix(scratch), "-d", "row_wise", "--explain", "--json", "-"});
  EXPECT_EQ(outcome.out.front(), '{');
  EXPECT_NE(outcome.err.find("row_wise"), std::string::npos);
}

}  // namespace
}  // namespace heddle::cli_test
