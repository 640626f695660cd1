// A configuration as it was written: keys and texts with the place of each, before anything is known about their types.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

struct ConfigNode {
  enum class Kind : std::uint8_t { empty, scalar, list, map };

  Kind kind = Kind::empty;
  bool quoted = false;                        ///< a scalar in quotes, or a block scalar: a text, never a number
  std::uint32_t line = 0;                     ///< of the key in a map, of the value elsewhere; 0: not from a file
  std::string key;                            ///< within the map this node is in
  std::string text;                           ///< of a scalar
  std::vector<ConfigNode> children;           ///< of a list or a map, in the order written; keys of a map are distinct
  std::shared_ptr<const std::string> source;  ///< file name, or the command-line option

  /// "machine.yaml:12" or "--set machine.pe.count"
  std::string where() const;
  const ConfigNode* find(std::string_view child_key) const;
  ConfigNode* find(std::string_view child_key);
};

struct ConfigTree {
  ConfigNode root;  ///< a map
  ConfigTree();
};

inline constexpr std::uint64_t kMaxConfigFile = std::uint64_t{16} << 20;
inline constexpr int kMaxConfigDepth = 64;
inline constexpr std::uint64_t kMaxConfigNodes = 200'000;  ///< of all files of one configuration, aliases expanded

/// Reads a file of one YAML map. `extends: other.yaml` in any map, relative to the file it is in, puts the map of that
/// file beneath this one: maps merge key by key, anything else of the child replaces the base's. Chains are allowed,
/// cycles are not. Throws InputError with file and line for whatever is no such file; input of any kind and size is
/// refused in bounded time and memory.
ConfigTree load_config(const std::string& path);

/// The same for a text; `name` stands for the file in messages, and `extends` is relative to its directory.
ConfigTree parse_config(std::string_view text, const std::string& name);

/// Puts `on_top` over the tree: maps merge key by key, anything else replaces what was there.
void overlay(ConfigTree& tree, ConfigNode on_top);

/// Applies `--set machine.dram.flat.channels=8`. The value is a plain text as in YAML, or YAML if it begins with a
/// quote, [ or {. Whether the key exists is for read_config to say. Throws InputError.
void apply_override(ConfigTree& tree, std::string_view assignment);

}  // namespace heddle
