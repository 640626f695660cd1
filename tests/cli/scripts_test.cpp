// The scripts beside the command: layering, documented formats, index_check, completion.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

namespace fs = std::filesystem;

Outcome run_layering(const std::string& root) {
  return run_program({source_path("tests/layering_test.sh").string(), root}, {});
}

TEST(Layering, EachForbiddenIncludeIsFound) {
  const std::pair<const char*, const char*> planted[] = {
      {"sim/memory/x.h", "matrices/csr.h"},        {"sim/base/x.h", "sim/kernel/kernel.h"},
      {"matrices/x.cpp", "sim/machine.h"},         {"dataflows/x.h", "tools/heddle/table.h"},
      {"models/x.cpp", "dataflows/row_wise/pe.h"}, {"tools/x.cpp", "dataflows/row_wise/pe.h"},
      {"sim/x.cpp", "tests/twin/twin.h"},          {"sim/kernel/x.h", "sim/memory/cache.h"}};
  for (const auto& [file, include] : planted) {
    const ScratchFolder tree;
    for (const char* const folder : {"sim", "matrices", "dataflows", "tools"})
      fs::create_directories(tree.folder() / folder);
    EXPECT_EQ(run_layering(tree.folder().string()).exit_code, 0);
    fs::create_directories((tree.folder() / file).parent_path());
    write_file(tree.folder() / file, std::string("#include \"") + include + "\"\n");
    const Outcome outcome = run_layering(tree.folder().string());
    EXPECT_EQ(outcome.exit_code, 1) << file << " includes " << include;
    EXPECT_NE(outcome.out.find(include), std::string::npos) << outcome.out;
  }
}

/// Decoders written from the documentation alone read what the command writes, and the command reads it back.
TEST(ReadFormats, EncodedFilesAreAsDocumented) {
  if (run_program({"python3", "--version"}, {}).exit_code != 0) GTEST_SKIP() << "needs python3";
  const ScratchFolder scratch;
  const Outcome outcome = run_program(
      {source_path("tests/cli/read_formats.py").string(), HEDDLE_COMMAND, scratch.folder().string()}, {}, "", 120);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("144 encodings read as documented"), std::string::npos) << outcome.out;
}

TEST(IndexCheck, SaysWhenThereIsNoCollection) {
  const ScratchFolder scratch;
  const Outcome outcome = run_program({source_path("tools/index_check").string(), HEDDLE_COMMAND},
                                      {"HEDDLE_MATRICES=" + scratch.folder().string()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("SKIPPED"), std::string::npos);
}

TEST(IndexCheck, FindsAWrongCount) {
  const ScratchFolder scratch;
  small_matrix(scratch);
  const std::string header = "name,file,group_kind,rows,cols,nnz,field,storage,sym,max,op,mults,c_nnz\n";
  const auto check = [&](const std::string& products) {
    write_file(scratch.path("INDEX.csv"),
               header + "small,small.mtx,\"a, quoted, kind\",4,4,7,real,general,no,2,A*A," + products + ",10\n");
    return run_program({source_path("tools/index_check").string(), HEDDLE_COMMAND},
                       {"HEDDLE_MATRICES=" + scratch.folder().string()});
  };
  EXPECT_EQ(check("12").exit_code, 0) << check("12").out;
  EXPECT_EQ(check("13").exit_code, 1) << check("13").out;
}

TEST(IndexCheck, SmallMatricesOfTheCollectionAreEqual) {
  const char* const variable = std::getenv("HEDDLE_MATRICES");
  const fs::path collection = variable != nullptr ? fs::path(variable) : source_path("../shared/matrices");
  if (!fs::exists(collection / "INDEX.csv")) GTEST_SKIP() << "no collection of matrices; set HEDDLE_MATRICES";
  const Outcome outcome = run_program({source_path("tools/index_check").string(), "--limit", "400000", HEDDLE_COMMAND},
                                      {"HEDDLE_MATRICES=" + collection.string()}, "", 300);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("equal"), std::string::npos);
}

TEST(Completion, OffersSubCommandsAndOptions) {
  const std::string script = "PATH=" + fs::path(HEDDLE_COMMAND).parent_path().string() + ":$PATH; source " +
                             source_path("tools/completion/heddle.bash").string() +
                             "; COMP_WORDS=(heddle sim); COMP_CWORD=1; _heddle; echo \"${COMPREPLY[@]}\";"
                             " COMP_WORDS=(heddle simulate --dataf); COMP_CWORD=2; _heddle; echo \"${COMPREPLY[@]}\";"
                             " COMP_WORDS=(heddle simulate m.mtx --machine ga); COMP_CWORD=4; _heddle;"
                             " echo \"${COMPREPLY[@]}\"";
  EXPECT_EQ(run_program({"bash", "-c", script}, {}).out, "simulate\n--dataflow\ngamma\n");
}

}  // namespace
}  // namespace heddle::cli_test
