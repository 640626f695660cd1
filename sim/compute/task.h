// What the mergers work on: a task merges up to `radix` fibers into one output fiber.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/units.h"
#include "sim/memory/memory.h"

namespace heddle {

/// Where the operand fibers of a task come from: rows of B, read through the cache after their pointers, or partial
/// fibers, taken from the partial-sum buffer.
enum class FiberKind : std::uint8_t { b, partial };

/// One operand fiber. `elements` coordinates, ascending and unique; values may be nullptr when none are carried.
struct FiberRef {
  const std::uint32_t* coordinates = nullptr;
  const double* values = nullptr;
  double scale = 1;                ///< values are multiplied by it as they are consumed
  std::uint64_t first_byte = 0;    ///< of the header, in the simulated address space
  std::uint64_t pointer_byte = 0;  ///< of the fiber's own pointer; the next follows it. Kind b only
  std::uint32_t elements = 0;
  std::uint32_t header_bytes = 0;
};

/// The output of a leaf or inner task, alive until its parent has ended.
struct PartialFiber {
  std::vector<std::uint32_t> coordinates;
  std::vector<double> values;  ///< empty when none are carried
};

/// A partial fiber without header that lies at `first_byte`, as an operand.
inline FiberRef operand(const PartialFiber& fiber, std::uint64_t first_byte) {
  return {.coordinates = fiber.coordinates.data(),
          .values = fiber.values.data(),
          .first_byte = first_byte,
          .elements = static_cast<std::uint32_t>(fiber.coordinates.size())};
}

inline constexpr std::uint64_t kNoTask = ~std::uint64_t{0};
inline constexpr std::uint32_t kNoRow = ~std::uint32_t{0};

/// Which ends of rows of C share their line with another row.
struct EndsOfC {
  bool apart = false;     ///< none
  std::uint64_t end = 0;  ///< one past the last byte of C, which shares its line with nothing
  bool shares(std::uint64_t last) const { return !apart && last % kLineBytes != 0 && last != end; }
};

struct Task {
  FiberKind kind = FiberKind::b;
  std::uint32_t fibers = 0;
  std::uint32_t row = kNoRow;              ///< whose own fibers these are, not partial fibers of other tasks
  std::uint64_t tag = kNoTask;             ///< the dispatcher's own
  std::uint64_t out_byte = 0;              ///< of the first output element
  std::uint64_t outputs = 0;               ///< elements of the row of C
  PartialFiber* partial = nullptr;         ///< filled when the merge starts; nullptr for a row of C
  std::uint32_t* c_coordinates = nullptr;  ///< where the row of C is stored when values are carried
  double* c_values = nullptr;
};

/// Told by the PEs what becomes of tasks.
class TaskListener {
 public:
  virtual ~TaskListener() = default;
  /// `pe` holds one task less from the next cycle on.
  virtual void on_task_end(std::uint32_t pe, const Task& task, Cycle now) = 0;
  /// The task's partial fiber has ended for its parent in cycle `at` (now or later).
  virtual void on_partial_end(std::uint64_t tag, Cycle at) = 0;
};

}  // namespace heddle
