// A lane of an array: brings the row of B that one nonzero of a window names, element by element. Rules W4 and W5b of
// dataflows/SEMANTICS.md.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "sim/base/ring.h"
#include "sim/compute/fiber_loader.h"
#include "sim/kernel/kernel.h"

namespace heddle::row_wise {

/// Where a product stands in the order in which an array works: windows in order, columns within them.
struct Key {
  std::uint64_t window = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t column = std::numeric_limits<std::uint64_t>::max();
  friend auto operator<=>(const Key&, const Key&) = default;
};

class WindowLane final : public ReplySink {
 public:
  /// `array` is woken when a reply may let the lane go on.
  WindowLane(const MergePeConfig& config, std::uint32_t stream_depth, Cache& cache, Kernel& kernel, AgentId array)
      : loader_(config, cache, *this),
        depth_(stream_depth),
        element_bytes_(config.element_bytes),
        kernel_(kernel),
        array_(array) {}
  WindowLane(const WindowLane&) = delete;

  /// The fiber of the next window that the lane has one of, to be filled in before push().
  FiberRef& reserve() { return loader_.reserve(1)[0]; }
  void push(std::uint64_t window, Cycle now);

  /// Nothing of this window, the current one, is left to be fetched.
  bool through(std::uint64_t window) const { return loader_.tasks() == 0 || loader_.task().tag != window; }
  /// The fiber of this window; the lane is not through with it.
  const FiberRef& fiber() const { return loader_.fibers()[0]; }
  /// Fetch what is in. False if there was nothing to do.
  bool fetch(std::uint64_t window, Cycle now);
  /// It could take an element of this window, which is not in (after fetch()).
  bool waits(std::uint64_t window) const { return !through(window) && !full(); }
  /// What it then waits for in cycle `now`, and the later cycle in which that changes, as far as is known.
  Activity waiting_for(Cycle now) const;
  Cycle waiting_until(Cycle now) const;

  bool empty() const { return stream_.empty(); }
  Key front() const { return stream_.front(); }
  void pop_front() { stream_.pop_front(); }
  /// No element of `window` that the lane has yet to fetch has a smaller key; it is not through.
  Key next_at_least(std::uint64_t window) const { return {window, started() ? last_column_ + 1 : 0}; }

  /// The request of this cycle, if there is one. True if it was made.
  bool issue(Cycle now);
  /// When to call issue() again, unless something happens before.
  Cycle next_issue() const { return port_at_; }
  Cycle last_issue() const { return loader_.last_issue(); }
  bool done() const { return loader_.tasks() == 0 && stream_.empty(); }

  void on_reply(Reply& reply) override;

 private:
  bool full() const { return stream_.size() >= depth_; }
  bool started() const { return next_ != 0; }
  std::uint32_t burst_of_next() const;
  Cycle next_element_in() const;
  void take_element(std::uint64_t window, Cycle now);
  void end_task(Cycle now);

  FiberLoader loader_;
  Ring<Key> stream_;
  std::uint32_t next_ = 0;      // element of the current fiber
  std::uint32_t released_ = 0;  // bursts of it that have been fetched to their last byte
  std::uint64_t last_column_ = 0;
  Cycle port_at_ = kNever;
  const std::uint32_t depth_, element_bytes_;
  Kernel& kernel_;
  const AgentId array_;
};

}  // namespace heddle::row_wise
