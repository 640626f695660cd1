#include "sim/compute/merge_plan.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "sim/base/errors.h"
#include "sim/compute/output_bursts.h"

namespace heddle {
namespace {

/// A task is dense when a column of the range it covers has an element per so many columns at least.
constexpr std::uint64_t kDenseColumns = 3;

}  // namespace

MergePlanner::MergePlanner(std::uint32_t columns, const MergeShape& shape)
    : shape_(shape),
      counts_(columns),
      last_event_(columns),
      sums_(shape.carry_values ? columns : 0),
      touched_(columns / 64 + 1),
      touched_words_(touched_.size() / 64 + 1) {}

void MergePlanner::plan(const Task& task, std::span<const FiberRef> fibers, std::uint32_t burst_lines, bool refills,
                        MergePlan& plan) {
  plan.events.clear();
  plan.header_bursts.clear();
  plan.elements = plan.outputs = 0;
  burst_lines_ = burst_lines;
  first_column_ = kNone;
  last_column_ = 0;
  std::uint32_t filled = 0;
  std::uint16_t number = 0;
  for (std::uint16_t f = 0; f < fibers.size(); ++f) {
    const FiberRef& fiber = fibers[f];
    if (fiber.elements == 0) continue;
    plan.elements += fiber.elements;
    first_column_ = std::min(first_column_, fiber.coordinates[0]);
    last_column_ = std::max(last_column_, fiber.coordinates[fiber.elements - 1]);
    ++filled;
    number = f;
  }
  HEDDLE_CHECK(plan.elements < std::numeric_limits<std::uint32_t>::max());
  if (filled == 0) return;
  if (filled == 1) return plan_one_fiber(task, fibers[number], number, plan);
  if (!refills && plan_one_burst(task, fibers, plan)) return;
  const std::uint32_t range = last_column_ - first_column_;
  const Spread spread = range < kDenseColumns * plan.elements ? Spread::dense
                        : range / 64 < plan.elements          ? Spread::words
                                                              : Spread::sparse;
  column_events_.clear();
  for (std::uint16_t f = 0; f < fibers.size(); ++f) {
    if (refills) scatter_events(fibers[f], f, plan);
    scatter(fibers[f], spread);
  }
  if (task.partial != nullptr || task.c_coordinates != nullptr)
    gather<true>(task, spread, plan);
  else
    gather<false>(task, spread, plan);
}

/// Tell `sink` the element, the burst, whether it needs it and whether it releases the one before, elements ascending.
template <class Sink>
void MergePlanner::boundaries(const FiberRef& fiber, std::uint16_t number, MergePlan& plan, Sink&& sink) const {
  const std::uint32_t bursts = (fiber_lines(fiber, shape_.element_bytes) + burst_lines_ - 1) / burst_lines_;
  if (bursts <= 2) return;
  const std::uint32_t burst_bytes = burst_lines_ * static_cast<std::uint32_t>(kLineBytes);
  std::uint32_t bytes = burst_bytes - static_cast<std::uint32_t>(fiber.first_byte % kLineBytes);
  std::uint32_t burst = 1;  // begins `rest` bytes into element `quotient`
  if (bytes <= fiber.header_bytes) {
    plan.header_bursts.push_back(number);
    bytes += burst_bytes;
    ++burst;
  }
  const std::uint32_t step = burst_bytes / shape_.element_bytes;
  const std::uint32_t step_rest = burst_bytes % shape_.element_bytes;
  std::uint32_t quotient = (bytes - fiber.header_bytes) / shape_.element_bytes;
  std::uint32_t rest = (bytes - fiber.header_bytes) % shape_.element_bytes;
  for (; burst < bursts; ++burst) {
    const bool releases = burst + 1 < bursts;
    if (rest != 0) {
      if (burst >= 2 || releases) sink(quotient, burst, burst >= 2, releases);
    } else {
      if (releases) sink(quotient - 1, burst, false, true);
      if (burst >= 2) sink(quotient, burst, true, false);
    }
    quotient += step;
    rest += step_rest;
    if (rest >= shape_.element_bytes) rest -= shape_.element_bytes, ++quotient;
  }
}

void MergePlanner::store(const Task& task, std::uint64_t index, std::uint32_t column, double value) const {
  if (task.partial != nullptr) {
    task.partial->coordinates.push_back(column);
    if (shape_.carry_values) task.partial->values.push_back(value);
  } else if (task.c_coordinates != nullptr) {
    task.c_coordinates[index] = column;
    task.c_values[index] = value;
  }
}

/// A row of C whose size is known and that is written in one burst: only its first and last element matter.
bool MergePlanner::plan_one_burst(const Task& task, std::span<const FiberRef> fibers, MergePlan& plan) const {
  if (task.partial != nullptr || task.c_coordinates != nullptr) return false;
  const std::uint64_t end = task.out_byte + task.outputs * shape_.element_bytes;
  const std::uint64_t first_line = task.out_byte / kLineBytes;
  const std::uint64_t last_line = (end - 1) / kLineBytes;
  if (first_line / shape_.output_lines != last_line / shape_.output_lines) return false;
  std::uint32_t first_inputs = 0;
  for (const FiberRef& fiber : fibers) first_inputs += fiber.elements != 0 && fiber.coordinates[0] == first_column_;
  plan.outputs = task.outputs;
  plan.events.push_back({.rank = first_inputs - 1, .opens = static_cast<std::uint8_t>(last_line - first_line + 1)});
  const auto last = static_cast<std::uint32_t>(plan.elements - 1);
  if (last != first_inputs - 1) plan.events.push_back({.rank = last});
  plan.events.back().completes = 1;
  return true;
}

/// A task with one fiber that has elements: ranks are element numbers.
void MergePlanner::plan_one_fiber(const Task& task, const FiberRef& fiber, std::uint16_t number,
                                  MergePlan& plan) const {
  OutputBursts output(shape_, task.out_byte, plan);
  boundaries(fiber, number, plan, [&](std::uint64_t element, std::uint32_t burst, bool needs, bool releases) {
    while (output.next() < element) output.pass(static_cast<std::uint32_t>(output.next()));
    plan.events.push_back({static_cast<std::uint32_t>(element), burst, number, needs, releases});
  });
  while (output.next() < fiber.elements) output.pass(static_cast<std::uint32_t>(output.next()));
  plan.outputs = fiber.elements;
  output.finish(plan.outputs, fiber.elements - 1);
  if (task.partial == nullptr && task.c_coordinates == nullptr) return;
  for (std::uint32_t i = 0; i < fiber.elements; ++i)
    store(task, i, fiber.coordinates[i], shape_.carry_values ? fiber.scale * fiber.values[i] : 0.0);
}

/// Coordinates are unique within a fiber, so a column's count before this fiber is the number of its elements that are
/// consumed before this fiber's.
void MergePlanner::scatter_events(const FiberRef& fiber, std::uint16_t number, MergePlan& plan) {
  boundaries(fiber, number, plan, [&](std::uint64_t element, std::uint32_t burst, bool needs, bool releases) {
    const std::uint32_t column = fiber.coordinates[element];
    const auto tie = static_cast<std::uint32_t>(counts_[column] & ~kHasEvents);
    add_event(column, {tie, burst, number, needs, releases});
  });
}

/// Count the fiber's elements into their columns and note which columns those are, as `spread` needs it.
void MergePlanner::scatter(const FiberRef& fiber, Spread spread) {
  std::uint16_t* const counts = counts_.data();
  std::uint64_t* const touched = touched_.data();
  std::uint64_t* const words = touched_words_.data();
  const std::uint32_t* const begin = fiber.coordinates;
  const std::uint32_t* const end = begin + fiber.elements;
  switch (spread) {
    case Spread::dense:
      for (const std::uint32_t* column = begin; column != end; ++column) ++counts[*column];
      break;
    case Spread::words:
      for (const std::uint32_t* column = begin; column != end; ++column) {
        ++counts[*column];
        touched[*column / 64] |= std::uint64_t{1} << (*column % 64);
      }
      break;
    case Spread::sparse:
      for (const std::uint32_t* column = begin; column != end; ++column) {
        ++counts[*column];
        touched[*column / 64] |= std::uint64_t{1} << (*column % 64);
        words[*column / 4096] |= std::uint64_t{1} << (*column / 64 % 64);
      }
      break;
  }
  if (!shape_.carry_values) return;
  for (std::uint32_t i = 0; i < fiber.elements; ++i) sums_[begin[i]] += fiber.scale * fiber.values[i];
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

/// The columns that have elements, `most` at most, in order; which they are is forgotten. Words have few bits each, in
/// numbers nobody can foresee: four are taken at once, what is beyond the last is overwritten by the next word's.
std::span<const std::uint32_t> MergePlanner::take_touched(Spread spread, std::uint64_t most) {
  constexpr std::uint32_t kAtOnce = 4;
  if (columns_.size() <= most) columns_.resize(most + 1);
  std::uint32_t* next = columns_.data();
  const auto take_word = [&](std::uint32_t word) {
    std::uint64_t bits = std::exchange(touched_[word], 0);
    do {
      for (std::uint32_t i = 0; i < kAtOnce; ++i, bits &= bits - 1) {
        *next = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits | std::uint64_t{1} << 63));
        next += bits != 0;
      }
    } while (bits != 0);
  };
  if (spread == Spread::words) {
    for (std::uint32_t word = first_column_ / 64; word <= last_column_ / 64; ++word) take_word(word);
  } else {
    for (std::uint32_t group = first_column_ / 4096; group <= last_column_ / 4096; ++group)
      for (std::uint64_t words = std::exchange(touched_words_[group], 0); words != 0; words &= words - 1)
        take_word(group * 64 + static_cast<std::uint32_t>(std::countr_zero(words)));
  }
  return {columns_.data(), next};
}

