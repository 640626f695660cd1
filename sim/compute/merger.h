// The middle of a PE: consumes one element per cycle of the current task, in merged order. Rules 17 and 20 of
// sim/SEMANTICS.md.
#pragma once

#include <cstdint>

#include "sim/compute/fiber_loader.h"
#include "sim/compute/line_writer.h"
#include "sim/compute/merge_plan.h"
#include "sim/kernel/account.h"

namespace heddle {

class Merger {
 public:
  Merger(const MergePeConfig& config, MergePlanner& planner, FiberLoader& loader, LineWriter& writer,
         CycleAccount& account)
      : loader_(loader),
        writer_(writer),
        account_(account),
        planner_(planner),
        element_bytes_(config.element_bytes),
        latency_(config.pe.latency),
        width_(config.pe.merge_width),
        interval_(config.pe.merge_interval) {}

  /// The loader's current task, which has elements, starts in cycle `start` (now or later).
  void begin(Cycle start);
  bool running() const { return running_; }
  const MergePlan& plan() const { return plan_; }

  /// Something that advance() waited for has become known.
  bool can_advance(Cycle now) const {
    if (!running_ || end_ != kNever) return false;
    if (missing_ != nullptr) return missing_->known();
    return !retry_set_ || retry_ <= now || writer_.version() != writer_version_;
  }
  bool waits_for_room() const { return running_ && retry_set_; }
  bool waits_for(const Reply& reply) const { return missing_ == &reply; }
  /// Go on as far as what is known at `now` decides, also into cycles to come.
  void advance(Cycle now);
  /// The cycle of the last element; kNever while not decided.
  Cycle end() const { return end_; }
  /// Cycle at which to call advance() again even if nothing has become known by then; kNever for none.
  Cycle retry() const { return retry_; }
  /// The task has ended.
  void finish() { running_ = false; }

 private:
  /// Cycle in which work on the element of this rank begins, unless it waits; it is consumed interval_ - 1 later.
  Cycle start_of(std::uint64_t rank) const {
    const std::uint64_t elements = rank - first_rank_;
    if (width_ != 1) return base_ + elements / width_;
    return base_ + elements * interval_;
  }
  /// The element of `event` is consumed; false while it is not decided when.
  bool consume(const MergeEvent& event, Cycle now);
  bool wait(const MergeEvent& event, const Reply* burst, Cycle now);

  bool running_ = false;
  bool retry_set_ = false;  // the writer could not decide
  Cycle end_ = kNever;
  const Reply* missing_ = nullptr;  // the burst without whose reply nothing can be decided
  Cycle retry_ = kNever;
  std::uint64_t writer_version_ = 0;  // of the writer, when it could not decide
  Cycle base_ = 0;                    // work on the element of rank first_rank_ begins
  std::uint64_t first_rank_ = 0;      // the first element, or the last that had to wait
  std::size_t next_event_ = 0;
  MergePlan plan_;
  FiberLoader& loader_;
  LineWriter& writer_;
  CycleAccount& account_;
  MergePlanner& planner_;
  const std::uint32_t element_bytes_;
  const Cycle latency_;  // element consumed to result in its line
  const std::uint64_t width_, interval_;
};

}  // namespace heddle
