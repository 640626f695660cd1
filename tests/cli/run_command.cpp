#include "tests/cli/run_command.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace heddle::cli_test {
namespace {

namespace fs = std::filesystem;

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

}  // namespace

Outcome run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                    const std::string& input, int seconds) {
  const ScratchFolder scratch;
  write_file(scratch.path("in"), input);
  std::string line = "timeout -k 5 " + std::to_string(seconds) + " env";
  for (const std::string& setting : environment) line += " " + quoted(setting);
  for (const std::string& word : command) line += " " + quoted(word);
  line += " <" + quoted(scratch.path("in")) + " >" + quoted(scratch.path("out")) + " 2>" + quoted(scratch.path("err"));
  const int status = std::system(line.c_str());
  Outcome outcome;
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.out = read_file(scratch.path("out"));
  outcome.err = read_file(scratch.path("err"));
  return outcome;
}

Outcome run_heddle(const std::vector<std::string>& words, const std::string& input, int seconds) {
  std::vector<std::string> command = {HEDDLE_COMMAND};
  command.insert(command.end(), words.begin(), words.end());
  return run_program(command, {}, input, seconds);
}

fs::path source_path(const std::string& relative) {
  return fs::path(HEDDLE_SOURCE_DIR) / relative;
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  ASSERT_TRUE(stream.good()) << path;
}

ScratchFolder::ScratchFolder() {
  std::string name = (fs::temp_directory_path() / "heddle-cli-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  folder_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string small_matrix(const ScratchFolder& folder) {
  const std::string path = folder.path("small.mtx");
  write_file(path,
             "%%MatrixMarket matrix coordinate real general\n"
             "4 4 7\n1 1 2\n1 3 -1\n2 2 3\n3 1 1\n3 4 0.5\n4 2 -2\n4 4 1\n");
  return path;
}

}  // namespace heddle::cli_test
