// A key of a described file that is taken as it was written, to be read by other rules than a struct's.
#pragma once

#include "sim/base/yaml_reader.h"

namespace heddle {

struct RawNode {
  ConfigNode node;
  std::string path;
  bool given = false;

  ConfigPlace place() const { return {node, path, any_value}; }
};
template <class V>
void describe(V&, RawNode&) {}

inline void read_value(const ConfigPlace& at, RawNode& raw) {
  raw = {at.node, at.path, true};
}

/// The texts of a single value, or of a list of them, each with its place. Throws InputError for anything else.
inline std::vector<RawNode> one_or_more(const RawNode& raw, const std::string& expected) {
  std::vector<RawNode> values;
  if (raw.node.kind == ConfigNode::Kind::list) {
    for (const ConfigNode& child : raw.node.children)
      values.push_back({child, raw.path + "[" + std::to_string(values.size()) + "]", true});
    if (values.empty()) raw.place().fail("expected " + expected + ", got an empty list");
  } else {
    values.push_back(raw);
  }
  for (const RawNode& value : values) value.place().require(ConfigNode::Kind::scalar, expected);
  return values;
}

}  // namespace heddle
