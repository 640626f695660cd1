// Broken files, configurations and command lines: exit code 2, one message that says where and what was expected.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/run_command.h"

namespace heddle::cli_test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(source_path(folder))) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// Nothing on stdout, one line on stderr that holds all of `expected`.
void expect_refused(const Outcome& outcome, const std::vector<std::string>& expected, const std::string& what) {
  EXPECT_EQ(outcome.exit_code, 2) << what << "\n" << outcome.err;
  EXPECT_EQ(outcome.out, "") << what;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << what << "\n" << outcome.err;
  EXPECT_EQ(outcome.err.substr(0, 8), "heddle: ") << what << "\n" << outcome.err;
  for (const std::string& words : expected)
    EXPECT_NE(outcome.err.find(words), std::string::npos) << what << ": expected \"" << words << "\" in\n"
                                                          << outcome.err;
}

TEST(BadInput, MatricesAreRefused) {
  const std::vector<fs::path> files = files_in("tests/bad_input/matrices");
  ASSERT_GE(files.size(), 40u);
  for (const fs::path& file : files) {
    if (file.filename() == "README.md" || file.extension() == ".txt" || file.extension() == ".tsv") continue;
    expect_refused(run_heddle({"check", file.string()}, "", 20), {file.filename().string()}, file.string());
    expect_refused(run_heddle({"simulate", file.string()}, "", 20), {file.filename().string()}, file.string());
  }
}

TEST(BadInput, ConfigurationsAreRefused) {
  const std::vector<fs::path> files = files_in("tests/bad_input/configs");
  ASSERT_GE(files.size(), 50u);
  for (const fs::path& file : files) {
    const std::string text = read_file(file);
    const std::string mark = "# expect: ";
    ASSERT_EQ(text.compare(0, mark.size(), mark), 0) << file;
    const std::string expected = text.substr(mark.size(), text.find('\n') - mark.size());
    expect_refused(run_heddle({"check", file.string()}, "", 20), {expected}, file.string());
  }
}

struct Case {
  std::vector<std::string> words;
  std::vector<std::string> expected;
};

