#include "sim/base/config_tree.h"

#include <filesystem>
#include <unordered_map>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/spelling.h"
#include "sim/base/yaml_events.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxExtendsDepth = 16;
constexpr std::uint64_t kNodesPerFile = 100;  // what opening a file costs of the budget, so that small ones add up too

/// Puts `base` beneath `child`. Linear in both, however many keys a file has.
void merge(ConfigNode& child, ConfigNode base) {
  std::unordered_map<std::string, std::size_t> own;
  for (std::size_t i = 0; i < child.children.size(); ++i) own.emplace(child.children[i].key, i);
  for (ConfigNode& from_base : base.children) {
    const auto found = own.find(from_base.key);
    if (found == own.end()) {
      child.children.push_back(std::move(from_base));
      continue;
    }
    ConfigNode& from_child = child.children[found->second];
    if (from_child.kind == ConfigNode::Kind::map && from_base.kind == ConfigNode::Kind::map)
      merge(from_child, std::move(from_base));
  }
}

/// Loads files into one tree under one budget.
class Loader {
 public:
  ConfigNode load_file(const std::string& path) {
    const fs::path canonical = fs::weakly_canonical(path, ignored_);
    open_.push_back(canonical.empty() ? fs::path(path) : canonical);
    ConfigNode root = load_text(read_text_file(path, kMaxConfigFile), path);
    open_.pop_back();
    return root;
  }

  ConfigNode load_text(std::string_view text, const std::string& name) {
    budget_.charge(kNodesPerFile, text.size(), name);
    ConfigNode root = parse_yaml_map(text, name, budget_);
    expand(root, fs::path(name).parent_path());
    return root;
  }

 private:
  void expand(ConfigNode& node, const fs::path& directory) {
    for (ConfigNode& child : node.children) expand(child, directory);
    const ConfigNode* const extends = node.kind == ConfigNode::Kind::map ? node.find("extends") : nullptr;
    if (extends == nullptr) return;
    if (extends->kind != ConfigNode::Kind::scalar || extends->text.empty())
      throw InputError(extends->where() + ": extends: expected the name of one file");
    ConfigNode base = load_base(*extends, directory);
    std::erase_if(node.children, [](const ConfigNode& child) { return child.key == "extends"; });
    merge(node, std::move(base));
  }

  ConfigNode load_base(const ConfigNode& extends, const fs::path& directory) {
    const std::string path = (directory / extends.text).string();
    if (!fs::exists(path, ignored_))
      throw InputError(extends.where() + ": extends: there is no file " + quote(path, 200));
    const fs::path canonical = fs::weakly_canonical(path, ignored_);
    for (const fs::path& file : open_)
      if (file == canonical)
        throw InputError(extends.where() + ": extends: " + quote(path, 200) + " extends itself through this file");
    if (open_.size() >= kMaxExtendsDepth)
      throw InputError(extends.where() + ": extends: a chain of more than " + std::to_string(kMaxExtendsDepth) +
                       " files");
    return load_file(path);
  }

  YamlBudget budget_;
  std::vector<fs::path> open_;  ///< the file being read and those that extend it
  std::error_code ignored_;     ///< a path that cannot be resolved fails with a reason when it is opened
};

ConfigNode parse_override_value(std::string_view value, const std::string& source) {
  ConfigNode node;
  const char first = value.empty() ? ' ' : value.front();
  if (first == '"' || first == '\'' || first == '[' || first == '{') {
    YamlBudget budget;
    node = parse_yaml(value, source, budget);
  } else if (!value.empty()) {
    node.kind = ConfigNode::Kind::scalar;
    node.text = value;
  }
  return node;
}

/// Every node of an override is from the option, whatever line of its value it is on.
void set_source(ConfigNode& node, const std::shared_ptr<const std::string>& source) {
  node.source = source;
  node.line = 0;
  for (ConfigNode& child : node.children) set_source(child, source);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The child called `key`, made if there is none. `node` becomes a map if it was empty.
ConfigNode& child_of(ConfigNode& node, std::string_view key, const std::string& source) {
  if (node.kind == ConfigNode::Kind::empty) node.kind = ConfigNode::Kind::map;
  if (node.kind != ConfigNode::Kind::map)
    throw InputError(source + ": " + quote(node.key) + " is no section, it has no key " + quote(key));
  if (ConfigNode* const found = node.find(key)) return *found;
  node.children.emplace_back().key = key;
  return node.children.back();
}

}  // namespace

std::string ConfigNode::where() const {
  if (!source) return "configuration";
  return line == 0 ? *source : *source + ":" + std::to_string(line);
}

const ConfigNode* ConfigNode::find(std::string_view child_key) const {
  for (const ConfigNode& child : children)
    if (child.key == child_key) return &child;
  return nullptr;
}

ConfigNode* ConfigNode::find(std::string_view child_key) {
  return const_cast<ConfigNode*>(std::as_const(*this).find(child_key));
}

ConfigTree::ConfigTree() {
  root.kind = ConfigNode::Kind::map;
}

ConfigTree load_config(const std::string& path) {
  ConfigTree tree;
  tree.root = Loader().load_file(path);
  return tree;
}

ConfigTree parse_config(std::string_view text, const std::string& name) {
  ConfigTree tree;
  tree.root = Loader().load_text(text, name);
  return tree;
}

void overlay(ConfigTree& tree, ConfigNode on_top) {
  merge(on_top, std::move(tree.root));
  tree.root = std::move(on_top);
}

void apply_override(ConfigTree& tree, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string_view path = trim(assignment.substr(0, equals));
  if (equals == std::string_view::npos || path.empty())
    throw InputError("--set " + quote(assignment) + ": expected key.path=value, such as machine.pe.count=16");
  const std::string quoted = quote(path, 200);
  const std::string source = "--set " + quoted.substr(1, quoted.rfind('"') - 1);
  ConfigNode value = parse_override_value(trim(assignment.substr(equals + 1)), source);
  const auto shared_source = std::make_shared<const std::string>(source);
  set_source(value, shared_source);

  ConfigNode* node = &tree.root;
  int depth = 0;
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t dot = rest.find('.');
    const std::string_view key = rest.substr(0, dot);
    if (key.empty() || dot + 1 == rest.size()) throw InputError(source + ": a key of the path is empty");
    if (++depth > kMaxConfigDepth) throw InputError(source + ": more keys than any configuration is deep");
    node = &child_of(*node, key, source);
    if (!node->source) node->source = shared_source;
    rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  }
  value.key = std::move(node->key);
  *node = std::move(value);
}

}  // namespace heddle
