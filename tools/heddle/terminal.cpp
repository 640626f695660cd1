#include "tools/heddle/terminal.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"

namespace heddle {

bool wants_colour(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && isatty(fileno(stream)) == 1;
}

void print(std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw InputError(std::string("standard output: cannot be written: ") + std::strerror(errno));
}

void message(std::string_view text) {
  std::fprintf(stderr, "heddle: %.*s\n", static_cast<int>(text.size()), text.data());
}

void write_output(const std::string& path, std::string_view text) {
  if (path == "-")
    print(text);
  else
    write_file_atomically(path, text);
}

void require_writable(const std::string& path) {
  namespace fs = std::filesystem;
  if (path == "-" || path.empty()) return;
  std::error_code unknown;
  if (fs::is_directory(path, unknown)) throw InputError(path + ": cannot be written: is a directory");
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : ".";
  if (!fs::is_directory(folder, unknown)) throw InputError(path + ": cannot be written: no such directory");
  const bool exists = fs::exists(path, unknown);
  if (access(exists ? path.c_str() : folder.c_str(), W_OK) != 0)
    throw InputError(path + ": cannot be written: " + std::strerror(errno));
}

}  // namespace heddle
