#include "sim/compute/merge_plan.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {

/// Emits the events of the output's lines as output elements are completed in order.
class MergePlanner::OutputLines {
 public:
  OutputLines(const MergePlanner& planner, std::uint64_t first_byte, MergePlan& plan)
      : planner_(planner), plan_(plan), first_byte_(first_byte) {
    const std::uint64_t to_next_line = kLineBytes - first_byte % kLineBytes;
    quotient_ = to_next_line / planner.element_bytes_;
    rest_ = static_cast<std::uint32_t>(to_next_line % planner.element_bytes_);
  }

  /// The next output element that is the first or last in a line.
  std::uint64_t next() const { return next_; }

  /// Element next() is completed by the element of rank `rank`.
  void pass(std::uint32_t rank) {
    const std::uint64_t j = next_;
    const bool last_of_line = j == (rest_ != 0 ? quotient_ : quotient_ - 1);
    const bool straddles = last_of_line && rest_ != 0;
    const std::uint32_t opened = (j == opens_ ? 1 : 0) + (straddles ? 1 : 0);
    MergeEvent& event = event_at(rank);
    event.opens = static_cast<std::uint8_t>(opened & 3);
    if (!last_of_line) {
      next_ = rest_ != 0 ? quotient_ : quotient_ - 1;
      return;
    }
    event.completes = 1;
    quotient_ += planner_.line_elements_;
    rest_ += planner_.line_rest_;
    if (rest_ >= planner_.element_bytes_) rest_ -= planner_.element_bytes_, ++quotient_;
    opens_ = straddles ? kNothing : j + 1;
    next_ = straddles ? (rest_ != 0 ? quotient_ : quotient_ - 1) : j + 1;
  }

  /// All `outputs` elements are there; the last was completed by `rank`.
  void finish(std::uint64_t outputs, std::uint32_t rank) const {
    const std::uint64_t end = first_byte_ + outputs * planner_.element_bytes_;
    if (end % kLineBytes == 0) return;
    MergeEvent& event = event_at(rank);
    event.completes = static_cast<std::uint8_t>((event.completes + 1) & 3);
  }

 private:
  static constexpr std::uint64_t kNothing = ~std::uint64_t{0};
  /// The last event if it is of this element, else a new one.
  MergeEvent& event_at(std::uint32_t rank) const {
    if (plan_.events.empty() || plan_.events.back().rank != rank) plan_.events.push_back({.rank = rank});
    return plan_.events.back();
  }

  const MergePlanner& planner_;
  MergePlan& plan_;
  std::uint64_t first_byte_;
  std::uint64_t quotient_;  // the next line begins rest_ bytes into this output element
  std::uint32_t rest_;
  std::uint64_t next_ = 0;
  std::uint64_t opens_ = 0;  // the element that begins a line at its own first byte
};

MergePlanner::MergePlanner(std::uint32_t columns, std::uint32_t element_bytes, bool carry_values)
    : element_bytes_(element_bytes),
      line_elements_(static_cast<std::uint32_t>(kLineBytes / element_bytes)),
      line_rest_(static_cast<std::uint32_t>(kLineBytes % element_bytes)),
      carry_values_(carry_values),
      counts_(columns),
      last_event_(columns),
      sums_(carry_values ? columns : 0),
      touched_(columns / 64 + 1),
      touched_words_(touched_.size() / 64 + 1) {}

void MergePlanner::plan(const Task& task, std::span<const FiberRef> fibers, MergePlan& plan) {
  plan.events.clear();
  plan.header_lines.clear();
  plan.elements = 0;
  plan.outputs = 0;
  std::uint16_t filled = 0;
  std::uint16_t number = 0;
  for (std::uint16_t f = 0; f < fibers.size(); ++f) {
    if (fibers[f].elements == 0) continue;
    plan.elements += fibers[f].elements;
    ++filled;
    number = f;
  }
  HEDDLE_CHECK(plan.elements < std::numeric_limits<std::uint32_t>::max());
  if (filled == 0) return;
  if (filled == 1) return plan_one(task, fibers[number], number, plan);
  column_events_.clear();
  first_column_ = kNone;
  last_column_ = 0;
  for (std::uint16_t f = 0; f < fibers.size(); ++f) scatter(fibers[f], f, plan);
  gather(task, plan);
}

/// Tell `sink` the element, the line, whether it needs it and whether it releases the one before, elements ascending.
template <class Sink>
void MergePlanner::boundaries(const FiberRef& fiber, std::uint16_t number, MergePlan& plan, Sink&& sink) const {
  const std::uint32_t lines = fiber_lines(fiber, element_bytes_);
  if (lines <= 2) return;
  const std::uint64_t to_next_line = kLineBytes - fiber.first_byte % kLineBytes;
  std::uint32_t line = 1;  // begins `rest` bytes into element `quotient`
  std::uint64_t bytes = to_next_line;
  if (bytes <= fiber.header_bytes) {
    plan.header_lines.push_back(number);
    bytes += kLineBytes;
    ++line;
  }
  std::uint64_t quotient = (bytes - fiber.header_bytes) / element_bytes_;
  auto rest = static_cast<std::uint32_t>((bytes - fiber.header_bytes) % element_bytes_);
  for (; line < lines; ++line) {
    const bool releases = line + 1 < lines;
    if (rest != 0) {
      if (line >= 2 || releases) sink(quotient, line, line >= 2, releases);
    } else {
      if (releases) sink(quotient - 1, line, false, true);
      if (line >= 2) sink(quotient, line, true, false);
    }
    quotient += line_elements_;
    rest += line_rest_;
    if (rest >= element_bytes_) rest -= element_bytes_, ++quotient;
  }
}

