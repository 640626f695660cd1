// An array of lanes: multiplies the nonzeros of a window of A with the rows of B they name, lane by lane, and lets the
// products leave in order of column, so that they can be added up on the way. Rules W4 to W6 and W9 of
// dataflows/SEMANTICS.md.
//
// An agent that is stepped in every cycle in which something moves, and sleeps while it waits.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataflows/config.h"
#include "dataflows/row_wise/window.h"
#include "dataflows/row_wise/window_lane.h"
#include "dataflows/row_wise/window_output.h"
#include "sim/base/ring.h"
#include "sim/kernel/account.h"

namespace heddle::row_wise {

/// Told by the arrays what becomes of windows.
class WindowListener {
 public:
  virtual ~WindowListener() = default;
  /// `array` holds one window less from the next cycle on.
  virtual void on_room(std::uint32_t array, Cycle now) = 0;
  /// A window of block `block` has ended in `now`, `cycles` cycles after its start.
  virtual void on_window_end(std::uint64_t block, Cycle cycles, Cycle now) = 0;
};

/// The partial fiber a group is to make; no fibers: it has no nonzeros in the window.
struct GroupTask {
  std::uint32_t fibers = 0;
  std::uint64_t elements = 0;  ///< of all fibers
  Task task;
};

class WindowArray final : public Agent {
 public:
  /// Registers with the kernel, asleep. `lane_config` is that of the lanes' loaders.
  WindowArray(const RowWiseConfig& config, const MergePeConfig& lane_config, std::uint32_t number,
              const WindowOutputNeighbours& neighbours, WindowListener& listener);
  WindowArray(const WindowArray&) = delete;

  /// Where the fiber of a lane goes, for each lane that has one in the window to be pushed next.
  FiberRef& reserve(std::uint32_t lane) { return lanes_[lane].reserve(); }
  /// Hand out a window; it is seen from the next cycle on. `tasks`: one per group.
  void push(const Window& window, std::span<const GroupTask> tasks, Cycle now);

  Cycle step(Cycle now) override;
  bool done() const override;
  std::string waiting_for() const override;

  CycleAccount& account() { return account_; }
  std::uint64_t products() const { return products_; }
  /// Products that have left for their sums.
  std::uint64_t summed() const { return summed_; }
  /// The last cycle in which it did anything; 0 if none.
  Cycle last_work() const { return last_work_; }

 private:
  struct Held {
    Window window;
    Cycle pushed = 0;
    std::vector<GroupTask> groups;
    std::uint64_t products = 0;  // all there will be
    Cycle start = 0;
  };
  /// A window whose products have not all left.
  struct Running {
    std::uint64_t window = 0, block = 0;
    Cycle start = 0;
    std::uint64_t products = 0;  // that have not left
  };
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};  // a window with which every lane is through

  bool turn(Cycle now);
  bool all_through() const;
  void end_turn(Cycle now);
  void begin_turn(Cycle now);
  bool drained() const;
  bool fetch(Cycle now);
  std::uint32_t form();
  bool form_one(std::uint32_t unit);
  bool leave(Cycle now);
  bool leave(std::uint32_t group, Cycle now);
  std::span<Ring<Key>> units_of(std::uint32_t group);
  Key limit_of(std::uint32_t group);
  void count_off(std::uint64_t window, std::uint64_t products, Cycle now);
  bool write(Cycle now);
  bool issue(Cycle now);
  std::optional<Activity> activity(Cycle now) const;
  Cycle next_step(Cycle now) const;
  std::uint32_t unit_lanes() const { return width_ == 1 ? 1 : 2; }

  const RowWiseConfig& config_;
  const std::uint32_t number_;
  const AgentId id_;
  const Cycle latency_;
  WindowListener& listener_;
  TaskListener& partials_;
  Kernel& kernel_;
  std::deque<WindowLane> lanes_;
  std::deque<WindowOutput> outputs_;      // one per group
  std::vector<Ring<Key>> unit_products_;  // products held, one per unit
  Ring<Held> windows_;
  std::deque<Running> running_;
  std::uint64_t current_ = kNone;  // number of the current window
  std::uint32_t width_ = 0;        // lanes of a group of the last window current; 0: there was none
  bool blocked_ = false;           // in this cycle some group's products had to stay for want of write lines
  std::uint64_t products_ = 0, summed_ = 0;
  Cycle last_work_ = 0;
  std::optional<Activity> waiting_;  // since the account's end
  std::vector<FiberRef> fibers_;     // of a group, while its sum is planned
  CycleAccount account_;
};

}  // namespace heddle::row_wise
