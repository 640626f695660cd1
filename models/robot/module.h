// A module (container): waits for its events and runs its task for each, one event at a time.
#pragma once

#include <memory>
#include <vector>

#include "models/robot/controller.h"

namespace heddle::robot {

/// Memory of the platform, shared by all modules; a subtask that does not fit waits.
class MemoryPool {
 public:
  explicit MemoryPool(std::uint64_t bytes) : free_(bytes) {}
  bool take(std::uint64_t bytes) {
    if (bytes > free_) return false;
    free_ -= bytes;
    return true;
  }
  void give(std::uint64_t bytes) { free_ += bytes; }

 private:
  std::uint64_t free_;
};

class RobotModule : public Agent, public BurstListener {
 public:
  /// What all modules share.
  struct World {
    Kernel& kernel;
    CpuScheduler& scheduler;
    Controller& controller;
    MemoryPool memory;
    std::vector<RobotModule*> modules;
    std::vector<MotionChange> motion;
    AgentId scheduler_id = 0;
    bool in_scheduler = false;  ///< the scheduler acts, and will look at its threads before it ends
  };

  RobotModule(World& world, const RobotSetup& setup, const RunRequest& request, std::size_t number);

  const ScheduledModule& scheduled() const { return scheduled_; }
  const ModuleResult& result() const { return result_; }
  bool ended() const { return ended_; }

  Cycle step(Cycle now) override;
  void burst_done(ThreadId thread, Cycle now) override;
  bool done() const override { return ended_; }
  std::string waiting_for() const override { return "events of module " + config_.name; }

  AgentId id = 0;

 private:
  struct Subtask {
    std::vector<ThreadId> threads;
    std::uint32_t running = 0;  ///< threads at work
    std::size_t missing = 0;    ///< subtasks to end first, this event
    bool waits_for_memory = false;
  };
  struct Event {
    Cycle at;
    Cycle active_for;
  };

  void add_threads();
  void add_events();
  bool is_vetoed(Cycle now) const;
  void begin_events(Cycle now);
  void begin(const Event& event, Cycle now);
  void start(std::size_t subtask, Cycle now);
  void start_threads(std::size_t subtask, Cycle now);
  void end_subtask(std::size_t subtask, Cycle now);
  void end_event(Cycle now);
  void emit_scores(Cycle now);
  void end_if_over(Cycle now);
  Cycle next_time() const;
  bool leaves_out(const SubtaskConfig& subtask, const Subtask& state, Cycle now) const;
  void retry_memory(Cycle now);

  World& world_;
  const ModuleConfig& config_;
  RunRequest request_;
  std::size_t number_;
  SubtaskGraph graph_;
  ScheduledModule scheduled_;
  std::vector<Subtask> subtasks_;
  std::vector<std::size_t> subtask_of_;  ///< by thread, from the first of this module
  std::vector<Event> events_;            ///< of the timeline, or filled in frame by frame
  std::size_t next_ = 0, frames_ = 0;
  Cycle period_ = 0;
  bool busy_ = false, ended_ = false;
  std::size_t foreground_left_ = 0;
  Cycle event_at_ = 0;
  std::size_t motion_next_ = 0;
  Cycle active_until_ = 0;
  ModuleResult result_;
};

}  // namespace heddle::robot
