#include "models/selector/tree.h"

#include <cmath>
#include <cstdio>

#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

std::string short_number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", x);
  return text;
}

std::uint32_t depth_below(const std::vector<TreeNode>& nodes, std::uint32_t at) {
  const TreeNode& node = nodes[at];
  return node.leaf() ? 0 : 1 + std::max(depth_below(nodes, node.left), depth_below(nodes, node.right));
}

std::uint32_t copy_cut(const std::vector<TreeNode>& from, std::uint32_t at, std::uint32_t depth,
                       std::vector<TreeNode>& to) {
  const auto here = static_cast<std::uint32_t>(to.size());
  to.push_back(from[at]);
  to[here].left = to[here].right = 0;
  if (depth == 0 || from[at].leaf()) return here;
  const std::uint32_t left = copy_cut(from, from[at].left, depth - 1, to);
  const std::uint32_t right = copy_cut(from, from[at].right, depth - 1, to);
  to[here].left = left;
  to[here].right = right;
  return here;
}

std::string leaf_text(const TreeNode& node) {
  const std::size_t best = smallest(node.value);
  std::string text = std::string(dataflow_name(best)) + " (" + std::to_string(node.count) + " examples; mean slowdown";
  for (std::size_t d = 0; d < kDataflows; ++d)
    text += " " + std::string(dataflow_name(d)) + " " + short_number(std::exp2(node.value[d]));
  return text + ")";
}

void write_node(const Tree& tree, std::uint32_t at, std::size_t indent, std::string& text) {
  const TreeNode& node = tree.nodes()[at];
  const std::string margin(2 * indent, ' ');
  if (node.leaf()) {
    text += margin + leaf_text(node) + "\n";
    return;
  }
  const FeatureInfo& feature = feature_list()[node.feature];
  text += margin + std::string(feature.name) + " <= " + short_number(node.threshold) + "\n";
  write_node(tree, node.left, indent + 1, text);
  text += margin + std::string(feature.name) + " > " + short_number(node.threshold) + "\n";
  write_node(tree, node.right, indent + 1, text);
}

void write_ifs(const Tree& tree, std::uint32_t at, std::size_t indent, std::string& text) {
  const TreeNode& node = tree.nodes()[at];
  const std::string margin(2 * indent, ' ');
  if (node.leaf()) {
    text += margin + "return " + std::to_string(smallest(node.value)) + ";\n";
    return;
  }
  char threshold[40];
  std::snprintf(threshold, sizeof threshold, "%.17g", node.threshold);
  text += margin + "if (f[" + std::to_string(node.feature) + "] <= " + threshold + ") {  // " +
          std::string(feature_list()[node.feature].name) + "\n";
  write_ifs(tree, node.left, indent + 1, text);
  text += margin + "} else {\n";
  write_ifs(tree, node.right, indent + 1, text);
  text += margin + "}\n";
}

void require(bool holds, const std::string& where, const std::string& expected) {
  if (!holds) throw InputError(where + ": expected " + expected);
}

}  // namespace

const TreeNode& Tree::find(const Features& features, std::uint32_t depth) const {
  const TreeNode* node = &nodes_[0];
  for (; !node->leaf() && depth > 0; --depth)
    node = &nodes_[features[node->feature] <= node->threshold ? node->left : node->right];
  return *node;
}

std::uint32_t Tree::comparisons(const Features& features) const {
  std::uint32_t steps = 0;
  const TreeNode* node = &nodes_[0];
  for (; !node->leaf(); ++steps) node = &nodes_[features[node->feature] <= node->threshold ? node->left : node->right];
  return steps;
}

std::uint32_t Tree::depth() const {
  return depth_below(nodes_, 0);
}

std::uint32_t Tree::leaves() const {
  std::uint32_t count = 0;
  for (const TreeNode& node : nodes_) count += node.leaf();
  return count;
}

