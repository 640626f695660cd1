// A configuration with one field of every kind, and helpers to read it from text.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle::sample {

enum class Colour : std::uint8_t { red, green };
constexpr EnumName<Colour> kColourNames[] = {{Colour::red, "red", "as blood"}, {Colour::green, "green", "as grass"}};
constexpr std::span<const EnumName<Colour>> enum_names(Colour) {
  return kColourNames;
}

struct Cache {
  Bytes capacity{1 << 20};
  Bandwidth bandwidth{128'000'000'000};
  Frequency clock{1'000'000'000};
  bool operator==(const Cache&) const = default;
};
template <class V>
void describe(V& v, Cache& c) {
  v.field("capacity", c.capacity, "bytes", "what fits", in_range(64, 1 << 30));
  v.field("bandwidth", c.bandwidth, "bytes/s", "what flows", at_least(1));
  v.field("clock", c.clock, "Hz", "how often");
}

struct Device {
  std::string kind = "cpu";
  std::uint32_t cores = 1;
  bool operator==(const Device&) const = default;
};
template <class V>
void describe(V& v, Device& d) {
  v.field("kind", d.kind, "text", "what it is");
  v.field("cores", d.cores, "count", "how many", at_least(1));
}

struct Config {
  std::string name = "unnamed";
  bool enabled = true;
  std::uint32_t banks = 8;
  std::uint64_t lines = 100;
  double ratio = 0.5;
  Colour colour = Colour::red;
  Cache cache;
  std::vector<std::uint32_t> sizes{1, 2};
  std::map<std::string, double> weights{{"a", 1.5}};
  std::vector<Device> devices;
  std::map<std::string, Device> named;
  bool operator==(const Config&) const = default;
};
template <class V>
void describe(V& v, Config& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("enabled", c.enabled, "bool", "whether at all");
  v.field("banks", c.banks, "count", "banks", in_range(1, 64));
  v.field("lines", c.lines, "lines", "lines");
  v.field("ratio", c.ratio, "fraction", "of the whole", in_range(-1, 1));
  v.field("colour", c.colour, "name", "of the paint");
  v.section("cache", c.cache, "on-chip memory");
  v.field("sizes", c.sizes, "count", "several", in_range(1, 100));
  v.field("weights", c.weights, "fraction", "by name");
  v.field("devices", c.devices, "devices", "in a row");
  v.field("named", c.named, "devices", "by name");
}

inline Config read(const std::string& text) {
  Config config;
  read_config(parse_config(text, "test.yaml"), config);
  return config;
}

/// What the InputError thrown by `action` says; "" if there was none.
template <class F>
std::string message_of(F&& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}
inline std::string message_of_reading(const std::string& text) {
  return message_of([&] { read(text); });
}

/// A directory of its own, removed at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "heddle-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& text) const {
    write_file_atomically(*this / name, text);
    return *this / name;
  }

 private:
  std::string path_;
};

}  // namespace heddle::sample
