// The events of the output of a merge: which element opens and which completes its bursts. Rule 18 of sim/SEMANTICS.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/compute/merge_plan.h"

namespace heddle {

/// Adds to a plan as output elements are completed in order.
class MergePlanner::OutputBursts {
 public:
  OutputBursts(const MergeShape& shape, std::uint64_t first_byte, MergePlan& plan)
      : plan_(plan), element_bytes_(shape.element_bytes), lines_(shape.output_lines), first_byte_(first_byte) {
    const std::uint64_t burst = std::uint64_t{lines_} * kLineBytes;
    const std::uint64_t to_next = burst - first_byte % burst;
    step_ = static_cast<std::uint32_t>(burst / element_bytes_);
    step_rest_ = static_cast<std::uint32_t>(burst % element_bytes_);
    quotient_ = to_next / element_bytes_;
    rest_ = static_cast<std::uint32_t>(to_next % element_bytes_);
    opening_lines_ = static_cast<std::uint32_t>((to_next + kLineBytes - 1) / kLineBytes);
  }

  /// The next output element that is the first or last in a burst.
  std::uint64_t next() const { return next_; }

  /// Element next() is completed by the element of rank `rank`.
  void pass(std::uint32_t rank) {
    const std::uint64_t j = next_;
    const bool last = j == last_element();
    const bool straddles = last && rest_ != 0;
    MergeEvent& event = event_at(rank);
    if (j == opens_) open(event, opening_lines_);
    if (straddles) open(event, lines_);
    if (!last) {
      next_ = last_element();
      return;
    }
    ++event.completes;
    opening_lines_ = lines_;
    quotient_ += step_;
    rest_ += step_rest_;
    if (rest_ >= element_bytes_) rest_ -= element_bytes_, ++quotient_;
    opens_ = straddles ? kNothing : j + 1;
    next_ = straddles ? last_element() : j + 1;
  }

  /// All `outputs` elements are there; the last was completed by `rank`.
  void finish(std::uint64_t outputs, std::uint32_t rank) {
    const std::uint64_t end = first_byte_ + outputs * element_bytes_;
    const std::uint64_t in_burst = end % (std::uint64_t{lines_} * kLineBytes);
    if (in_burst == 0) return;
    ++event_at(rank).completes;
    const auto missing = lines_ - static_cast<std::uint32_t>((in_burst + kLineBytes - 1) / kLineBytes);
    MergeEvent& opener = plan_.events[opener_];
    opener.opens = static_cast<std::uint8_t>(opener.opens - missing);
  }

 private:
  static constexpr std::uint64_t kNothing = ~std::uint64_t{0};

  std::uint64_t last_element() const { return rest_ != 0 ? quotient_ : quotient_ - 1; }
  /// The last event if it is of this element, else a new one.
  MergeEvent& event_at(std::uint32_t rank) {
    if (plan_.events.empty() || plan_.events.back().rank != rank) plan_.events.push_back({.rank = rank});
    return plan_.events.back();
  }
  void open(MergeEvent& event, std::uint32_t lines) {
    event.opens = static_cast<std::uint8_t>(event.opens + lines);
    opener_ = plan_.events.size() - 1;
  }

  MergePlan& plan_;
  const std::uint32_t element_bytes_;
  const std::uint32_t lines_;  // of a burst
  const std::uint64_t first_byte_;
  std::uint32_t step_, step_rest_;  // a burst in elements and bytes
  std::uint64_t quotient_;          // the next burst begins rest_ bytes into this output element
  std::uint32_t rest_;
  std::uint32_t opening_lines_;  // of the burst to be opened next
  std::size_t opener_ = 0;       // the event that opened the last burst opened
  std::uint64_t next_ = 0;
  std::uint64_t opens_ = 0;  // the element that begins a burst at its own first byte
};

}  // namespace heddle
