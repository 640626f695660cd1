// The back of a PE: bursts of output lines being filled, waiting to be written or waiting for the memory. Rule 18 of
// sim/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/pool.h"
#include "sim/base/ring.h"
#include "sim/compute/task.h"
#include "sim/machine.h"
#include "sim/memory/cache.h"
#include "sim/memory/combining_buffer.h"
#include "sim/memory/memory.h"

namespace heddle {

/// Write lines of a PE: taken one by one, given back in bursts at cycles that may be known in advance.
class WriteLines {
 public:
  explicit WriteLines(std::uint32_t lines) : free_(lines) {}

  /// Take `count` lines if that is possible even if no more are free than when forget() was called last.
  bool take(std::uint32_t count) {
    if (count > free_) return false;
    free_ -= count;
    return true;
  }
  /// `count` lines taken are free from cycle `at` on.
  void give_back(std::uint32_t count, Cycle at);
  /// Nobody asks about cycles before `now` any more.
  void forget(Cycle now) {
    for (; !coming_.empty() && coming_.front().at <= now; coming_.pop_front()) free_ += coming_.front().lines;
  }
  /// The cycle from which on `count` lines are free, if no more are given back; kNever if that takes more.
  Cycle free_from(std::uint32_t count) const;

 private:
  struct Coming {
    Cycle at = 0;
    std::uint32_t lines = 0;
  };
  std::uint32_t free_;
  Ring<Coming> coming_;  // by cycle
};

class LineWriter {
 public:
  /// Replies decided later go to `owner`, their tags carry kTagBit.
  LineWriter(const PeConfig& pe, const EndsOfC& c, Cache& cache, Memory& dram, CombiningBuffer& combining,
             TaskListener& listener, ReplySink& owner);
  static constexpr std::uint32_t kTagBit = 1u << 31;

  /// When `count` more lines can be taken, in cycle `from` at the earliest. Not decided: something unknown at `now` may
  /// make it earlier; ask again when more is known, in cycle `at` at the latest.
  struct Room {
    Cycle at = kNever;
    bool decided = false;
  };
  Room room(std::uint32_t count, Cycle from, Cycle now);
  /// After room() has said so.
  void take(std::uint32_t count, Cycle at);
  /// Take `count` lines if that is possible even if nothing issued since room() was asked has ended.
  bool take_at_once(std::uint32_t count) { return lines_.take(count); }
  /// Changes when room() may answer differently.
  std::uint64_t version() const { return version_; }

  /// Output elements [out_byte, out_last) of a task; all its bursts follow through complete(), in order.
  void begin(const Task& task, std::uint64_t out_last);
  /// The next burst of the output is there in cycle `due`.
  void complete(Cycle due);

  /// The next cycle in which a burst is due; kNever if none is complete.
  Cycle next_due() const { return due_.empty() ? kNever : due_.front().due; }
  /// Issue the bursts due in `now`.
  void issue(Cycle now);
  /// A reply of this writer has been decided.
  void on_reply(const Reply& reply);

  /// Every burst complete has been issued.
  bool idle() const { return due_.empty(); }
  Cycle last_issue() const { return last_issue_; }
  std::string waiting_for() const;

 private:
  struct Burst {
    std::uint64_t first = 0, end = 0;  // bytes
    Cycle due = 0;
    std::uint64_t output = 0;  // number of the partial fiber it belongs to
  };
  /// A burst issued. A row's own lines go as one block, lines shared at either end apart.
  struct Slot {
    BurstReply put;
    Reply block, shared[2];
    std::uint32_t lines = 0;
    std::uint32_t undecided = 0;
    Cycle latest = 0;
    std::uint64_t output = kNoOutput;
  };
  /// A partial fiber with puts still to be issued or answered.
  struct PartialOutput {
    std::uint64_t tag = 0;
    std::uint64_t bursts_left = 0;
    Cycle latest = 0;
  };
  static constexpr std::uint64_t kNoOutput = ~std::uint64_t{0};

  void send(const Burst& burst, std::uint32_t tag, Slot& slot, Cycle now);
  void share(std::uint64_t first, std::uint64_t end, Reply& reply, Cycle now);
  void expect(Reply& reply, std::uint32_t tag);
  void decided(Slot& slot, Cycle at);
  void answered(std::uint32_t index);
  void put_answered(std::uint64_t output, Cycle at);

  const std::uint64_t burst_bytes_;
  const EndsOfC c_;
  Cache& cache_;
  Memory& dram_;
  CombiningBuffer& combining_;
  TaskListener& listener_;
  ReplySink& owner_;
  bool partial_ = false;  // the output is a partial fiber
  std::uint64_t next_byte_ = 0, burst_end_ = 0, out_last_ = 0;
  WriteLines lines_;
  Ring<Burst> due_;
  Ring<PartialOutput> outputs_;
  std::uint64_t first_output_ = 0;  // number of outputs_.front()
  Pool<Slot> slots_;                // of bursts issued that are not decided
  std::uint32_t undecided_ = 0;     // of these
  std::uint64_t version_ = 0;
  Cycle last_issue_ = 0;
};

}  // namespace heddle
