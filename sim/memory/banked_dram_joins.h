// Requests that wait for several bursts: the reply is that of the burst done last.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/errors.h"
#include "sim/memory/dram_clock.h"
#include "sim/memory/memory.h"

namespace heddle {

/// Records are pooled: after warm-up nothing is allocated.
class BurstJoins {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  /// What one burst contributes.
  struct Milestones {
    Cycle start = 0;
    Cycle at = 0;
    bool refreshed = false;
  };

  std::uint32_t open(Reply& reply, std::uint64_t bursts, Cycle now) {
    reply.granted = now;
    reply.at = kNever;
    HEDDLE_DCHECK(reply.sink != nullptr);
    if (free_.empty()) {
      joins_.push_back({.reply = &reply, .left = bursts, .x = ~std::uint64_t{0}, .last = {}});
      return static_cast<std::uint32_t>(joins_.size() - 1);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    joins_[index] = {.reply = &reply, .left = bursts, .x = ~std::uint64_t{0}, .last = {}};
    return index;
  }

  /// One burst (number x) is decided; the last one answers the request.
  void complete(std::uint32_t index, std::uint64_t x, const Milestones& burst) {
    Join& join = joins_[index];
    if (burst.at > join.last.at || (burst.at == join.last.at && x < join.x)) join.last = burst, join.x = x;
    if (--join.left != 0) return;
    Reply& reply = *join.reply;
    reply.dram_start = join.last.start;
    reply.dram_done = join.last.at;
    reply.at = join.last.at;
    reply.queue_cause = join.last.refreshed ? Cause::refresh : Cause::dram_queue;
    free_.push_back(index);
    reply.sink->on_reply(reply);
  }

 private:
  struct Join {
    Reply* reply = nullptr;
    std::uint64_t left = 0;
    std::uint64_t x = 0;  // the burst of `last`
    Milestones last;
  };
  std::vector<Join> joins_;
  std::vector<std::uint32_t> free_;
};

}  // namespace heddle
