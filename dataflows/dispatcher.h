// Gives rows of C, as tasks, to the PEs, and the partial fibers of rows with more fibers than the radix to parent
// tasks. Rules 21 to 24 of sim/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <span>

#include "sim/compute/task.h"

namespace heddle {

/// The operand fibers of each row of C.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Kind of all fibers it gives out.
  virtual FiberKind kind() const = 0;
  virtual std::uint64_t fiber_count(std::uint32_t row) const = 0;
  /// Fill in fibers first, first + 1, ... of `row`.
  virtual void fill(std::uint32_t row, std::uint64_t first, std::span<FiberRef> fibers) const = 0;
  /// Elements of fibers [first, last) of `row` together.
  virtual std::uint64_t elements(std::uint32_t row, std::uint64_t first, std::uint64_t last) const = 0;
};

}  // namespace heddle
