// What every memory looks like from above. A request is never refused: its reply says *when*, at once if that is
// already decided, later through the sink otherwise. Bounding the requests in flight is the caller's duty.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/base/units.h"
#include "sim/kernel/account.h"

namespace heddle {

inline constexpr std::uint64_t kLineBytes = 64;
/// Index of a 64 B line in the simulated address space.
using LineAddr = std::uint64_t;

class ReplySink;

/// The life of one request. Between two milestones it waited for the later one: see charge_wait().
struct Milestones {
  Cycle at = kNever;     ///< a read: the line is here; a write: its slot is free again. kNever: not yet decided
  Cycle granted = 0;     ///< a bank began to serve it; before that: Cause::port
  Cycle dram_start = 0;  ///< the DRAM began to serve it; before that: `queue_cause`. = granted when no DRAM is involved
  Cycle dram_done = 0;  ///< the DRAM delivered; before that: dram_timing, after that: cache_latency. = granted likewise
  Cause queue_cause = Cause::dram_queue;  ///< or Cause::refresh, when a refresh of the channel fell into the queueing
};

/// Lives in the requester (an operand buffer, an MSHR) at a stable address until answered.
struct Reply : Milestones {
  ReplySink* sink =
      nullptr;            ///< told when `at` is decided after the call; must be set unless the memory answers at once
  std::uint32_t tag = 0;  ///< the requester's own

  bool known() const { return at != kNever; }
};

/// To a request for several lines: that of the line that comes last, the lowest among equals, its `at` not before a
/// given cycle.
struct BurstReply : Reply {
  /// Nothing is decided of any of `lines` lines.
  void open(std::uint32_t lines, Cycle not_before) {
    at = kNever;
    latest_ = 0;
    not_before_ = not_before;
    undecided_ = lines;
    latest_line_ = ~std::uint32_t{0};
  }
  /// `count` lines are decided, of which `line` is the latest, the lowest among equals; with the last one, so is the
  /// reply.
  void decide(std::uint32_t line, const Milestones& in, std::uint32_t count = 1) {
    if (in.at > latest_ || (in.at == latest_ && line < latest_line_)) {
      granted = in.granted;
      dram_start = in.dram_start;
      dram_done = in.dram_done;
      queue_cause = in.queue_cause;
      latest_ = in.at;
      latest_line_ = line;
    }
    undecided_ -= count;
    if (undecided_ == 0) at = std::max(latest_, not_before_);
  }

 private:
  Cycle latest_ = 0, not_before_ = 0;
  std::uint32_t undecided_ = 0, latest_line_ = 0;
};

class ReplySink {
 public:
  virtual ~ReplySink() = default;
  /// `reply.at` (later than the present cycle) has just been decided. Not called for replies decided within the call.
  virtual void on_reply(Reply& reply) = 0;
};

/// Charge the wait for `reply`, from where the account stands to reply.at, milestone by milestone.
inline void charge_wait(CycleAccount& account, const Milestones& reply, Tensor tensor) {
  account.stall(std::min(reply.granted, reply.at), tensor, Cause::port);
  account.stall(std::min(reply.dram_start, reply.at), tensor, reply.queue_cause);
  account.stall(std::min(reply.dram_done, reply.at), tensor, Cause::dram_timing);
  account.stall(reply.at, tensor, Cause::cache_latency);
}

/// DRAM. Calls must not go back in time; within a cycle, order of calls is order of arrival.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) = 0;
  virtual void write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) = 0;
  /// `count` consecutive lines requested in ascending order in this one cycle. The reply is that of the line that is
  /// done last (the earliest of those in address order when several are).
  virtual void read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) = 0;
  virtual void write_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) = 0;
};

}  // namespace heddle
