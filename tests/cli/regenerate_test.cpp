// The committed tables of results/ are what this build computes.
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

TEST(Results, AreWhatIsComputed) {
  const ScratchFolder scratch;
  const Outcome outcome =
      run_program({source_path("tools/results").string(), scratch.folder().string(), HEDDLE_COMMAND}, {}, "", 300);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(read_file(scratch.path("dataflows.csv")), read_file(source_path("results/dataflows.csv")))
      << "If the change is meant, bump kModelVersion in sim/report/model_version.h, run\n    tools/results\n"
         "and commit what it writes.";
}

}  // namespace
}  // namespace heddle::cli_test
