// What is wrong with a sweep file is said with file:line, key path and the nearest valid spelling; nothing is written.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/cli/sweep_files.h"

namespace heddle::cli_test {
namespace {

struct Mistake {
  const char* text;
  const char* expected;  ///< after the path of the file
};

constexpr Mistake kMistakes[] = {
    {"matrixes: [{files: small.mtx}]\n", ":1: matrixes: unknown key \"matrixes\"; did you mean \"matrices\"?"},
    {"matrices: [{file: small.mtx}]\n", ":1: matrices[0].file: unknown key \"file\"; did you mean \"files\"?"},
    {"matrices:\n  - files: smal.mtx\n", "; did you mean \"small.mtx\"?"},
    {"matrices:\n  - files: nothing*.mtx\n", ":2: matrices[0].files: no file matches"},
    {"matrices: [{files: small.mtx}]\nmachines: [tiny, shared_bugdet]\n",
     ":2: machines[1]: unknown machine \"shared_bugdet\"; did you mean \"shared_budget\"?"},
    {"matrices: [{files: small.mtx}]\ndataflows: [row_wise, iner_product]\n",
     ":2: dataflows[1]: unknown dataflow \"iner_product\"; did you mean \"inner_product\"?"},
    {"matrices: [{files: small.mtx}]\nconfig:\n  machine:\n    pe: {cuont: [1, 2]}\n",
     ":4: machine.pe.cuont: unknown key \"cuont\"; did you mean \"count\"?"},
    {"matrices: [{files: small.mtx}]\nconfig:\n  machine:\n    sram:\n      capacity:\n        - 1 MiB\n        - 2 "
     "MB/s\n",
     ":7: machine.sram.capacity: "},
    {"matrices: [{files: small.mtx}]\nconfig: {machine: {pe: {count: [1, -2]}}}\n", ":2: machine.pe.count: expected"},
    {"matrices: [{files: small.mtx}]\nconfig: {machine: {pe: {count: []}}}\n",
     ":2: machine.pe.count: an axis without values"},
    {"matrices: [{files: small.mtx}]\nconfig: {machine: {pe: {count: [1, 2]}}}\nzip: [[machine.pe.coutn, machines]]\n",
     ":3: zip[0][0]: unknown axis \"machine.pe.coutn\"; did you mean \"machine.pe.count\"?"},
    {"matrices: [{files: small.mtx}]\nconfig: {machine: {pe: {count: [1, 2]}}}\nzip: [[machine.pe.count, machines]]\n",
     ":3: zip[0][1]: has 1 values, machine.pe.count has 2"},
    {"matrices: [{files: small.mtx}]\nexclude: [{matrix: smal}]\n",
     ":2: exclude[0].matrix: unknown value of matrix \"smal\"; did you mean \"small\"?"},
    {"matrices: [{files: small.mtx}]\nexclude: [{datafow: row_wise}]\n",
     ":2: exclude[0].datafow: unknown axis \"datafow\"; did you mean \"dataflow\"?"},
    {"matrices: [{generate: {family: rmta}}]\n", ":1: matrices[0].generate.family: expected one of"},
    {"matrices: [{generate: {family: rmat, scael: 5}}]\n",
     ":1: matrices[0].generate.scael: unknown key \"scael\"; did you mean \"scale\"?"},
    {"matrices: [{generate: {family: n_m_pruned, kept: 9, group: 4}}]\n", ":1: matrices[0].generate: "},
    {"matrices:\n  - index: INDX.csv\n", ":2: matrices[0].index: there is no file"},
    {"matrices:\n  - index: INDEX.csv\n    where: {mlts: 1..2}\n", ":3: matrices[0].where.mlts: unknown column of"},
    {"matrices:\n  - index: INDEX.csv\n    where: {name: alhpa-1}\n", "; did you mean \"alpha-1\"?"},
    {"matrices:\n  - index: INDEX.csv\n    where: {mults: 99..}\n", ":2: matrices[0].index: no row of"},
    {"matrices:\n  - files: ${HEDDLE_NOT_SET}/x.mtx\n", ":2: matrices[0].files: the environment variable of"},
    {"matrices:\n  - files: ${HEDDLE\n", ":2: matrices[0].files: expected ${NAME}/..."},
    {"matrices: [{files: small.mtx, b: transpose}]\n",
     ":1: matrices[0].b: expected auto, same, transposed (did you mean \"transposed\"?) or a file"},
    {"matrices: [{files: small.mtx, reorder: [given, afinity]}]\n",
     ":1: matrices[0].reorder[1]: unknown order \"afinity\"; did you mean \"affinity\"?"},
    {"matrices: [{files: small.mtx, b: small.mtx, reorder: rcm}]\n", ":1: matrices[0].reorder: rcm orders B as well"},
    {"matrices: [{files: small.mtx, swap: [false, yess]}]\n",
     ":1: matrices[0].swap[1]: expected true or false, got \"yess\""},
    {"matrices: [{files: small.mtx, index: INDEX.csv}]\n",
     ":1: matrices[0]: expected one of files, index and generate"},
    {"matrices: []\n", ":1: matrices: expected a list of sets of matrices"},
    {"machines: tiny\n", ": expected matrices"},
    {"matrices: [{files: small.mtx}]\ncheck: maybe\n", ":2: check: expected one of auto, on, off"},
    {"name: a/b\nmatrices: [{files: small.mtx}]\n", ":1: name: expected a name without slashes"},
};

TEST(SweepErrors, SayWhereAndWhat) {
  const ScratchFolder scratch;
  small_matrix(scratch);
  write_file(scratch.path("INDEX.csv"), "name,file,mults\nalpha-1,small.mtx,12\n");
  const std::string file = scratch.path("s.yaml");
  for (const Mistake& mistake : kMistakes) {
    write_file(file, mistake.text);
    const Outcome outcome = run_heddle({"sweep", file, "--out", scratch.path("s.db")});
    EXPECT_EQ(outcome.exit_code, 2) << mistake.text << outcome.err;
    EXPECT_NE(outcome.err.find("heddle: " + file + ":"), std::string::npos) << mistake.text << outcome.err;
    EXPECT_NE(outcome.err.find(mistake.expected), std::string::npos) << mistake.text << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(scratch.path("s.db"))) << mistake.text;
    EXPECT_EQ(run_heddle({"check", file}).exit_code, 2) << mistake.text;
  }
}

TEST(SweepErrors, MatricesThatCannotBeUsed) {
  const ScratchFolder scratch;
  small_matrix(scratch);
  write_file(scratch.path("wide.mtx"), "%%MatrixMarket matrix coordinate pattern general\n1 2 1\n1 1\n");
  write_file(scratch.path("bad.mtx"), "%%MatrixMarket matrix coordinate pattern general\n1 2 1\n9 1\n");
  write_file(scratch.path("s.yaml"), "matrices: [{files: wide.mtx, b: same}]\n");
  const Outcome shape = run_heddle({"sweep", scratch.path("s.yaml"), "--out", scratch.path("s.db")});
  EXPECT_EQ(shape.exit_code, 2);
  EXPECT_NE(shape.err.find("s.yaml:1: wide has 2 columns"), std::string::npos) << shape.err;
  write_file(scratch.path("s.yaml"), "matrices: [{files: [small.mtx, bad.mtx]}]\n");
  const Outcome broken = run_heddle({"sweep", scratch.path("s.yaml"), "--out", scratch.path("s.db")});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_NE(broken.err.find("bad.mtx:3"), std::string::npos) << broken.err;
  EXPECT_FALSE(std::filesystem::exists(scratch.path("s.db")));
}

TEST(SweepErrors, OptionsAndStores) {
  const ScratchFolder scratch;
  const std::string file = small_sweep(scratch);
  const auto fails = [&](std::vector<std::string> words, const std::string& expected) {
    words.insert(words.begin(), "sweep");
    const Outcome outcome = run_heddle(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_NE(outcome.err.find(expected), std::string::npos) << outcome.err;
  };
  fails({file, "--shard", "5/4"}, "--shard: expected I/N");
  fails({file, "--jobs", "0"}, "--jobs: expected 1 to 1024");
  fails({file, "--out", "/proc/s.db"}, "/proc/s.db: cannot");
  fails({file, "--out", scratch.path("no/s.db")}, "no such directory");
  fails({file, "--out", file}, "not a database");
  fails({"status", scratch.path("none.db")}, "no such store");
  fails({"status", file}, "not a database");
  fails({"merge", scratch.path("none.db"), "--out", scratch.path("m.db")}, "no such store");
  EXPECT_FALSE(std::filesystem::exists(scratch.path("m.db")));
  run_heddle({"sweep", file, "--out", scratch.path("s.db")});
  fails({"export", scratch.path("s.db"), "--columns", "cycels"}, "did you mean \"cycles\"?");
  fails({"export", scratch.path("s.db"), "--sweep", "t"}, "unknown sweep \"t\"");
  fails({"export", scratch.path("s.db"), "--as", "xml"}, "expected csv, jsonl or units");
  fails({"merge", scratch.path("s.db"), "--out", scratch.path("s.db")}, "is the store to merge into");
}

}  // namespace
}  // namespace heddle::cli_test
