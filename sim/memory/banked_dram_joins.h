// Requests that wait for several accesses: the reply is that of the access done last.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/errors.h"
#include "sim/memory/dram_clock.h"
#include "sim/memory/memory.h"

namespace heddle {

/// What the DRAM says of an access.
struct DramMilestones {
  Cycle start = 0;
  Cycle at = 0;
  bool refreshed = false;
};

inline void answer(Reply& reply, const DramMilestones& milestones) {
  reply.dram_start = milestones.start;
  reply.dram_done = reply.at = milestones.at;
  reply.queue_cause = milestones.refreshed ? Cause::refresh : Cause::dram_queue;
  reply.sink->on_reply(reply);
}

/// Records are pooled: after warm-up nothing is allocated.
class DramJoins {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::uint32_t open(Reply& reply, std::uint64_t accesses) {
    const Join join = {.reply = &reply, .left = accesses, .access = ~std::uint64_t{0}, .last = {}};
    if (free_.empty()) {
      joins_.push_back(join);
      return static_cast<std::uint32_t>(joins_.size() - 1);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    joins_[index] = join;
    return index;
  }

  /// Access number `access` is decided; the last one answers the request.
  void complete(std::uint32_t index, std::uint64_t access, const DramMilestones& milestones) {
    Join& join = joins_[index];
    if (milestones.at > join.last.at || (milestones.at == join.last.at && access < join.access))
      join.last = milestones, join.access = access;
    if (--join.left != 0) return;
    Reply& reply = *join.reply;
    const DramMilestones last = join.last;
    free_.push_back(index);
    answer(reply, last);
  }

 private:
  struct Join {
    Reply* reply = nullptr;
    std::uint64_t left = 0;
    std::uint64_t access = 0;  // that of `last`
    DramMilestones last;
  };
  std::vector<Join> joins_;
  std::vector<std::uint32_t> free_;
};

}  // namespace heddle
