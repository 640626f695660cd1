// The merged order of one task, as far as time depends on it: in which place of the order the merge passes from burst
// to burst of its operands and of its output.
//
// Elements are consumed by coordinate and, within a coordinate, in fiber order; the place of an element is its rank.
// Between two events every element takes one cycle, so a task of n elements costs O(n) additions here and O(bursts)
// anywhere else; a task without refills whose output is one burst costs O(fibers).
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

/// An element at which the merge passes from burst to burst.
struct MergeEvent {
  std::uint32_t rank = 0;
  std::uint32_t burst = 0;  ///< of `fiber`
  std::uint16_t fiber = 0;
  bool needs : 1 = false;          ///< the first element of its fiber in `burst`, which is 2 or later
  bool releases : 1 = false;       ///< the element has the last byte of burst - 1, and there is a burst + 1
  std::uint8_t completes : 2 = 0;  ///< it completes an output element that is the last in this many output bursts
  std::uint8_t opens = 0;          ///< and that is the first in output bursts of this many lines
};

struct MergePlan {
  std::vector<MergeEvent> events;            ///< by rank, at most one of each
  std::vector<std::uint16_t> header_bursts;  ///< fibers with more than two bursts whose burst 0 is header only
  std::uint64_t elements = 0;
  std::uint64_t outputs = 0;
};

/// What a plan depends on besides the fibers.
struct MergeShape {
  std::uint32_t element_bytes = 12;
  std::uint32_t output_lines = 8;  ///< of a burst of the output
  bool carry_values = false;
};

/// Makes plans. Its working arrays, a few bytes per column of C, are shared by all PEs of a run.
class MergePlanner {
 public:
  MergePlanner(std::uint32_t columns, const MergeShape& shape);

  /// The plan of `task`, operands in bursts of `burst_lines`; its output coordinates (and values) go where the task
  /// says. `refills`: some fiber has more than two bursts. At most 32767 fibers.
  void plan(const Task& task, std::span<const FiberRef> fibers, std::uint32_t burst_lines, bool refills,
            MergePlan& plan);

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint16_t kHasEvents = 0x8000;  // in counts_: some element of this column has an event
  /// An event of an element whose column's place in the order is not known yet.
  struct ColumnEvent {
    MergeEvent event;        // its rank counts from the column's first element
    std::uint32_t next = 0;  // of the same column, circular: the last one's is the first
  };
  /// How far a task's elements lie apart: visit every column of its range, the words of touched_, or touched_words_.
  enum class Spread : std::uint8_t { dense, words, sparse };
  class OutputBursts;

  template <class Sink>
  void boundaries(const FiberRef& fiber, std::uint16_t number, MergePlan& plan, Sink&& sink) const;
  bool plan_one_burst(const Task& task, std::span<const FiberRef> fibers, MergePlan& plan) const;
  void plan_one_fiber(const Task& task, const FiberRef& fiber, std::uint16_t number, MergePlan& plan) const;
  void scatter_events(const FiberRef& fiber, std::uint16_t number, MergePlan& plan);
  void scatter(const FiberRef& fiber, Spread spread);
  void add_event(std::uint32_t column, MergeEvent event);
  template <bool kStore>
  void gather(const Task& task, Spread spread, MergePlan& plan);
  std::span<const std::uint32_t> take_touched(Spread spread, std::uint64_t most);
  void emit_column_events(std::uint32_t column, std::uint32_t rank, MergePlan& plan);
  void store(const Task& task, std::uint64_t index, std::uint32_t column, double value) const;

  MergeShape shape_;
  std::uint32_t burst_lines_ = 1;                       // of the task being planned
  std::vector<std::uint16_t> counts_;                   // elements of this task per column, and kHasEvents
  std::vector<std::uint32_t> last_event_;               // per column with kHasEvents
  std::vector<double> sums_;                            // per column, when values are carried
  std::vector<std::uint64_t> touched_, touched_words_;  // a bit per column, a bit per word of those
  std::vector<std::uint32_t> columns_;                  // with elements, ascending
  std::uint32_t first_column_ = 0, last_column_ = 0;    // of the task
  std::vector<ColumnEvent> column_events_;
};

}  // namespace heddle
