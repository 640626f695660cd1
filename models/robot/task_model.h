// Tasks of a robot (Hadidi et al., IEEE EDGE 2023, section III). A task is a directed graph of subtasks, each with a
// capability constraint (cores, memory, time slice) and pre-conditions. Elemental: one subtask. Compound: all subtasks
// must finish. Complex: those marked `optional` may be left out.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/describe.h"
#include "sim/base/units.h"
#include "sim/base/yaml_reader.h"

namespace heddle::robot {

enum class TaskKind : std::uint8_t { elemental, compound, complex };
std::span<const EnumName<TaskKind>> enum_names(TaskKind);

struct SubtaskConfig {
  std::string name;
  std::uint32_t cores = 1;
  Bytes memory;
  double slice_ms = 1;
  std::vector<std::string> after;
  std::vector<std::string> needs;
  bool optional = false;
  bool background = false;
  std::uint32_t every = 1;
  std::string place;  ///< file:line, for messages; not a key
};
template <class V>
void describe(V& v, SubtaskConfig& c) {
  v.field("name", c.name, "text", "unique within the task");
  v.field("cores", c.cores, "count", "threads, each with a slice of work", in_range(1, 1024));
  v.field("memory", c.memory, "bytes", "held while it runs");
  v.field("slice_ms", c.slice_ms, "ms", "undisturbed CPU time of each thread", in_range(0.001, 1e6));
  v.field("after", c.after, "names", "subtasks that must have finished");
  v.field("needs", c.needs, "names", "pre-conditions: resources the platform must have");
  v.field("optional", c.optional, "bool", "of a complex task: left out when the next event waits already");
  v.field("background", c.background, "bool", "the event ends without it; skipped while the one before still runs");
  v.field("every", c.every, "events", "only one event in so many has it", in_range(1, 1 << 20));
}
void read_value(const ConfigPlace& at, SubtaskConfig& value);

struct TaskConfig {
  TaskKind kind = TaskKind::elemental;
  std::vector<SubtaskConfig> subtasks;
};
template <class V>
void describe(V& v, TaskConfig& c) {
  v.field("kind", c.kind, "name", "which subtasks must finish");
  v.field("subtasks", c.subtasks, "", "vertices of the graph");
}

struct PlatformConfig {
  std::uint32_t cpus = 4;
  Bytes memory{std::uint64_t{4} << 30};
  std::vector<std::string> resources;
};
template <class V>
void describe(V& v, PlatformConfig& c) {
  v.field("cpus", c.cpus, "count", "CPUs", in_range(1, 256));
  v.field("memory", c.memory, "bytes", "of all modules together", at_least(1));
  v.field("resources", c.resources, "names", "what pre-conditions may ask for: microphone, camera, imu");
}

/// Edges point from a subtask to those after it.
using SubtaskGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, SubtaskConfig>;

/// Throws InputError with file and line for a cycle, an unknown `after`, an elemental task of several subtasks, an
/// optional subtask of a task that is not complex, and for a constraint the platform can never meet.
SubtaskGraph build_task(const TaskConfig& task, const PlatformConfig& platform);

}  // namespace heddle::robot