void MergePlanner::store(const Task& task, std::uint64_t index, std::uint32_t column, double value) const {
  if (task.partial != nullptr) {
    task.partial->coordinates.push_back(column);
    if (carry_values_) task.partial->values.push_back(value);
  } else if (task.c_coordinates != nullptr) {
    task.c_coordinates[index] = column;
    task.c_values[index] = value;
  }
}

/// A task with one fiber that has elements: ranks are element numbers.
void MergePlanner::plan_one(const Task& task, const FiberRef& fiber, std::uint16_t number, MergePlan& plan) const {
  OutputLines output(*this, task.out_byte, plan);
  boundaries(fiber, number, plan, [&](std::uint64_t element, std::uint32_t line, bool needs, bool releases) {
    while (output.next() < element) output.pass(static_cast<std::uint32_t>(output.next()));
    plan.events.push_back({static_cast<std::uint32_t>(element), line, number, needs, releases});
  });
  while (output.next() < fiber.elements) output.pass(static_cast<std::uint32_t>(output.next()));
  plan.outputs = fiber.elements;
  output.finish(plan.outputs, fiber.elements - 1);
  if (task.partial == nullptr && task.c_coordinates == nullptr) return;
  for (std::uint32_t i = 0; i < fiber.elements; ++i)
    store(task, i, fiber.coordinates[i], carry_values_ ? fiber.scale * fiber.values[i] : 0.0);
}

/// Count the fiber's elements into their columns. Coordinates are unique within a fiber, so a column's count before
/// this fiber is the number of its elements that are consumed before this fiber's.
void MergePlanner::scatter(const FiberRef& fiber, std::uint16_t number, MergePlan& plan) {
  boundaries(fiber, number, plan, [&](std::uint64_t element, std::uint32_t line, bool needs, bool releases) {
    const std::uint32_t column = fiber.coordinates[element];
    const auto tie = static_cast<std::uint32_t>(counts_[column] & ~kHasEvents);
    add_event(column, {tie, line, number, needs, releases});
  });
  if (fiber.elements == 0) return;
  first_column_ = std::min(first_column_, fiber.coordinates[0]);
  last_column_ = std::max(last_column_, fiber.coordinates[fiber.elements - 1]);
  std::uint16_t* const counts = counts_.data();
  std::uint64_t* const touched = touched_.data();
  std::uint64_t* const words = touched_words_.data();
  const std::uint32_t* const end = fiber.coordinates + fiber.elements;
  for (const std::uint32_t* coordinate = fiber.coordinates; coordinate != end; ++coordinate) {
    const std::uint32_t column = *coordinate;
    ++counts[column];
    touched[column / 64] |= std::uint64_t{1} << (column % 64);
    words[column / 4096] |= std::uint64_t{1} << (column / 64 % 64);
  }
  if (!carry_values_) return;
  for (std::uint32_t i = 0; i < fiber.elements; ++i) sums_[fiber.coordinates[i]] += fiber.scale * fiber.values[i];
}

void MergePlanner::add_event(std::uint32_t column, MergeEvent event) {
  const auto index = static_cast<std::uint32_t>(column_events_.size());
  std::uint32_t next = index;
  if ((counts_[column] & kHasEvents) == 0) {
    counts_[column] |= kHasEvents;
  } else {
    ColumnEvent& last = column_events_[last_event_[column]];
    next = last.next;
    last.next = index;
  }
  last_event_[column] = index;
  column_events_.push_back({event, next});
}

void MergePlanner::emit_column_events(std::uint32_t column, std::uint32_t rank, MergePlan& plan) {
  const std::uint32_t last = last_event_[column];
  std::uint32_t index = last;
  do {
    index = column_events_[index].next;
    plan.events.push_back(column_events_[index].event);
    plan.events.back().rank += rank;
  } while (index != last);
}

void MergePlanner::gather(const Task& task, MergePlan& plan) {
  if (task.partial != nullptr || task.c_coordinates != nullptr)
    gather_columns<true>(task, plan);
  else
    gather_columns<false>(task, plan);
}

/// Visit the touched columns in order, leaving the working arrays as they were found.
template <bool kStore>
void MergePlanner::gather_columns(const Task& task, MergePlan& plan) {
  OutputLines output(*this, task.out_byte, plan);
  std::uint32_t rank = 0;
  std::uint64_t outputs = 0;
  std::uint16_t* const counts = counts_.data();
  std::uint64_t stop = output.next();
  const auto take_column = [&](std::uint32_t column) {
    const std::uint16_t count = std::exchange(counts[column], 0);
    if ((count & kHasEvents) != 0) [[unlikely]]
      emit_column_events(column, rank, plan);
    rank += static_cast<std::uint32_t>(count & ~kHasEvents);
    if constexpr (kStore) {
      store(task, outputs, column, carry_values_ ? sums_[column] : 0.0);
      if (carry_values_) sums_[column] = 0;
    }
    if (outputs == stop) [[unlikely]] {
      output.pass(rank - 1);
      stop = output.next();
    }
    ++outputs;
  };
  std::uint64_t* const touched = touched_.data();
  for (std::uint32_t group = first_column_ / 4096; group <= last_column_ / 4096; ++group) {
    for (std::uint64_t words = std::exchange(touched_words_[group], 0); words != 0; words &= words - 1) {
      const std::uint32_t word = group * 64 + static_cast<std::uint32_t>(std::countr_zero(words));
      for (std::uint64_t bits = std::exchange(touched[word], 0); bits != 0; bits &= bits - 1)
        take_column(word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
  }
  plan.outputs = outputs;
  output.finish(outputs, rank - 1);
}

}  // namespace heddle
