// A lane of an array of row-wise with windows: a loader of rows of B, one at a time, and the stream buffer (W4, W5b).
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "dataflows/config.h"
#include "matrices/csr.h"
#include "tests/twin/twin_cache.h"

namespace heddle::twin {

/// (window in the order handed out, column), as in W5.
using WindowKey = std::pair<std::uint64_t, std::uint64_t>;

/// Consecutive lines asked for together (rule 19); asked anew in every cycle whether they are in.
struct LineRequest {
  std::vector<const Reply*> lines;
  Cycle earliest = 0;  ///< the last line cannot be here before

  bool in(Cycle t) const {
    for (const Reply* line : lines)
      if (!is_in(*line, t)) return false;
    return earliest <= t;
  }
};

/// The row of B that one nonzero of A names.
struct LaneFiber {
  std::uint64_t window = 0;
  Coordinate k = 0;
  std::uint64_t first_byte = 0;
  std::vector<Coordinate> coordinates;
};

class TwinLane {
 public:
  TwinLane(const Config& config, Array b_pointers, TwinCache& cache, WorkLog& log)
      : config_(config), b_pointers_(b_pointers), cache_(cache), log_(log) {}

  void add(const LaneFiber& fiber);
  /// W5b: elements of `window`'s fiber, as many as there is room for.
  void fetch(std::uint64_t window, Cycle t);
  /// W5f.
  void port(Cycle t);
  /// It has no fiber in the window, or that has ended.
  bool through(std::uint64_t window) const { return tasks_.empty() || tasks_.front().fiber.window != window; }
  bool has_room() const { return stream.size() < config_.row_wise.stream_depth; }
  /// The least key the next element fetched of the current fiber, which has not ended, can have.
  WindowKey next_key() const;
  /// W9: what the next element of the current fiber, which has not ended, waits for.
  Cell missing(Cycle t) const;
  bool done() const { return tasks_.empty() && stream.empty(); }

  std::deque<WindowKey> stream;

 private:
  struct Burst {
    LineAddr first = 0;
    std::uint64_t lines = 0;
    const LineRequest* request = nullptr;  // bursts 0 and 1 share one
  };
  struct Task {
    LaneFiber fiber;
    std::vector<Burst> bursts;
    std::uint64_t fetched = 0;
    const LineRequest* pointers = nullptr;

    std::uint64_t head_lines() const {
      return (bursts.empty() ? 0 : bursts[0].lines) + (bursts.size() < 2 ? 0 : bursts[1].lines);
    }
    bool head_requested() const { return !bursts.empty() && bursts[0].request != nullptr; }
  };
  struct Refill {
    Task* task;
    std::uint64_t index;
  };
  static bool in(const LineRequest* request, Cycle t) { return request != nullptr && request->in(t); }
  std::uint64_t element_bytes() const { return config_.layout.element_bytes(); }
  std::uint64_t next_byte(const Task& task) const { return task.fiber.first_byte + task.fetched * element_bytes(); }
  const Burst* missing_burst(const Task& task, Cycle t) const;
  void end_task(Cycle t);
  bool issue_refill(Cycle t);
  bool issue_head(Cycle t);
  bool issue_pointers(Cycle t);
  const LineRequest& request(LineAddr first, std::uint64_t lines, Tensor tensor, Cycle t);

  const Config& config_;
  Array b_pointers_;
  TwinCache& cache_;
  WorkLog& log_;
  std::deque<Task> tasks_;  // of the windows held; the first one's window is the current one or comes after it
  std::deque<Refill> refills_;
  std::deque<LineRequest> requests_;
  std::vector<const LineRequest*> outstanding_;  // for heads and pointers
  Cycle port_free_at_ = 0;
};

}  // namespace heddle::twin
