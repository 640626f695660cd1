#include "dataflows/task_tree.h"

namespace heddle {
namespace {

/// Where group `group` begins when `items` are dealt to `groups` in order, as evenly as possible.
std::uint64_t group_begin(std::uint64_t group, std::uint64_t items, std::uint64_t groups) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(group) * items / groups);
}

}  // namespace

TaskTree::TaskTree(std::uint32_t row, std::uint64_t fibers, std::uint32_t radix)
    : row(row), fibers(fibers), leaves(static_cast<std::uint32_t>((fibers + radix - 1) / radix)), nodes(leaves) {
  for (std::uint32_t i = 0; i < leaves; ++i) nodes[i].index = i;
  std::uint32_t first = 0;  // of the level below
  std::uint32_t below = leaves;
  for (std::uint32_t level = 1; below > 1; ++level) {
    const std::uint32_t groups = (below + radix - 1) / radix;
    const auto begin = static_cast<std::uint32_t>(nodes.size());
    for (std::uint32_t g = 0; g < groups; ++g) {
      Node node;
      node.level = level;
      node.index = g;
      node.first_child = first + static_cast<std::uint32_t>(group_begin(g, below, groups));
      node.last_child = first + static_cast<std::uint32_t>(group_begin(g + 1, below, groups));
      node.running_children = node.last_child - node.first_child;
      for (std::uint32_t c = node.first_child; c < node.last_child; ++c) nodes[c].parent = begin + g;
      nodes.push_back(std::move(node));
    }
    first = begin;
    below = groups;
  }
}

std::uint64_t TaskTree::first_fiber(std::uint32_t leaf) const {
  return group_begin(leaf, fibers, leaves);
}

}  // namespace heddle
