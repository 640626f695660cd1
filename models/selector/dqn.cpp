#include "models/selector/dqn.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> candidates() {
  constexpr const char* kName = "libheddle_dqn.so";
  std::vector<std::string> paths;
  const char* const given = std::getenv("HEDDLE_DQN_LIBRARY");
  if (given != nullptr && *given != '\0') paths.emplace_back(given);
  std::error_code unknown;
  const fs::path executable = fs::read_symlink("/proc/self/exe", unknown);
  if (unknown) return paths;
  const fs::path folder = executable.parent_path();
  paths.push_back((folder / kName).string());
  paths.push_back((folder.parent_path() / kName).string());  // a test's executable in the build tree
  paths.push_back((folder.parent_path() / "lib/heddle" / kName).string());
  return paths;
}

TrainDqn open_trainer(std::string& error) {
  for (const std::string& path : candidates()) {
    std::error_code unknown;
    if (!fs::is_regular_file(path, unknown)) continue;
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      error = dlerror();
      return nullptr;
    }
    return reinterpret_cast<TrainDqn>(dlsym(library, "heddle_train_dqn"));
  }
  error = "libheddle_dqn.so is not beside the program; expected a build with -DHEDDLE_TORCH=ON (libtorch-dev)";
  return nullptr;
}

}  // namespace

bool has_dqn() {
  for (const std::string& path : candidates()) {
    std::error_code unknown;
    if (fs::is_regular_file(path, unknown)) return true;
  }
  return false;
}

TrainedPolicy train_dqn(Environment& environment, const DqnConfig& config, const std::string& save) {
  std::string error;
  const TrainDqn trainer = open_trainer(error);
  if (trainer == nullptr) throw InputError("deep Q-learning: " + error);
  TrainedPolicy trained;
  trainer(environment, config, save.c_str(), trained, error);
  if (!error.empty()) throw InternalError("deep Q-learning: " + error);
  return trained;
}

}  // namespace heddle::selector
