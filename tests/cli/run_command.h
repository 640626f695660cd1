// Runs the built `heddle` as a user would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heddle::cli_test {

struct Outcome {
  int exit_code = -1;  ///< 124 when it did not end within the limit
  std::string out, err;
};

/// `words` are passed as they are; no shell sees them. `input` is standard input.
Outcome run_heddle(const std::vector<std::string>& words, const std::string& input = "", int seconds = 60);
/// Any program, with additional environment "NAME=value".
Outcome run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                    const std::string& input = "", int seconds = 60);

/// The root of the source tree.
std::filesystem::path source_path(const std::string& relative);
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

/// A folder of its own for the running test, empty at first, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// A 4 x 4 matrix with 7 nonzeros, as a file in `folder`.
std::string small_matrix(const ScratchFolder& folder);

}  // namespace heddle::cli_test
