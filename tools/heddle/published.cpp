#include "tools/heddle/published.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "sim/base/errors.h"
#include "sim/base/yaml_reader.h"

namespace heddle {
namespace {

[[noreturn]] void refuse(const std::string& path, const PublishedGroup& group, const std::string& reason) {
  throw InputError(path + ": group " + (group.id.empty() ? "without id" : group.id) + ": " + reason);
}

void check_group(const std::string& path, const PublishedGroup& group) {
  if (group.id.empty()) refuse(path, group, "expected an id");
  if (group.figure.empty()) refuse(path, group, "expected a figure, what was measured");
  if (group.rows.empty() == (group.published == 0)) refuse(path, group, "expected either rows or a published value");
  if (group.not_run.empty() && group.subject.machine.empty())
    refuse(path, group, "expected a machine, or the reason in not_run");
  const bool runs = group.measure != Measure::peak_products && group.measure != Measure::peak_share;
  if (group.not_run.empty() && runs && group.subject.dataflow.empty()) refuse(path, group, "expected a dataflow");
  if (group.not_run.empty() && runs && group.rows.empty() && group.geomean_of.empty())
    refuse(path, group, "expected rows or geomean_of, the workloads to run");
}

}  // namespace

PublishedFile load_published(const std::string& path) {
  PublishedFile file;
  read_config(load_config(path), file);
  if (file.accelerator.empty()) throw InputError(path + ": accelerator: expected a name");
  std::set<std::string> ids;
  for (PublishedGroup& group : file.groups) {
    check_group(path, group);
    if (!ids.insert(group.id).second) refuse(path, group, "the id is taken");
    if (group.source.empty()) group.source = file.source;
  }
  return file;
}

std::vector<PublishedFile> load_published_folder(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  if (paths.empty()) throw InputError(folder + ": no folder with .yaml files of published figures");
  std::sort(paths.begin(), paths.end());
  std::vector<PublishedFile> files;
  for (const std::string& path : paths) files.push_back(load_published(path));
  return files;
}

}  // namespace heddle
