#include "tools/sweep/paths.h"

#include <glob.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "sim/base/spelling.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

}  // namespace

std::optional<std::string> resolve_path(const ConfigPlace& at, const std::string& folder) {
  const std::string& text = at.node.text;
  if (text.empty()) at.fail_expected("a path");
  if (!text.starts_with("${")) return (fs::path(folder) / text).lexically_normal().string();
  const std::size_t end = text.find('}');
  if (end == std::string::npos || end == 2) at.fail("expected ${NAME}/... with the name of an environment variable");
  const char* const value = std::getenv(text.substr(2, end - 2).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return fs::path(value + text.substr(end + 1)).lexically_normal().string();
}

std::vector<std::string> files_of(const std::string& pattern) {
  std::error_code unknown;
  if (!is_pattern(pattern) || fs::exists(pattern, unknown))
    return fs::exists(pattern, unknown) ? std::vector{pattern} : std::vector<std::string>{};
  std::vector<std::string> files;
  glob_t found = {};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i)
      if (fs::is_regular_file(found.gl_pathv[i], unknown)) files.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  return files;
}

void fail_no_file(const ConfigPlace& at, const std::string& path) {
  if (is_pattern(path)) at.fail("no file matches " + quote(path, 300));
  const fs::path folder = fs::path(path).parent_path();
  std::error_code unknown;
  if (!fs::is_directory(folder, unknown)) at.fail("there is no folder " + quote(folder.string(), 300));
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, unknown))
    names.push_back(entry.path().filename().string());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string meant = nearest(fs::path(path).filename().string(), views);
  at.fail("there is no file " + quote(path, 300) + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
}

std::string matrix_stem(const std::string& path) {
  fs::path name = fs::path(path).filename();
  if (name.extension() == ".gz") name = name.stem();
  return name.stem().string();
}

}  // namespace heddle
