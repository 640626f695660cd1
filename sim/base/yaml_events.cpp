#include "sim/base/yaml_events.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

constexpr std::uint64_t kMaxBytes = 2 * kMaxConfigFile;
constexpr std::size_t kMaxLine = 64 << 10;

std::string at_line(const std::string& name, std::uint64_t line) {
  return name + ":" + std::to_string(line);
}

std::uint32_t line_of(const YAML::Mark& mark) {
  return static_cast<std::uint32_t>(std::max(mark.line, 0) + 1);
}

struct Size {
  std::uint64_t nodes = 1, bytes = 0;
  int depth = 1;
};

Size size_of(const ConfigNode& node) {
  Size size{1, node.text.size() + node.key.size(), 1};
  for (const ConfigNode& child : node.children) {
    const Size inner = size_of(child);
    size.nodes += inner.nodes;
    size.bytes += inner.bytes;
    size.depth = std::max(size.depth, inner.depth + 1);
  }
  return size;
}

/// Builds the tree from yaml-cpp's events. Aliases become copies.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& name, YamlBudget& budget)
      : name_(name), source_(std::make_shared<const std::string>(name)), budget_(budget) {}

  ConfigNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) fail(mark, "expected one YAML document, a second one begins here");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { complete(make(mark), mark, anchor); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(mark, "an alias inside its own anchor");
    const auto& [node, size] = found->second;
    charge(mark, size.nodes, size.bytes);
    check_depth(mark, size.depth);
    ConfigNode copy = node;
    copy.line = line_of(mark);
    complete(std::move(copy), mark, YAML::NullAnchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    ConfigNode node = make(mark);
    charge(mark, 0, value.size());
    node.kind = ConfigNode::Kind::scalar;
    node.quoted = tag == "!";
    node.text = value;
    complete(std::move(node), mark, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, ConfigNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, ConfigNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map whose end has not come yet.
  struct Open {
    ConfigNode node;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    bool has_key = false;
    ConfigNode key;
    std::unordered_map<std::string, std::uint32_t> key_lines;
  };

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& reason) const {
    throw InputError(at_line(name_, line_of(mark)) + ": " + reason);
  }

  void charge(const YAML::Mark& mark, std::uint64_t nodes, std::uint64_t bytes) {
    budget_.charge(nodes, bytes, at_line(name_, line_of(mark)));
  }

  void check_depth(const YAML::Mark& mark, int more) const {
    if (static_cast<int>(stack_.size()) + more > kMaxConfigDepth)
      fail(mark, "nested deeper than " + std::to_string(kMaxConfigDepth) + " levels");
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") fail(mark, "tags are not supported, got " + quote(tag));
  }

  ConfigNode make(const YAML::Mark& mark) {
    charge(mark, 1, 0);
    ConfigNode node;
    node.line = line_of(mark);
    node.source = source_;
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, ConfigNode::Kind kind) {
    refuse_tag(mark, tag);
    check_depth(mark, 1);
    ConfigNode node = make(mark);
    node.kind = kind;
    stack_.push_back({std::move(node), mark, anchor, false, {}, {}});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    complete(std::move(done.node), done.mark, done.anchor);
  }

  void complete(ConfigNode node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      const Size size = size_of(node);
      charge(mark, size.nodes, size.bytes);
      anchors_.insert_or_assign(anchor, std::pair(node, size));
    }
    if (stack_.empty()) {
      root_ = std::move(node);
    } else if (stack_.back().node.kind == ConfigNode::Kind::list) {
      stack_.back().node.children.push_back(std::move(node));
    } else if (!stack_.back().has_key) {
      begin_entry(stack_.back(), std::move(node), mark);
    } else {
      end_entry(stack_.back(), std::move(node));
    }
  }

  void begin_entry(Open& map, ConfigNode key, const YAML::Mark& mark) {
    if (key.kind != ConfigNode::Kind::scalar) fail(mark, "expected a key (a word), got something else");
    const auto [earlier, is_new] = map.key_lines.emplace(key.text, key.line);
    if (!is_new)
      fail(mark, "key " + quote(key.text) + " was given in line " + std::to_string(earlier->second) + " already");
    map.has_key = true;
    map.key = std::move(key);
  }

  static void end_entry(Open& map, ConfigNode value) {
    value.key = std::move(map.key.text);
    value.line = map.key.line;
    map.has_key = false;
    map.node.children.push_back(std::move(value));
  }

  const std::string& name_;
  std::shared_ptr<const std::string> source_;
  YamlBudget& budget_;
  ConfigNode root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::pair<ConfigNode, Size>> anchors_;
  int documents_ = 0;
};

std::string at_position(const std::string& name, std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position);
  return at_line(name, 1 + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n')));
}

/// Refuses what is no text before yaml-cpp guesses an encoding for it, and what would make its scanner, which looks
/// ahead for the end of a flow key, keep tokens by the million.
void check_text(std::string_view text, const std::string& name) {
  std::size_t line_start = 0;
  std::uint64_t flow_marks = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = static_cast<unsigned char>(text[i]);
    if (code < 0x20 && code != '\t' && code != '\n' && code != '\r')
      throw InputError(at_position(name, text, i) +
                       ": expected YAML text, got a control character (is this a binary file?)");
    if (code == '\n' || code == '\r') line_start = i + 1;
    if (line_start <= i && i - line_start > kMaxLine)
      throw InputError(at_position(name, text, i) + ": a line longer than " + std::to_string(kMaxLine) + " bytes");
    flow_marks += code == '[' || code == '{' || code == ',' || code == '?';
    if (flow_marks > kMaxConfigNodes)
      throw InputError(at_position(name, text, i) + ": more than " + std::to_string(kMaxConfigNodes) + " of [ { , ?");
  }
  if (const std::size_t broken = first_invalid_utf8(text); broken != std::string_view::npos)
    throw InputError(at_position(name, text, broken) +
                     ": expected UTF-8 text, got other bytes (is this a binary file?)");
}

}  // namespace

void YamlBudget::charge(std::uint64_t nodes, std::uint64_t bytes, const std::string& where) {
  nodes_ += nodes;
  bytes_ += bytes;
  if (nodes_ > kMaxConfigNodes)
    throw InputError(where + ": more than " + std::to_string(kMaxConfigNodes) + " values, aliases expanded");
  if (bytes_ > kMaxBytes)
    throw InputError(where + ": more than " + std::to_string(kMaxBytes) + " bytes of text, aliases expanded");
}

ConfigNode parse_yaml(std::string_view text, const std::string& name, YamlBudget& budget) {
  check_text(text, name);
  TreeBuilder builder(name, budget);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw InputError(at_line(name, line_of(error.mark)) + ": not valid YAML: " + error.msg);
  }
  return builder.take_root();
}

ConfigNode parse_yaml_map(std::string_view text, const std::string& name, YamlBudget& budget) {
  ConfigNode root = parse_yaml(text, name, budget);
  if (root.kind == ConfigNode::Kind::empty)
    throw InputError(at_line(name, 1) + ": the file is empty; expected a map of keys");
  if (root.kind != ConfigNode::Kind::map)
    throw InputError(root.where() + ": expected a map of keys (`key: value`), got a " +
                     (root.kind == ConfigNode::Kind::list ? "list" : "single value"));
  return root;
}

}  // namespace heddle
