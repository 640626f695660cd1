// An array of lanes of row-wise with windows (rules W4 to W6 and W9): every lane, unit and group is visited in every
// cycle.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "tests/twin/twin_combining_buffer.h"
#include "tests/twin/twin_lane.h"

namespace heddle::twin {

/// What a group makes of a window (W2, W6).
struct PartialFiber {
  std::uint64_t inputs = 0;             ///< elements of its fibers
  std::vector<Coordinate> coordinates;  ///< of its sums
  std::uint64_t first_byte = 0;         ///< known when the window is handed out
  std::uint64_t emitted = 0;            ///< sums that left
  std::vector<const Reply*> puts;
  std::optional<Cycle> window_over;

  ByteRange bytes(std::uint64_t element_bytes) const {
    return {first_byte, first_byte + coordinates.size() * element_bytes};
  }
  std::optional<Cycle> ended(std::uint64_t element_bytes) const;
};

struct Window {
  std::uint64_t number = 0;  ///< in the order handed out
  std::uint64_t h = 1;
  std::vector<std::vector<Coordinate>> groups;         ///< names of the nonzeros of each group
  std::vector<std::shared_ptr<PartialFiber>> partial;  ///< of each group, none without nonzeros
  std::uint64_t products = 0;
  std::uint64_t left = 0;  ///< products that left
  std::optional<Cycle> start, last_left, over;

  /// W8: in which it has ended for its block, and what it adds to the cycles of that.
  std::optional<Cycle> ended() const { return products == 0 ? over : last_left; }
  std::uint64_t cycles(Cycle latency) const { return *ended() + (products == 0 ? 0 : latency) - *start; }
};

class TwinWindowArray {
 public:
  TwinWindowArray(const Workload& workload, const Config& config, const Layout& layout, TwinCache& cache, WorkLog& log);

  /// From the scheduler in cycle t; seen from t + 1 on.
  void give(std::shared_ptr<Window> window, Cycle t) { inbox_.emplace_back(std::move(window), t); }
  /// Windows whose place is not free.
  std::uint64_t held() const { return held_.size() + inbox_.size(); }
  void step(Cycle t);
  bool done() const;

  TwinAccount account;
  std::uint64_t products = 0;

 private:
  using WindowPtr = std::shared_ptr<Window>;
  using Unit = std::deque<WindowKey>;  // its products
  struct WriteBurst {
    std::shared_ptr<PartialFiber> of;
    ByteRange bytes;
    std::uint64_t lines = 0;
    std::optional<Cycle> issue_at;
    std::vector<const Reply*> replies;
  };
  using Writer = std::vector<WriteBurst>;
  struct Limit {
    std::optional<WindowKey> key;
    bool unknown = false, third = false;  // what it is due to
  };

  void see(const Window& window);
  void turn(Cycle t);
  bool all_through() const;
  bool empty() const;
  void form(Cycle t);
  bool form_one(std::uint64_t unit);
  void leave(Cycle t);
  void leave(std::uint64_t group, Cycle t);
  Limit limit(std::uint64_t group) const;
  std::vector<WriteBurst> new_bursts(const std::shared_ptr<PartialFiber>& fiber, ByteRange sums) const;
  static bool free_again(const WriteBurst& burst, Cycle t);
  bool room(const Writer& writer, const std::vector<WriteBurst>& wanted, Cycle t) const;
  void write(Writer& writer, Cycle t);
  std::optional<Cell> activity(Cycle t) const;
  bool through(std::uint64_t lane) const { return current_ == nullptr || lanes_[lane].through(current_->number); }
  // shapes, as of the last window current
  std::uint64_t width() const { return lanes_.size() / h_; }
  std::uint64_t lanes_of_a_unit() const { return width() == 1 ? 1 : 2; }
  std::uint64_t units_of_a_group() const { return width() / lanes_of_a_unit(); }

  const Workload& workload_;
  const Config& config_;
  const Layout& layout_;
  TwinCache& cache_;
  WorkLog& log_;
  std::uint64_t element_bytes_;

  std::deque<std::pair<WindowPtr, Cycle>> inbox_;
  std::deque<WindowPtr> held_;                  // seen; the current one is the first
  std::map<std::uint64_t, WindowPtr> windows_;  // all seen, by number
  WindowPtr current_;
  std::uint64_t h_ = 0;  // of the last window current, 0 before the first
  std::vector<TwinLane> lanes_;
  std::vector<Unit> units_;
  std::vector<Writer> writers_;  // of each group
  bool formed_ = false, lines_wanted_ = false;
};

}  // namespace heddle::twin
