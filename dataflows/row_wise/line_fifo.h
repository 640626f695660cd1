// Lines asked for in a fixed order, each held until it is released: what a loader of a sorting-queue PE has between
// DRAM and its user. Unlike Stream its lines become known one by one, and releases may be announced ahead.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/errors.h"
#include "sim/memory/cache.h"
#include "sim/memory/memory.h"

namespace heddle::row_wise {

class LineFifo {
 public:
  /// Replies decided after the call go to `owner`. Lines come through `cache` if there is one.
  LineFifo(Memory& dram, Cache* cache, Tensor tensor, std::uint32_t lines, ReplySink& owner)
      : dram_(dram), cache_(cache), tensor_(tensor), slots_(lines), released_at_(lines, 0) {
    for (Reply& reply : slots_) reply.sink = &owner;
  }

  /// The cycle from which on the next line has a place; kNever while that is not known.
  Cycle room() const { return requested_ - released_ < slots_.size() ? released_at_[slot(requested_)] : kNever; }
  void request(LineAddr line, Cycle now) {
    BurstReply& reply = slots_[slot(requested_++)];
    reply.at = kNever;
    last_request_ = now;
    if (cache_ != nullptr)
      cache_->read(line, 1, tensor_, now, reply);
    else
      dram_.read(line, tensor_, now, reply);
  }
  std::uint64_t requested() const { return requested_; }
  /// Of the latest request; one line per cycle can be asked for.
  Cycle next_request() const { return requested_ == 0 ? 0 : last_request_ + 1; }
  Cycle last_request() const { return last_request_; }

  /// Line number `number` (from 0, requested or not, not released): in from this cycle on; kNever while not known.
  Cycle in(std::uint64_t number) const { return number < requested_ ? slots_[slot(number)].at : kNever; }
  const Reply& reply(std::uint64_t number) const { return slots_[slot(number)]; }

  /// Lines below `end`, all requested, are given up in cycle `at`. Cycles of successive calls ascend.
  void release(std::uint64_t end, Cycle at) {
    HEDDLE_DCHECK(end <= requested_);
    for (; released_ < end; ++released_) released_at_[slot(released_)] = at;
  }

 private:
  std::size_t slot(std::uint64_t number) const { return static_cast<std::size_t>(number % slots_.size()); }

  Memory& dram_;
  Cache* cache_;
  Tensor tensor_;
  std::vector<BurstReply> slots_;
  std::vector<Cycle> released_at_;
  std::uint64_t requested_ = 0, released_ = 0;
  Cycle last_request_ = 0;
};

}  // namespace heddle::row_wise