/// The events and, with kStore, the output, in order; the working arrays are left as they were found.
template <bool kStore>
void MergePlanner::gather(const Task& task, Spread spread, MergePlan& plan) {
  OutputBursts output(shape_, task.out_byte, plan);
  std::uint32_t rank = 0;
  std::uint64_t outputs = 0;
  std::uint16_t* const counts = counts_.data();
  std::uint64_t stop = output.next();
  const auto take = [&](std::uint32_t column) {  // without elements it changes nothing
    const std::uint16_t count = std::exchange(counts[column], 0);
    if ((count & kHasEvents) != 0) [[unlikely]]
      emit_column_events(column, rank, plan);
    rank += static_cast<std::uint32_t>(count & ~kHasEvents);
    if constexpr (kStore) {
      store(task, outputs, column, shape_.carry_values ? sums_[column] : 0.0);
      if (shape_.carry_values) sums_[column] = 0;
    }
    outputs += count != 0;
    if (outputs > stop) [[unlikely]] {
      output.pass(rank - 1);
      stop = output.next();
    }
  };
  if (spread == Spread::dense) {
    for (std::uint32_t column = first_column_; column <= last_column_; ++column)
      if (!kStore || counts[column] != 0) take(column);
  } else {
    for (const std::uint32_t column : take_touched(spread, plan.elements)) take(column);
  }
  plan.outputs = outputs;
  output.finish(outputs, rank - 1);
}

}  // namespace heddle
