// The back of a PE: lines of the output being filled, waiting to be written or waiting for the memory. Rule 18 of
// sim/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/ring.h"
#include "sim/compute/in_flight.h"
#include "sim/compute/task.h"
#include "sim/memory/cache.h"
#include "sim/memory/combining_buffer.h"
#include "sim/memory/memory.h"

namespace heddle {

class LineWriter {
 public:
  /// `lines` can be taken at once. C ends at byte `c_last_byte`. Replies decided later go to `owner`, their tags carry
  /// kTagBit.
  LineWriter(std::uint32_t lines, std::uint64_t c_last_byte, Cache& cache, Memory& dram, CombiningBuffer& combining,
             TaskListener& listener, ReplySink& owner);
  static constexpr std::uint32_t kTagBit = 1u << 31;

  /// When `count` more lines can be taken, in cycle `from` at the earliest. Not decided: something unknown at `now` may
  /// make it earlier; ask again when more is known, in cycle `at` at the latest.
  struct Room {
    Cycle at = kNever;
    bool decided = false;
  };
  Room room(std::uint32_t count, Cycle from, Cycle now);
  void take(std::uint32_t count) { taken_ += count; }
  /// Take `count` lines if that is possible even if no line issued since room() was asked is free again.
  bool take_at_once(std::uint32_t count) {
    if (taken_ + in_flight_.count() + count > lines_) return count == 0;
    taken_ += count;
    return true;
  }
  /// Changes when room() may answer differently.
  std::uint64_t version() const { return version_; }

  /// Output elements [out_byte, out_last) of a task; all its lines follow through complete(), in order.
  void begin(const Task& task, std::uint64_t out_last);
  /// Line `line` of the output, counted from its first, is there in cycle `due`.
  void complete(std::uint32_t line, Cycle due);

  /// The next cycle in which a line is due; kNever if none is complete.
  Cycle next_due() const { return due_.empty() ? kNever : due_.front().due; }
  /// Issue the lines due in `now`.
  void issue(Cycle now);
  /// A reply of this writer has been decided.
  void on_reply(const Reply& reply);

  /// Every line taken has been issued.
  bool idle() const { return taken_ == 0; }
  Cycle last_issue() const { return last_issue_; }
  std::string waiting_for() const;

 private:
  enum class Target : std::uint8_t { dram, combining, partial };
  struct DueLine {
    LineAddr line = 0;
    Cycle due = 0;
    std::uint64_t output = 0;  // number of the partial fiber it belongs to
    std::uint8_t bytes = 0;
    Target target = Target::dram;
  };
  struct Slot {
    Reply reply;
    std::uint64_t output = kNoOutput;
  };
  /// A partial fiber with puts still to be issued or answered.
  struct PartialOutput {
    std::uint64_t tag = 0;
    std::uint64_t lines_left = 0;
    Cycle latest = 0;
  };
  static constexpr std::uint64_t kNoOutput = ~std::uint64_t{0};
  void answered(std::uint32_t index, Cycle at);
  void put_answered(std::uint64_t output, Cycle at);

  std::uint32_t lines_;
  std::uint64_t c_last_byte_;
  Cache& cache_;
  Memory& dram_;
  CombiningBuffer& combining_;
  TaskListener& listener_;
  ReplySink& owner_;
  Task task_;
  std::uint64_t out_last_ = 0;
  std::uint32_t taken_ = 0;  // not yet issued
  Ring<DueLine> due_;
  Ring<PartialOutput> outputs_;
  std::uint64_t first_output_ = 0;  // number of outputs_.front()
  InFlight in_flight_;              // lines issued
  Pool<Slot> slots_;                // of lines issued whose replies are not decided
  std::uint64_t version_ = 0;
  Cycle last_issue_ = 0;
};

}  // namespace heddle
