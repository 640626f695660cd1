#include "sim/base/yaml_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/number.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

using Kind = ConfigNode::Kind;

constexpr std::size_t kMaxPathInMessage = 200;

/// The beginning of every message.
std::string location(const ConfigNode& node, const std::string& path) {
  const std::string where = node.where();
  if (path.empty() || where == "--set " + path) return where + ": ";
  const std::string quoted = quote(path, kMaxPathInMessage);
  return where + ": " + quoted.substr(1, quoted.rfind('"') - 1) + ": ";
}

std::string found(const ConfigNode& node) {
  switch (node.kind) {
    case Kind::empty:
      return "nothing";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a section of keys";
    case Kind::scalar:
      break;
  }
  return node.quoted ? "the text " + quote(node.text) : quote(node.text);
}

std::string with_range(const std::string& noun, Range range, Notation notation) {
  const std::string words = range_text(range, notation);
  return words.empty() ? noun : noun + ", " + words;
}

/// A scalar without quotes, for numbers and booleans.
std::string_view plain_text(const ConfigPlace& at, const std::string& expected) {
  at.require(Kind::scalar, expected);
  if (at.node.quoted) at.fail_expected(expected + " (without quotes)");
  return at.node.text;
}

std::uint64_t read_whole(const ConfigPlace& at, Notation notation, std::uint64_t limit) {
  const std::string expected = with_range("a whole number", at.range, notation);
  const std::optional<Decimal> number = parse_decimal(plain_text(at, expected));
  const std::optional<std::uint64_t> value = number ? scale_exactly(*number, 1, limit) : std::nullopt;
  if (!value || !contains(at.range, static_cast<double>(*value))) at.fail_expected(expected);
  return *value;
}

template <class Quantity>
Quantity read_quantity(const ConfigPlace& at, const std::string& noun, Quantity (*parse)(std::string_view),
                       std::uint64_t Quantity::*amount) {
  const std::string expected = with_range(noun, at.range, kNotation<Quantity>);
  at.require(Kind::scalar, expected);
  Quantity value;
  try {
    value = parse(at.node.text);
  } catch (const InputError& error) {
    at.fail(error.what());
  }
  if (!contains(at.range, static_cast<double>(value.*amount))) at.fail_expected(expected);
  return value;
}

}  // namespace

void ConfigPlace::fail(const std::string& reason) const {
  throw InputError(location(node, path) + reason);
}

void ConfigPlace::fail_expected(const std::string& expected) const {
  fail("expected " + expected + ", got " + found(node));
}

void ConfigPlace::require(Kind kind, const std::string& expected) const {
  if (node.kind == kind) return;
  if (node.kind == Kind::list && kind == Kind::scalar)
    fail("expected " + expected + "; a list here makes a sweep axis, which only `heddle sweep` accepts");
  fail_expected(expected);
}

void read_value(const ConfigPlace& at, bool& value) {
  const std::string_view text = plain_text(at, "true or false");
  if (text != "true" && text != "false") at.fail_expected("true or false");
  value = text == "true";
}

void read_value(const ConfigPlace& at, std::uint32_t& value) {
  value = static_cast<std::uint32_t>(read_whole(at, Notation::whole_32, std::numeric_limits<std::uint32_t>::max()));
}

void read_value(const ConfigPlace& at, std::uint64_t& value) {
  value = read_whole(at, Notation::whole_64, std::numeric_limits<std::uint64_t>::max());
}

void read_value(const ConfigPlace& at, double& value) {
  const std::string expected = with_range("a number", at.range, Notation::real);
  const std::optional<double> number = parse_finite(plain_text(at, expected));
  if (!number || !contains(at.range, *number)) at.fail_expected(expected);
  value = *number;
}

void read_value(const ConfigPlace& at, std::string& value) {
  at.require(Kind::scalar, "a text");
  value = at.node.text;
}

void read_value(const ConfigPlace& at, Bytes& value) {
  value = read_quantity<Bytes>(at, "a number of bytes such as 3 MiB", parse_bytes, &Bytes::count);
}

void read_value(const ConfigPlace& at, Bandwidth& value) {
  value = read_quantity<Bandwidth>(at, "a bandwidth such as 128 GB/s", parse_bandwidth, &Bandwidth::bytes_per_second);
}

void read_value(const ConfigPlace& at, Frequency& value) {
  value = read_quantity<Frequency>(at, "a frequency such as 1 GHz", parse_frequency, &Frequency::hertz);
}

std::size_t read_choice(const ConfigPlace& at, const std::vector<std::string_view>& names) {
  const std::string expected = "one of " + join(names);
  at.require(Kind::scalar, expected);
  const auto match = std::find(names.begin(), names.end(), at.node.text);
  if (match != names.end()) return static_cast<std::size_t>(match - names.begin());
  const std::string meant = nearest(at.node.text, names);
  at.fail("expected " + expected + ", got " + found(at.node) +
          (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
}

ConfigReader::ConfigReader(const ConfigNode& map, std::string path) : map_(map), path_(std::move(path)) {
  ConfigPlace{map_, path_, any_value}.require(Kind::map, "a section (keys below it)");
}

void ConfigReader::finish() const {
  for (const ConfigNode& child : map_.children) {
    if (std::find(described_.begin(), described_.end(), child.key) != described_.end()) continue;
    const std::string meant = nearest(child.key, described_);
    ConfigPlace{child, path_of(child.key), any_value}.fail("unknown key " + quote(child.key) +
                                                           (meant.empty() ? "." : "; did you mean \"" + meant + "\"?") +
                                                           " Accepted here: " + join(described_));
  }
}

const ConfigNode* ConfigReader::find(std::string_view name) {
  described_.push_back(name);
  return map_.find(name);
}

std::string ConfigReader::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

}  // namespace heddle