TEST(BadInput, CommandLinesAreRefused) {
  const ScratchFolder scratch;
  const std::string square = small_matrix(scratch);
  const std::string wide = scratch.path("wide.mtx");
  write_file(wide, "%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 1\n2 3\n");
  const std::string result = scratch.path("no_result.json");
  write_file(result, "{\"a\": ");
  const std::string full = "/dev/full";
  const Case cases[] = {
      {{"simulat", square}, {"simulat", "simulate"}},
      {{"simulate"}, {"MATRIX"}},
      {{"simulate", scratch.path("missing.mtx")}, {"missing.mtx"}},
      {{"simulate", scratch.folder().string()}, {scratch.folder().string(), "directory"}},
      {{"simulate", wide}, {"wide.mtx", "2 x 3", "--b-transposed"}},
      {{"simulate", square, "--b", wide}, {"4 x 4", "2 x 3"}},
      {{"simulate", square, square, "--b", square}, {"--b", "one MATRIX"}},
      {{"simulate", square, "--b", square, "--b-transposed"}, {"--b", "--b-transposed"}},
      {{"simulate", square, "--jsn", "x"}, {"--jsn", "--json"}},
      {{"simulate", square, "--json"}, {"json"}},
      {{"simulate", square, "--json", scratch.path("no/such/folder.json")}, {"folder.json"}},
      {{"simulate", square, "--csv", scratch.folder().string()}, {scratch.folder().string()}},
      {{"simulate", square, "--trace", scratch.path("no/such/trace.json")}, {"trace.json"}},
      {{"simulate", square, "--quiet", "--json", full}, {"/dev/full"}},
      {{"simulate", square, "--quiet", "--trace", full}, {"/dev/full"}},
      {{"simulate", square, "--json", "-", "--csv", "-"}, {"standard output"}},
      {{"simulate", square, "--dataflow", "row_wize"}, {"row_wize", "row_wise"}},
      {{"simulate", square, "--dataflow", "row_wise,"}, {"dataflow"}},
      {{"simulate", square, "--check", "perhaps"}, {"perhaps", "auto"}},
      {{"simulate", square, "--explain=verfy"}, {"verfy", "verify"}},
      {{"simulate", square, "--machine", "gama"}, {"gama", "gamma"}},
      {{"simulate", square, "--machine", scratch.path("none.yaml")}, {"none.yaml"}},
      {{"simulate", square, "--machine", scratch.folder().string()}, {scratch.folder().string()}},
      {{"simulate", square, "--set", "machine.pe.cuont=4"}, {"machine.pe.cuont", "count"}},
      {{"simulate", square, "--set", "machine.pe.count"}, {"machine.pe.count"}},
      {{"simulate", square, "--set", "machine.pe.count="}, {"machine.pe.count"}},
      {{"simulate", square, "--set", "machine.pe.count=0"}, {"machine.pe.count", "1"}},
      {{"simulate", square, "--set", "machine.sram.capacity=1 parsec"}, {"machine.sram.capacity"}},
      {{"simulate", square, "--set", "=4"}, {"--set"}},
      {{"simulate", square, "--set", "machine=4"}, {"machine"}},
      {{"simulate", square, "--trace-window", "1:2"}, {"--trace"}},
      {{"simulate", square, "--trace", scratch.path("t.json"), "--trace-window", "9:2"}, {"9:2"}},
      {{"simulate", square, "--trace", scratch.path("t.json"), "--trace-max-bytes", "lots"}, {"lots"}},
      {{"matrix"}, {"info"}},
      {{"matrix", "inof", square}, {"inof", "info"}},
      {{"matrix", "info"}, {"FILE"}},
      {{"matrix", "info", scratch.path("missing.mtx")}, {"missing.mtx"}},
      {{"matrix", "generate", "--family", "rmat"}, {"-o"}},
      {{"matrix", "generate", "--family", "ramt", "-o", "-"}, {"ramt", "rmat"}},
      {{"matrix", "generate", "--rows", "-3", "-o", "-"}, {"--rows"}},
      {{"matrix", "generate", "--rows", "1e30", "-o", "-"}, {"--rows"}},
      {{"matrix", "generate", "--density", "2", "-o", "-"}, {"--density"}},
      {{"matrix", "generate", "--rowz", "3", "-o", "-"}, {"--rowz", "--rows"}},
      {{"matrix", "generate", "--rows", "3", "-o", scratch.path("no/such/m.mtx")}, {"m.mtx"}},
      {{"matrix", "convert", square}, {"IN and OUT"}},
      {{"matrix", "convert", square, "a", "b"}, {"IN OUT"}},
      {{"matrix", "convert", square, "--format", "bitmp", scratch.path("x")}, {"bitmp", "bitmap"}},
      {{"matrix", "convert", square, "--format", "bitmap", "--value", "fp61", scratch.path("x")}, {"fp61", "fp16"}},
      {{"matrix", "convert", square, "--format", "bitmap", "--decode", scratch.path("x")}, {"exclude"}},
      {{"matrix", "convert", square, "--format", "bsr", "--block", "0", scratch.path("x")}, {"--block"}},
      {{"matrix", "convert", square, "--format", "tca_tbe", scratch.path("x")}, {"bf16"}},
      {{"matrix", "convert", "--decode", square, scratch.path("x")}, {"encoded matrix"}},
      {{"check"}, {"FILE"}},
      {{"check", scratch.path("missing.yaml")}, {"missing.yaml"}},
      {{"compare", result}, {"two"}},
      {{"compare", result, result}, {"no_result.json"}},
      {{"compare", result, result, "--tolerance", "7"}, {"--tolerance"}},
      {{"help", "simulte"}, {"simulte", "simulate"}},
  };
  for (const Case& c : cases) {
    std::string what = "heddle";
    for (const std::string& word : c.words) what += " " + word;
    Outcome outcome = run_heddle(c.words, "", 20);
    expect_refused(outcome, c.expected, what);
  }
  EXPECT_FALSE(fs::exists(scratch.path("t.json"))) << "a refused run left its timeline";
}

TEST(BadInput, BrokenEncodedFilesAreRefusedAndLeaveNothing) {
  const ScratchFolder scratch;
  const std::string square = small_matrix(scratch), encoded = scratch.path("m.hfm"), out = scratch.path("out.mtx");
  ASSERT_EQ(run_heddle({"matrix", "convert", "--format", "tile_bitmap", square, encoded}).exit_code, 0);
  const std::string file = read_file(encoded);
  const auto refused = [&](const std::string& changed, const std::string& words) {
    write_file(encoded, changed);
    expect_refused(run_heddle({"matrix", "convert", "--decode", encoded, out}), {"m.hfm", words}, words);
    EXPECT_FALSE(fs::exists(out)) << words;
  };
  refused(file.substr(0, file.size() - 1), "it ends");
  std::string changed = file;
  changed[76 + 3 * 24] = '\x7f';  // seven more bits in the first bitmap
  refused(changed, "section offsets");
  changed = file;
  changed[76 + 3 * 24 + 4 * 8 + 4] = '\x7f';  // the second offset
  refused(changed, "offset 1 is");
}

TEST(BadInput, NoWordsPrintTheHelpAndFail) {
  const Outcome outcome = run_heddle({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.out.find("simulate"), std::string::npos);
}

TEST(ValidInput, EmptyMatricesRun) {
  const ScratchFolder scratch;
  for (const char* const sizes : {"3 3 0", "0 0 0", "1 1 1\n1 1 5"}) {
    const std::string path = scratch.path("m.mtx");
    write_file(path, std::string("%%MatrixMarket matrix coordinate real general\n") + sizes + "\n");
    const Outcome outcome = run_heddle({"simulate", path, "--json", "-"});
    EXPECT_EQ(outcome.exit_code, 0) << sizes << outcome.err;
    EXPECT_NE(outcome.out.find("\"checked\": true"), std::string::npos) << sizes;
  }
}

}  // namespace
}  // namespace heddle::cli_test
