#include "models/robot/robot_config.h"

#include <algorithm>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle::robot {
namespace {

constexpr EnumName<Trigger> kTriggers[] = {
    {Trigger::frames, "frames", "images at a fixed rate; a late frame stretches the run"},
    {Trigger::speech, "speech", "clips of the timeline"},
    {Trigger::signs, "signs", "signs of the timeline"}};
constexpr EnumName<Policy> kPolicies[] = {
    {Policy::cfs, "cfs", "CFS with equal containers and no caps: the baseline"},
    {Policy::cfs_ca, "cfs_ca", "CFS with a quota per container from the context"},
    {Policy::rt_ca, "rt_ca", "round robin real-time groups with a runtime from the context"},
    {Policy::deadline_ca, "deadline_ca", "EDF with a constant-bandwidth server per thread from the context"}};
constexpr std::string_view kContexts[] = {"moving"};

template <class T>
void read_with_place(const ConfigPlace& at, T& value) {
  ConfigReader reader(at.node, at.path);
  describe(reader, value);
  reader.finish();
  value.place = at.node.where();
}

std::string at(const std::string& place) {
  return place.empty() ? "" : place + ": ";
}

void check_intervals(const TimelineConfig& timeline) {
  double last = 0;
  for (const Interval& interval : timeline.moving) {
    if (interval.to_s <= interval.from_s)
      throw InputError(at(interval.place) + "moving: `to` must be later than `from`");
    if (interval.from_s < last) throw InputError(at(interval.place) + "moving: begins before the one above has ended");
    last = interval.to_s;
  }
}

void check_events(const char* what, const std::vector<TimedEvent>& events, double duration_s) {
  double last = 0;
  for (const TimedEvent& event : events) {
    if (event.at_s < last) throw InputError(at(event.place) + what + ": begins before the one above");
    if (event.at_s > duration_s) throw InputError(at(event.place) + what + ": begins after the end of the footage");
    last = event.at_s;
  }
}

}  // namespace

std::span<const EnumName<Trigger>> enum_names(Trigger) {
  return kTriggers;
}
std::span<const EnumName<Policy>> enum_names(Policy) {
  return kPolicies;
}
void read_value(const ConfigPlace& place, Interval& value) {
  read_with_place(place, value);
}
void read_value(const ConfigPlace& place, TimedEvent& value) {
  read_with_place(place, value);
}
void read_value(const ConfigPlace& place, ModuleConfig& value) {
  read_with_place(place, value);
}

void validate(const RobotSetup& setup) {
  check_intervals(setup.timeline);
  check_events("speech", setup.timeline.speech, setup.timeline.duration_s);
  check_events("signs", setup.timeline.signs, setup.timeline.duration_s);
  if (setup.modules.empty()) throw InputError("modules: expected at least one");
  std::vector<std::string> names;
  for (const ModuleConfig& module : setup.modules) {
    if (module.name.empty() || std::find(names.begin(), names.end(), module.name) != names.end())
      throw InputError(at(module.place) + "module " + quote(module.name) + ": expected a name of its own");
    names.push_back(module.name);
    for (const std::string& context : module.vetoed_while)
      if (context != "moving")
        throw InputError(at(module.place) + "vetoed_while: " + unknown_word("context", context, kContexts));
    build_task(module.task, setup.platform);
  }
}

}  // namespace heddle::robot
