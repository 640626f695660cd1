// The merged order of one task, as far as time depends on it: in which place of the order the merge passes from line to
// line of its operands and of its output.
//
// Elements are consumed by coordinate and, within a coordinate, in fiber order; the place of an element is its rank.
// Between two events every element takes one cycle, so a task of n elements costs O(n) additions here and O(lines)
// anywhere else.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/compute/task.h"
#include "sim/memory/memory.h"

namespace heddle {

/// Lines the bytes of a fiber lie in; 0 without elements (its header is not read either).
inline std::uint32_t fiber_lines(const FiberRef& fiber, std::uint32_t element_bytes) {
  if (fiber.elements == 0) return 0;
  const std::uint64_t last = fiber.first_byte + fiber.header_bytes + std::uint64_t{fiber.elements} * element_bytes - 1;
  return static_cast<std::uint32_t>(last / kLineBytes - fiber.first_byte / kLineBytes + 1);
}

/// An element at which the merge passes from line to line.
struct MergeEvent {
  std::uint32_t rank = 0;
  std::uint32_t line = 0;  ///< of `fiber`
  std::uint16_t fiber = 0;
  bool needs : 1 = false;          ///< the first element of its fiber in `line`, which is 2 or later
  bool releases : 1 = false;       ///< the element has the last byte of line - 1, and there is a line + 1
  std::uint8_t opens : 2 = 0;      ///< it completes an output element that is the first in this many output lines
  std::uint8_t completes : 2 = 0;  ///< and the last in this many
};

struct MergePlan {
  std::vector<MergeEvent> events;           ///< by rank, at most one of each
  std::vector<std::uint16_t> header_lines;  ///< fibers with more than two lines whose line 0 is header only
  std::uint64_t elements = 0;
  std::uint64_t outputs = 0;
};

/// Makes plans. Its working arrays, a few bytes per column of C, are shared by all PEs of a run.
class MergePlanner {
 public:
  MergePlanner(std::uint32_t columns, std::uint32_t element_bytes, bool carry_values);

  /// The plan of `task`; its output coordinates (and values) go where the task says. At most 32767 fibers.
  void plan(const Task& task, std::span<const FiberRef> fibers, MergePlan& plan);

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint16_t kHasEvents = 0x8000;  // in counts_: some element of this column has an event
  /// An event of an element whose column's place in the order is not known yet.
  struct ColumnEvent {
    MergeEvent event;        // its rank counts from the column's first element
    std::uint32_t next = 0;  // of the same column, circular: the last one's is the first
  };
  class OutputLines;

  template <class Sink>
  void boundaries(const FiberRef& fiber, std::uint16_t number, MergePlan& plan, Sink&& sink) const;
  void plan_one(const Task& task, const FiberRef& fiber, std::uint16_t number, MergePlan& plan) const;
  void scatter(const FiberRef& fiber, std::uint16_t number, MergePlan& plan);
  void add_event(std::uint32_t column, MergeEvent event);
  void gather(const Task& task, MergePlan& plan);
  template <bool kStore>
  void gather_columns(const Task& task, MergePlan& plan);
  void emit_column_events(std::uint32_t column, std::uint32_t rank, MergePlan& plan);
  void store(const Task& task, std::uint64_t index, std::uint32_t column, double value) const;

  std::uint32_t element_bytes_;
  std::uint32_t line_elements_, line_rest_;  // 64 B in elements and bytes
  bool carry_values_;
  std::vector<std::uint16_t> counts_;                   // elements of this task per column, and kHasEvents
  std::vector<std::uint32_t> last_event_;               // per column with kHasEvents
  std::vector<double> sums_;                            // per column, when values are carried
  std::vector<std::uint64_t> touched_, touched_words_;  // a bit per column, a bit per word of those
  std::uint32_t first_column_ = 0, last_column_ = 0;    // touched
  std::vector<ColumnEvent> column_events_;
};

}  // namespace heddle
