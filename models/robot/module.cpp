#include "models/robot/module.h"

#include <algorithm>
#include <cmath>

#include "sim/base/errors.h"

namespace heddle::robot {
namespace {

Cycle microseconds(double seconds) {
  return static_cast<Cycle>(std::llround(seconds * 1e6));
}

SchedulingClass class_of(Policy policy) {
  switch (policy) {
    case Policy::cfs:
    case Policy::cfs_ca:
      return SchedulingClass::fair;
    case Policy::rt_ca:
      return SchedulingClass::realtime;
    case Policy::deadline_ca:
      return SchedulingClass::deadline;
  }
  throw InternalError("unknown policy");
}

}  // namespace

RobotModule::RobotModule(World& world, const RobotSetup& setup, const RunRequest& request, std::size_t number)
    : world_(world),
      config_(setup.modules[number]),
      request_(request),
      number_(number),
      graph_(build_task(config_.task, setup.platform)) {
  result_.name = config_.name;
  scheduled_.group = world_.scheduler.add_group(config_.name, class_of(request.policy));
  add_threads();
  period_ = microseconds(1 / config_.frames_per_second);
  if (config_.trigger == Trigger::frames) {
    frames_ = static_cast<std::size_t>(std::llround(request.seconds * config_.frames_per_second));
    events_.push_back({0, 0});
    result_.events = frames_;
    return;
  }
  for (const TimedEvent& event : config_.trigger == Trigger::speech ? setup.timeline.speech : setup.timeline.signs)
    if (event.at_s < request.seconds) events_.push_back({microseconds(event.at_s), microseconds(event.for_s)});
  frames_ = result_.events = events_.size();
}

void RobotModule::add_threads() {
  for (const auto v : boost::make_iterator_range(boost::vertices(graph_))) {
    Subtask subtask;
    for (std::uint32_t c = 0; c < graph_[v].cores; ++c) {
      subtask.threads.push_back(world_.scheduler.add_thread(scheduled_.group, this));
      scheduled_.threads.push_back(subtask.threads.back());
      subtask_of_.push_back(v);
    }
    subtasks_.push_back(std::move(subtask));
  }
}

Cycle RobotModule::step(Cycle now) {
  emit_scores(now);
  begin_events(now);
  end_if_over(now);
  return next_time();
}

/// When this module has to look again, as far as it is not told by the scheduler.
Cycle RobotModule::next_time() const {
  if (ended_) return kNever;
  Cycle next = kNever;
  const Cycle now = world_.kernel.now();
  if (!busy_ && next_ < frames_ && events_[next_].at > now) next = events_[next_].at;
  if (active_until_ > now) next = std::min(next, active_until_);
  if (config_.trigger == Trigger::frames && motion_next_ < world_.motion.size())
    next = std::min(next, std::max(now + 1, microseconds(world_.motion[motion_next_].at_s)));
  return next;
}

/// Frames are scored by motion, clips and signs while they last.
void RobotModule::emit_scores(Cycle now) {
  if (config_.trigger != Trigger::frames) {
    if (active_until_ != 0 && active_until_ <= now) {
      active_until_ = 0;
      world_.controller.observe(number_, config_.score_idle, now);
    }
    return;
  }
  for (; motion_next_ < world_.motion.size() && microseconds(world_.motion[motion_next_].at_s) <= now; ++motion_next_)
    world_.controller.observe(number_, world_.motion[motion_next_].moving ? config_.score_active : config_.score_idle,
                              now);
}

bool RobotModule::is_vetoed(Cycle now) const {
  if (!request_.knobs.elision || request_.policy == Policy::cfs || config_.vetoed_while.empty()) return false;
  bool moving = false;
  for (const MotionChange& change : world_.motion)
    if (microseconds(change.at_s) <= now) moving = change.moving;
  return moving;
}

void RobotModule::begin_events(Cycle now) {
  while (!busy_ && next_ < frames_ && events_[next_].at <= now) {
    const Event event = events_[next_++];
    if (is_vetoed(now)) {
      ++result_.vetoed;
      continue;
    }
    if (config_.late_limit_s > 0 && now - event.at > microseconds(config_.late_limit_s)) {
      ++result_.skipped;
      continue;
    }
    begin(event, now);
  }
}

void RobotModule::begin(const Event& event, Cycle now) {
  busy_ = true;
  event_at_ = event.at;
  result_.last_cpu_s = double(now) / 1e6;
  if (event.active_for > 0) {
    active_until_ = now + event.active_for;
    world_.controller.observe(number_, config_.score_active, now);
  }
  foreground_left_ = 0;
  for (std::size_t s = 0; s < subtasks_.size(); ++s) {
    if (!graph_[s].background) ++foreground_left_;
    subtasks_[s].missing = boost::in_degree(s, graph_);
  }
  for (std::size_t s = 0; s < subtasks_.size(); ++s)
    if (boost::in_degree(s, graph_) == 0) start(s, now);
}

bool RobotModule::leaves_out(const SubtaskConfig& subtask, const Subtask& state, Cycle now) const {
  if ((next_ - 1) % subtask.every != 0) return true;
  if (subtask.background && state.running > 0) return true;
  return subtask.optional && next_ < frames_ && next_ < events_.size() && events_[next_].at <= now;
}

void RobotModule::start(std::size_t s, Cycle now) {
  if (leaves_out(graph_[s], subtasks_[s], now)) return end_subtask(s, now);
  if (!world_.memory.take(graph_[s].memory.count)) {
    subtasks_[s].waits_for_memory = true;
    return;
  }
  start_threads(s, now);
}

void RobotModule::start_threads(std::size_t s, Cycle now) {
  double work = graph_[s].slice_ms * 1e3 / request_.host_speed;
  if (config_.trigger == Trigger::frames) work *= 1 + request_.knobs.map_growth * double(now) / 60e6;
  subtasks_[s].running = graph_[s].cores;
  for (const ThreadId thread : subtasks_[s].threads) world_.scheduler.submit(thread, work, now);
  if (!world_.in_scheduler) world_.kernel.wake(world_.scheduler_id, now);
}

void RobotModule::burst_done(ThreadId thread, Cycle now) {
  const std::size_t s = subtask_of_[thread - scheduled_.threads.front()];
  if (--subtasks_[s].running > 0) return;
  world_.in_scheduler = true;
  world_.memory.give(graph_[s].memory.count);
  end_subtask(s, now);
  for (RobotModule* module : world_.modules) module->retry_memory(now);
  world_.in_scheduler = false;
  end_if_over(now);
  const Cycle next = next_time();
  if (next != kNever) world_.kernel.wake(id, std::max(next, now + 1));
}

void RobotModule::retry_memory(Cycle now) {
  for (std::size_t s = 0; s < subtasks_.size(); ++s)
    if (subtasks_[s].waits_for_memory && world_.memory.take(graph_[s].memory.count)) {
      subtasks_[s].waits_for_memory = false;
      start_threads(s, now);
    }
}

void RobotModule::end_subtask(std::size_t s, Cycle now) {
  for (const auto& e : boost::make_iterator_range(boost::out_edges(s, graph_))) {
    const std::size_t after = boost::target(e, graph_);
    if (--subtasks_[after].missing == 0) start(after, now);
  }
  if (!graph_[s].background && --foreground_left_ == 0) end_event(now);
}

void RobotModule::end_event(Cycle now) {
  busy_ = false;
  ++result_.handled;
  const Cycle took = now - event_at_;
  result_.task_seconds += double(took) / 1e6;
  result_.end_s = double(now) / 1e6;
  if (config_.trigger == Trigger::frames) {
    if (took > period_) ++result_.late_frames;
    if (next_ < frames_) events_.push_back({std::max(event_at_ + period_, now), 0});
  }
  begin_events(now);
}

void RobotModule::end_if_over(Cycle now) {
  if (ended_ || busy_ || next_ < frames_) return;
  if (active_until_ > now) return;
  ended_ = true;
  if (result_.handled > 0) result_.turnaround_ms = 1e3 * result_.task_seconds / double(result_.handled);
  result_.cpu_seconds = world_.scheduler.cpu_time_us(scheduled_.group) / 1e6;
  world_.controller.observe_end(number_, now);
}

}  // namespace heddle::robot
