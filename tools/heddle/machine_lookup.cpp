#include "tools/heddle/machine_lookup.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "sim/base/config_tree.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "sim/base/yaml_reader.h"
#include "sim/memory/dram.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> config_folders(const std::string& folder) {
  std::vector<fs::path> folders;
  const char* const configs = std::getenv("HEDDLE_CONFIGS");
  if (configs != nullptr && *configs != '\0') folders.emplace_back(fs::path(configs) / folder);
  std::error_code unknown;
  const fs::path executable = fs::read_symlink("/proc/self/exe", unknown);
  if (!unknown) folders.push_back(executable.parent_path().parent_path() / "share/heddle/configs" / folder);
  folders.emplace_back(fs::path(HEDDLE_SOURCE_DIR) / "configs" / folder);
  return folders;
}

std::vector<std::string> known_names(const std::string& of) {
  std::vector<std::string> names;
  for (const fs::path& folder : config_folders(of)) {
    std::error_code unknown;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, unknown))
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool looks_like_path(const std::string& text) {
  std::error_code unknown;
  return text.find('/') != std::string::npos || fs::path(text).extension() == ".yaml" ||
         fs::is_regular_file(text, unknown);
}

}  // namespace

std::string find_config(const std::string& folder, const std::string& name_or_path) {
  if (looks_like_path(name_or_path)) return name_or_path;
  for (const fs::path& place : config_folders(folder)) {
    const fs::path candidate = place / (name_or_path + ".yaml");
    std::error_code unknown;
    if (fs::is_regular_file(candidate, unknown)) return candidate.string();
  }
  const std::vector<std::string> names = known_names(folder);
  const std::vector<std::string_view> views(names.begin(), names.end());
  throw InputError(unknown_word(folder.substr(0, folder.size() - 1), name_or_path, views) +
                   " (or the path of a .yaml file)");
}

Config config_of(const ConfigTree& tree) {
  Config config;
  read_config(tree, config);
  Kernel unused;
  make_dram(config.machine.dram, config.machine.clock, unused);  // refuses an unknown part or impossible timings
  return config;
}

Config load_machine(const std::string& name_or_path, const std::vector<std::string>& overrides) {
  ConfigTree tree = load_config(find_machine(name_or_path));
  for (const std::string& assignment : overrides) apply_override(tree, assignment);
  return config_of(tree);
}

}  // namespace heddle
