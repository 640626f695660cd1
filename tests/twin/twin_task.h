// What the dispatcher hands to a PE: fibers to be merged into one output fiber.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "matrices/csr.h"
#include "tests/twin/twin_base.h"

namespace heddle::twin {

/// A row of B (kind b) or a partial fiber: `header` bytes, then one element per coordinate.
struct TwinFiber {
  std::uint64_t first_byte = 0;
  std::uint64_t header = 0;
  std::vector<Coordinate> coordinates;
  bool partial = false;
  std::uint64_t pointer = 0;  ///< kind b: pointers `pointer` and `pointer + 1` are needed
};

struct TwinTask {
  std::vector<TwinFiber> fibers;
  bool to_c = true;              ///< else a partial fiber
  std::uint64_t first_byte = 0;  ///< of the output
  // place in the tree of its row
  std::uint64_t row = 0, level = 0, index = 0;
  std::vector<std::shared_ptr<TwinTask>> children;
  // what became of it
  bool dispatched = false;
  std::optional<Cycle> ended_on_pe;
  std::vector<const Reply*> puts;

  /// Coordinates of the output: those of the inputs, each once.
  std::vector<Coordinate> merged() const {
    std::set<Coordinate> all;
    for (const TwinFiber& fiber : fibers) all.insert(fiber.coordinates.begin(), fiber.coordinates.end());
    return {all.begin(), all.end()};
  }
  std::uint64_t inputs() const {
    std::uint64_t sum = 0;
    for (const TwinFiber& fiber : fibers) sum += fiber.coordinates.size();
    return sum;
  }
  /// The cycle in which a child has ended for its parent (rule 21), if that is known.
  std::optional<Cycle> ended_for_parent(std::uint64_t element_bytes) const {
    if (!ended_on_pe) return std::nullopt;
    const std::uint64_t lines = (merged().size() * element_bytes + kLineBytes - 1) / kLineBytes;
    if (puts.size() < lines) return std::nullopt;
    Cycle end = *ended_on_pe;
    for (const Reply* put : puts) {
      if (!put->known()) return std::nullopt;
      end = std::max(end, put->at);
    }
    return end;
  }
};

}  // namespace heddle::twin
