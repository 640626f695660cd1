// The balanced tree of tasks of a row with more fibers than the radix. Rule 21 of sim/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/units.h"
#include "sim/compute/task.h"

namespace heddle {

struct TaskTree {
  struct Node {
    PartialFiber out;            ///< alive until the parent has ended
    std::uint64_t out_byte = 0;  ///< where it lies
    std::uint32_t level = 0;     ///< 0: leaf
    std::uint32_t index = 0;     ///< within the level
    std::uint32_t parent = 0;
    std::uint32_t first_child = 0, last_child = 0;  ///< one past the last; none for a leaf
    std::uint32_t running_children = 0;
    Cycle ready = 0;  ///< the cycle after its children so far have ended
  };

  /// Of a row with `fibers` > radix fibers.
  TaskTree(std::uint32_t row, std::uint64_t fibers, std::uint32_t radix);

  /// First fiber of leaf `leaf`; leaf = leaves gives the number of fibers.
  std::uint64_t first_fiber(std::uint32_t leaf) const;
  bool is_root(std::uint32_t node) const { return node + 1 == nodes.size(); }

  std::uint32_t row;
  std::uint64_t fibers;
  std::uint32_t leaves;
  std::vector<Node> nodes;  ///< the leaves, then level by level, the root last
};

}  // namespace heddle
