// A binary decision tree over the features. Every node carries what a leaf there would say, so that a tree can be read
// at any depth.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/selector/action.h"
#include "models/selector/features.h"
#include "sim/base/describe.h"
#include "sim/base/json.h"

namespace heddle::selector {

struct TreeNode {
  std::uint32_t feature = 0;
  double threshold = 0;    ///< features <= threshold go left
  std::uint32_t left = 0;  ///< 0: a leaf
  std::uint32_t right = 0;
  PerDataflow value{};      ///< classification: mean log2 slowdown of each dataflow; regression: value[0] is the mean
  std::uint32_t count = 0;  ///< training examples here
  bool leaf() const { return left == 0; }
};

class Tree {
 public:
  Tree() : nodes_(1) {}
  explicit Tree(std::vector<TreeNode> nodes) : nodes_(std::move(nodes)) {}

  /// The node reached after at most `depth` comparisons.
  const TreeNode& find(const Features& features, std::uint32_t depth = ~0u) const;
  /// Comparisons on the way to the leaf.
  std::uint32_t comparisons(const Features& features) const;
  std::size_t choose(const Features& features) const { return smallest(find(features).value); }

  const std::vector<TreeNode>& nodes() const { return nodes_; }
  std::uint32_t depth() const;
  std::uint32_t leaves() const;
  /// Without the nodes below `depth`.
  Tree cut(std::uint32_t depth) const;
  /// As a table in a memory of its own: feature, threshold (4 B), children (2 B each), decision.
  std::uint64_t bytes() const;

 private:
  std::vector<TreeNode> nodes_;
};

Json tree_json(const Tree& tree);
/// Throws InputError naming `where` for what is no tree over this version's features.
Tree read_tree(const Json& json, const std::string& where);

/// One line per node, indented; leaves with their dataflow and what the others would cost.
std::string tree_text(const Tree& tree);
/// A header with one function of nested ifs, `unsigned name(const double* features)`.
std::string tree_header(const Tree& tree, const std::string& name);
/// The comparisons that led to the leaf, in words.
std::vector<std::string> path_in_words(const Tree& tree, const Features& features);

}  // namespace heddle::selector
