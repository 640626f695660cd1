// What every twin is made of: a clock that visits every cycle, replies that are polled, accounts with one cell per
// cycle. A twin says what the machine does, cycle by cycle, in the order of sim/SEMANTICS.md; nothing in it is fast.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dataflows/layout.h"
#include "sim/base/errors.h"
#include "sim/base/units.h"
#include "sim/kernel/account.h"
#include "sim/memory/memory.h"

namespace heddle::twin {

/// A reply is usable in cycle t (rule 3).
inline bool is_in(const Reply& reply, Cycle t) {
  return reply.known() && reply.at <= t;
}

/// What happened how often; tests ask that the rare things did happen.
using Events = std::map<std::string, std::uint64_t>;

/// The last cycle any agent worked in (rule 4). Every block marks what it does here.
struct WorkLog {
  std::optional<Cycle> last;
  Events events;
  void mark(Cycle t) { last = std::max(last.value_or(0), t); }
};

/// Bytes of whole lines moved, by tensor.
using TensorBytes = std::array<std::uint64_t, kTensorCount>;

/// DRAM as the twins see it: replies live here for the whole run and are polled. The channels act first in a cycle.
class TwinMemory {
 public:
  explicit TwinMemory(WorkLog& log) : log_(log) {}
  virtual ~TwinMemory() = default;

  const Reply& read(LineAddr line, Tensor tensor, Cycle t) {
    read_bytes[static_cast<std::size_t>(tensor)] += kLineBytes;
    log_.mark(t);
    request_read(line, tensor, t, replies_.emplace_back());
    return replies_.back();
  }
  const Reply& write(LineAddr line, Tensor tensor, Cycle t) {
    write_bytes[static_cast<std::size_t>(tensor)] += kLineBytes;
    log_.mark(t);
    request_write(line, tensor, t, replies_.emplace_back());
    return replies_.back();
  }
  /// Calls `cycle(t)` for t = 0, 1, ... until it says false, the channels acting before it in every cycle.
  virtual void drive(const std::function<bool(Cycle)>& cycle) = 0;
  virtual Cycle last_write_done() const = 0;

  TensorBytes read_bytes{};
  TensorBytes write_bytes{};

 protected:
  virtual void request_read(LineAddr line, Tensor tensor, Cycle t, Reply& reply) = 0;
  virtual void request_write(LineAddr line, Tensor tensor, Cycle t, Reply& reply) = 0;

 private:
  WorkLog& log_;
  std::deque<Reply> replies_;
};

/// One cell of an account: what an agent did in one cycle.
using Cell = Activity;

inline Cell stall(Tensor tensor, Cause cause) {
  return {Activity::Kind::stall, tensor, cause};
}

/// The cell of cycle c of a wait for `reply`: between two milestones the request waits for the later one.
inline Cell waiting_cell(Cycle c, const Reply& reply, Tensor tensor) {
  if (c < reply.granted) return stall(tensor, Cause::port);
  if (c < reply.dram_start) return stall(tensor, reply.queue_cause);
  if (c < reply.dram_done) return stall(tensor, Cause::dram_timing);
  return stall(tensor, Cause::cache_latency);
}

/// Every cycle of one agent is one cell, set once. What was never set is no_work up to the end of the agent's last
/// task, idle from there on.
class TwinAccount {
 public:
  void set(Cycle c, Cell cell) {
    if (c >= cells_.size()) cells_.resize(c + 1);
    HEDDLE_CHECK(!cells_[c].has_value());
    cells_[c] = cell;
  }
  void task_ended(Cycle t) { last_end_ = t; }

  struct Sums {
    std::uint64_t busy = 0, no_work = 0, idle = 0;
    std::array<std::array<std::uint64_t, kCauseCount>, kTensorCount> stalls{};
    std::vector<Cell> cells;  ///< one per cycle
  };
  Sums close(Cycle total) const {
    HEDDLE_CHECK(cells_.size() <= total);
    Sums sums;
    for (Cycle c = 0; c < total; ++c) {
      Cell cell{last_end_ && c < *last_end_ ? Activity::Kind::no_work : Activity::Kind::idle};
      if (c < cells_.size() && cells_[c].has_value()) cell = *cells_[c];
      sums.cells.push_back(cell);
      switch (cell.kind) {
        case Activity::Kind::busy:
          sums.busy += 1;
          break;
        case Activity::Kind::no_work:
          sums.no_work += 1;
          break;
        case Activity::Kind::idle:
          sums.idle += 1;
          break;
        case Activity::Kind::stall:
          sums.stalls[static_cast<std::size_t>(cell.tensor)][static_cast<std::size_t>(cell.cause)] += 1;
      }
    }
    return sums;
  }

 private:
  std::vector<std::optional<Cell>> cells_;
  std::optional<Cycle> last_end_;
};

/// Everything that is compared with the fast model, and the events.
struct TwinResult {
  Cycle cycles = 0;
  Cycle convert_cycles = 0;
  TensorBytes read_bytes{}, write_bytes{};
  std::uint64_t sram_read = 0, sram_write = 0;
  std::uint64_t hits = 0, misses = 0, evictions = 0, spills = 0;
  std::uint64_t products = 0, nnz_c = 0;
  std::optional<std::uint64_t> intersections;  ///< not counted by every twin
  std::map<std::string, std::vector<TwinAccount::Sums>> groups;
  Events events;
};

inline constexpr Cycle kTooLong = 20'000'000;  ///< no case of the tests runs so long: the twin hangs

}  // namespace heddle::twin