Tree Tree::cut(std::uint32_t depth) const {
  std::vector<TreeNode> kept;
  copy_cut(nodes_, 0, depth, kept);
  return Tree(std::move(kept));
}

std::uint64_t Tree::bytes() const {
  constexpr std::uint64_t kInner = 1 + 4 + 2 + 2, kLeaf = 1;
  return (nodes_.size() - leaves()) * kInner + leaves() * kLeaf;
}

Json tree_json(const Tree& tree) {
  Json nodes = Json::array();
  for (const TreeNode& node : tree.nodes()) {
    Json entry;
    entry["count"] = node.count;
    entry["value"] = {node.value[0]};
    if (node.value[1] != 0 || node.value[2] != 0) entry["value"] = node.value;
    if (!node.leaf()) {
      entry["feature"] = feature_list()[node.feature].name;
      entry["threshold"] = node.threshold;
      entry["left"] = node.left;
      entry["right"] = node.right;
    }
    nodes.push_back(std::move(entry));
  }
  return nodes;
}

Tree read_tree(const Json& json, const std::string& where) {
  require(json.is_array() && !json.empty(), where, "a list of nodes");
  std::vector<TreeNode> nodes;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const Json& entry = json[i];
    const std::string place = where + ": node " + std::to_string(i);
    require(entry.is_object() && entry.contains("value") && entry["value"].is_array() &&
                (entry["value"].size() == kDataflows || entry["value"].size() == 1),
            place, "a map with `value`, a list of three numbers, or of one in trees of cycles");
    TreeNode node;
    for (std::size_t d = 0; d < entry["value"].size(); ++d) {
      require(entry["value"][d].is_number(), place, "numbers in `value`");
      node.value[d] = entry["value"][d].get<double>();
    }
    if (entry.contains("count") && entry["count"].is_number_unsigned())
      node.count = entry["count"].get<std::uint32_t>();
    if (entry.contains("feature")) {
      require(entry["feature"].is_string() && entry.contains("threshold") && entry["threshold"].is_number() &&
                  entry.contains("left") && entry["left"].is_number_unsigned() && entry.contains("right") &&
                  entry["right"].is_number_unsigned(),
              place, "feature, threshold, left and right");
      node.feature = static_cast<std::uint32_t>(find_feature(entry["feature"].get<std::string>()));
      node.threshold = entry["threshold"].get<double>();
      node.left = entry["left"].get<std::uint32_t>();
      node.right = entry["right"].get<std::uint32_t>();
      // Children behind their parent: no cycles.
      require(node.left > i && node.right > i && node.left < json.size() && node.right < json.size(), place,
              "children with larger numbers, within the list");
    }
    nodes.push_back(node);
  }
  return Tree(std::move(nodes));
}

std::string tree_text(const Tree& tree) {
  std::string text;
  write_node(tree, 0, 0, text);
  return text;
}

std::string tree_header(const Tree& tree, const std::string& name) {
  std::string text =
      "// Generated by heddle selector train tree; do not edit. Features are those of\n"
      "// models/selector/features.cpp in order; the result is a DataflowKind.\n#pragma once\n\n"
      "inline unsigned " +
      name + "(const double* f) {\n";
  write_ifs(tree, 0, 1, text);
  return text + "}\n";
}

std::vector<std::string> path_in_words(const Tree& tree, const Features& features) {
  std::vector<std::string> words;
  const std::vector<TreeNode>& nodes = tree.nodes();
  for (const TreeNode* node = &nodes[0]; !node->leaf();) {
    const FeatureInfo& info = feature_list()[node->feature];
    const bool left = features[node->feature] <= node->threshold;
    words.push_back(std::string(info.text) + " (" + std::string(info.name) + ", " + std::string(info.unit) + ") is " +
                    short_number(features[node->feature]) + (left ? ", at most " : ", above ") +
                    short_number(node->threshold));
    node = &nodes[left ? node->left : node->right];
  }
  return words;
}

}  // namespace heddle::selector
