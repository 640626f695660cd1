// Strict reading of a configuration into a struct that has a describe(). Every key must be one described; keys that are
// not given keep the value the struct has.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/config_tree.h"
#include "sim/base/described.h"

namespace heddle {

/// Where a value stands, and what its range is.
struct ConfigPlace {
  const ConfigNode& node;
  std::string path;  ///< "machine.dram.flat.channels"
  Range range;

  /// Throws InputError: "machine.yaml:12: machine.pe.count: expected <expected>, got <what is there>".
  [[noreturn]] void fail_expected(const std::string& expected) const;
  /// Throws InputError: "machine.yaml:12: machine.pe.count: <reason>".
  [[noreturn]] void fail(const std::string& reason) const;
  /// For what is no single value, or not of the kind asked for.
  void require(ConfigNode::Kind kind, const std::string& expected) const;
};

void read_value(const ConfigPlace& at, bool& value);
void read_value(const ConfigPlace& at, std::uint32_t& value);
void read_value(const ConfigPlace& at, std::uint64_t& value);
void read_value(const ConfigPlace& at, double& value);
void read_value(const ConfigPlace& at, std::string& value);
void read_value(const ConfigPlace& at, Bytes& value);
void read_value(const ConfigPlace& at, Bandwidth& value);
void read_value(const ConfigPlace& at, Frequency& value);
/// Index into `names`.
std::size_t read_choice(const ConfigPlace& at, const std::vector<std::string_view>& names);

template <class T>
requires(!PlainField<T>) void read_value(const ConfigPlace& at, T& value);
template <class T>
void read_value(const ConfigPlace& at, std::vector<T>& values);
template <class T>
void read_value(const ConfigPlace& at, std::map<std::string, T>& values);

/// The visitor: finds each field among the children of one map. Call finish() after describe().
class ConfigReader {
 public:
  /// `map` must outlive the reader. Throws InputError if it is no map.
  ConfigReader(const ConfigNode& map, std::string path);

  template <class T>
  void field(std::string_view name, T& value, std::string_view /*unit*/, std::string_view /*text*/,
             Range range = any_value) {
    if (const ConfigNode* const node = find(name)) read_value(ConfigPlace{*node, path_of(name), range}, value);
  }
  template <class T>
  void section(std::string_view name, T& nested, std::string_view /*text*/) {
    if (const ConfigNode* const node = find(name)) {
      ConfigReader reader(*node, path_of(name));
      describe(reader, nested);
      reader.finish();
    }
  }

  /// Throws InputError at the first key that was not described, with the nearest of those that were.
  void finish() const;

 private:
  const ConfigNode* find(std::string_view name);
  std::string path_of(std::string_view name) const;

  const ConfigNode& map_;
  std::string path_;
  std::vector<std::string_view> described_;
};

/// Throws InputError with file:line, the key path and what was expected; `config` is then partly read.
template <class T>
void read_config(const ConfigTree& tree, T& config) {
  ConfigReader reader(tree.root, "");
  describe(reader, config);
  reader.finish();
}

template <class T>
requires(!PlainField<T>) void read_value(const ConfigPlace& at, T& value) {
  if constexpr (DescribedEnum<T>) {
    std::vector<std::string_view> names;
    for (const auto& entry : enum_names(value)) names.push_back(entry.name);
    value = enum_names(value)[read_choice(at, names)].value;
  } else {
    ConfigReader reader(at.node, at.path);
    describe(reader, value);
    reader.finish();
  }
}

template <class T>
void read_value(const ConfigPlace& at, std::vector<T>& values) {
  at.require(ConfigNode::Kind::list, "a list");
  values.clear();
  for (const ConfigNode& child : at.node.children) {
    T value{};
    read_value(ConfigPlace{child, at.path + "[" + std::to_string(values.size()) + "]", at.range}, value);
    values.push_back(std::move(value));
  }
}

template <class T>
void read_value(const ConfigPlace& at, std::map<std::string, T>& values) {
  at.require(ConfigNode::Kind::map, "a map of names to values");
  values.clear();
  for (const ConfigNode& child : at.node.children)
    read_value(ConfigPlace{child, at.path + "." + child.key, at.range}, values[child.key]);
}

}  // namespace heddle
