// A buffer through which a fixed sequence of DRAM lines passes in order. Rule 14 of sim/SEMANTICS.md. It is no agent:
// its owner releases lines and then calls request() once in every cycle in which wants() holds.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/memory/memory.h"

namespace heddle {

/// The sequence of lines of a stream, asked for one at a time.
class LineSequence {
 public:
  virtual ~LineSequence() = default;
  /// False when there is no further line.
  virtual bool next(LineAddr& line) = 0;
};

/// `count` consecutive lines.
class LineRange final : public LineSequence {
 public:
  LineRange(LineAddr first, std::uint64_t count) : next_(first), end_(first + count) {}
  bool next(LineAddr& line) override {
    line = next_;
    return next_ != end_ && next_++ != end_;
  }

 private:
  LineAddr next_, end_;
};

class Stream {
 public:
  /// `owner` is told of replies decided after the call; reply.tag is `tag`. `lines` must outlive the stream.
  Stream(Memory& dram, LineSequence& lines, Tensor tensor, std::uint32_t capacity, ReplySink& owner, std::uint32_t tag);

  /// There is a line to request and room for it.
  bool wants() const { return more_ && requested_ - released_ < capacity_; }
  /// Request the next line if wants(); whether it did.
  bool request(Cycle now) {
    if (!wants()) return false;
    request_next(now);
    return true;
  }
  /// Lines with sequence number below `end` are no longer needed. Lines not yet requested cannot be released.
  void release(std::uint64_t end);

  std::uint64_t requested() const { return requested_; }
  std::uint64_t released() const { return released_; }
  /// Of a line requested and not released.
  const Reply& reply(std::uint64_t sequence) const { return slots_[sequence & mask_]; }
  /// In at `now`; true for released lines.
  bool in(std::uint64_t sequence, Cycle now) const {
    return sequence < released_ || (sequence < requested_ && reply(sequence).at <= now);
  }

 private:
  void request_next(Cycle now);

  Memory& dram_;
  LineSequence& lines_;
  Tensor tensor_;
  std::uint32_t capacity_;
  std::vector<Reply> slots_;  // a power of two, capacity_ or more
  std::uint64_t mask_;        // their number less one
  LineAddr next_ = 0;
  bool more_ = false;
  std::uint64_t requested_ = 0;
  std::uint64_t released_ = 0;
};

}  // namespace heddle
