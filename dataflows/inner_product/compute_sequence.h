// The computations of an array one after the other (rules I3 and T5 of dataflows/SEMANTICS.md): the next starts once
// the one before has ended and all that it waits for is there.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/base/errors.h"
#include "sim/memory/memory.h"

namespace heddle::inner_product {

/// What a computation waits for: the latest of what was considered.
struct Wait {
  Cycle at = 0;
  const Reply* reply = nullptr;  ///< the one that resolves last, or nullptr: writes
  Tensor tensor = Tensor::c;
  bool known = true;  ///< all of it is decided

  void consider(const Reply& other, Tensor its_tensor) {
    known = known && other.known();
    if (other.at > at) at = other.at, reply = &other, tensor = its_tensor;
  }
  void consider_writes(Cycle accepted) {
    if (accepted > at) at = accepted, reply = nullptr, tensor = Tensor::c;
  }
};

class ComputeSequence {
 public:
  enum class Event { none, start, finish };

  ComputeSequence(std::uint64_t count, CycleAccount& account) : count_(count), account_(account) {}

  /// The first may start from `now` on.
  void begin(Cycle now) { end_ = now; }
  /// What is due in this cycle: a call of start() or finish() is to follow. Before a start the wait is charged.
  /// `resolve()`: the Wait of the computation at position().
  template <class Resolve>
  Event due(Cycle now, Resolve resolve) {
    if (computing_) return end_ > now ? Event::none : Event::finish;
    if (!find_start(resolve) || start_at_ > now) return Event::none;
    charge();
    HEDDLE_DCHECK(account_.charged_until() == now);
    return Event::start;
  }
  /// True once the cycle in which the next one starts is known.
  template <class Resolve>
  bool find_start(Resolve resolve) {
    if (computing_ || done()) return false;
    if (start_at_ != kNever) return true;
    wait_ = resolve();
    if (wait_.known) start_at_ = std::max(end_, wait_.at);
    return wait_.known;
  }
  void start(Cycle now, Cycle cycles) {
    end_ = now + cycles;
    account_.busy(end_);
    computing_ = true;
    start_at_ = kNever;
  }
  void finish() {
    computing_ = false;
    ++position_;
  }

  bool computing() const { return computing_; }
  bool waiting() const { return !computing_ && !done(); }
  bool done() const { return position_ == count_; }
  std::uint64_t count() const { return count_; }
  /// Of the one computing or waited for.
  std::uint64_t position() const { return position_; }
  /// Of the one computing, or of the one before.
  Cycle end() const { return end_; }
  /// The cycle in which something is due as far as known.
  Cycle next() const { return computing_ ? end_ : done() ? kNever : start_at_; }

 private:
  void charge() {
    if (wait_.reply != nullptr)
      charge_wait(account_, *wait_.reply, wait_.tensor);
    else
      account_.stall(wait_.at, Tensor::c, Cause::output_full);
  }

  std::uint64_t count_;
  CycleAccount& account_;
  bool computing_ = false;
  std::uint64_t position_ = 0;
  Cycle end_ = 0;
  Cycle start_at_ = kNever;  // of the one waited for, once known
  Wait wait_;
};

}  // namespace heddle::inner_product
