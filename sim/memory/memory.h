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

/// The life of one request as milestones. It lives in the requester (a line buffer, an MSHR) at a stable address until
/// answered. Between two milestones the request waited for the later one: see charge_wait().
struct Reply {
  Cycle at = kNever;     ///< a read: the line is here; a write: its slot is free again. kNever: not yet decided
  Cycle granted = 0;     ///< a bank began to serve it; before that: Cause::port
  Cycle dram_start = 0;  ///< the DRAM began to serve it; before that: `queue_cause`. = granted when no DRAM is involved
  Cycle dram_done = 0;  ///< the DRAM delivered; before that: dram_timing, after that: cache_latency. = granted likewise
  Cause queue_cause = Cause::dram_queue;  ///< or Cause::refresh, when a refresh of the channel fell into the queueing
  ReplySink* sink =
      nullptr;            ///< told when `at` is decided after the call; must be set unless the memory answers at once
  std::uint32_t tag = 0;  ///< the requester's own

  bool known() const { return at != kNever; }
};

class ReplySink {
 public:
  virtual ~ReplySink() = default;
  /// `reply.at` (later than the present cycle) has just been decided. Not called for replies decided within the call.
  virtual void on_reply(Reply& reply) = 0;
};

/// Charge the wait for `reply`, from where the account stands to reply.at, milestone by milestone.
inline void charge_wait(CycleAccount& account, const Reply& reply, Tensor tensor) {
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
