#include "models/robot/task_model.h"

#include <algorithm>
#include <boost/graph/topological_sort.hpp>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle::robot {
namespace {

constexpr EnumName<TaskKind> kTaskKinds[] = {{TaskKind::elemental, "elemental", "one subtask"},
                                             {TaskKind::compound, "compound", "all subtasks must finish"},
                                             {TaskKind::complex, "complex", "optional subtasks may be left out"}};

[[noreturn]] void fail(const SubtaskConfig& subtask, const std::string& reason) {
  throw InputError((subtask.place.empty() ? "" : subtask.place + ": ") + "subtask " + quote(subtask.name) + ": " +
                   reason);
}

void check_constraint(const SubtaskConfig& subtask, const PlatformConfig& platform) {
  if (subtask.cores > platform.cpus)
    fail(subtask,
         "needs " + std::to_string(subtask.cores) + " cores; the platform has " + std::to_string(platform.cpus));
  if (subtask.memory > platform.memory)
    fail(subtask, "needs " + to_text(subtask.memory) + "; the platform has " + to_text(platform.memory));
  for (const std::string& need : subtask.needs)
    if (std::find(platform.resources.begin(), platform.resources.end(), need) == platform.resources.end()) {
      const std::vector<std::string_view> known(platform.resources.begin(), platform.resources.end());
      fail(subtask, unknown_word("resource of the platform", need, known));
    }
}

void check_kind(const TaskConfig& task) {
  if (task.subtasks.empty()) throw InputError("task: expected at least one subtask");
  if (task.kind == TaskKind::elemental && task.subtasks.size() > 1)
    fail(task.subtasks[1], "an elemental task has one subtask; several make it compound or complex");
  for (const SubtaskConfig& subtask : task.subtasks)
    if (subtask.optional && task.kind != TaskKind::complex) fail(subtask, "only a complex task has optional subtasks");
}

}  // namespace

std::span<const EnumName<TaskKind>> enum_names(TaskKind) {
  return kTaskKinds;
}

void read_value(const ConfigPlace& at, SubtaskConfig& value) {
  ConfigReader reader(at.node, at.path);
  describe(reader, value);
  reader.finish();
  value.place = at.node.where();
}

SubtaskGraph build_task(const TaskConfig& task, const PlatformConfig& platform) {
  check_kind(task);
  SubtaskGraph graph;
  std::vector<std::string_view> names;
  for (const SubtaskConfig& subtask : task.subtasks) {
    if (subtask.name.empty() || std::find(names.begin(), names.end(), subtask.name) != names.end())
      fail(subtask, "expected a name of its own");
    check_constraint(subtask, platform);
    names.push_back(subtask.name);
    boost::add_vertex(subtask, graph);
  }
  for (std::size_t to = 0; to < names.size(); ++to)
    for (const std::string& name : task.subtasks[to].after) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) fail(task.subtasks[to], "after: " + unknown_word("subtask", name, names));
      boost::add_edge(static_cast<std::size_t>(found - names.begin()), to, graph);
    }
  try {
    std::vector<std::size_t> order;
    boost::topological_sort(graph, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    fail(task.subtasks.front(), "the subtasks wait for each other in a circle");
  }
  return graph;
}

}  // namespace heddle::robot
