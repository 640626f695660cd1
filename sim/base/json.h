// JSON of a struct that has a describe(): effective configs and results. Quantities are texts ("3 MiB"), enums their
// names, numbers numbers, sections and maps objects, in the order described.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/described.h"

extern template class nlohmann::basic_json<nlohmann::ordered_map>;  // Json, compiled once, in json.cpp

namespace heddle {

using Json = nlohmann::ordered_json;

/// Throws InternalError if `number` is not finite: JSON has no word for it, and no figure of ours may be one.
Json json_value(double number);
inline Json json_value(bool value) {
  return value;
}
inline Json json_value(std::uint32_t value) {
  return value;
}
inline Json json_value(std::uint64_t value) {
  return value;
}
inline Json json_value(const std::string& value) {
  return value;
}
inline Json json_value(Bytes value) {
  return to_text(value);
}
inline Json json_value(Bandwidth value) {
  return to_text(value);
}
inline Json json_value(Frequency value) {
  return to_text(value);
}

template <class T>
requires(!PlainField<T>) Json json_value(const T& value);
template <class T>
Json json_value(const std::vector<T>& values);
template <class T>
Json json_value(const std::map<std::string, T>& values);

template <class T>
Json identity_json(const T& described);

/// The visitor. With `omits_options` it leaves out options that are off (option() in describe.h), at any depth of
/// sections.
class JsonWriter {
 public:
  explicit JsonWriter(bool omits_options = false) : omits_options_(omits_options) {}
  bool omits_options() const { return omits_options_; }
  template <class T>
  void field(std::string_view name, const T& value, std::string_view /*unit*/, std::string_view /*text*/,
             Range = any_value) {
    object_[std::string(name)] = json_value(value);
  }
  template <class T>
  void section(std::string_view name, const T& nested, std::string_view /*text*/) {
    object_[std::string(name)] = omits_options_ ? identity_json(nested) : json_value(nested);
  }
  Json take() { return std::move(object_); }

 private:
  Json object_ = Json::object();
  bool omits_options_;
};

template <class T>
Json to_json(const T& described) {
  JsonWriter writer;
  describe_constant(writer, described);
  return writer.take();
}

/// What makes two configs the same: every field, but no option that is off.
template <class T>
Json identity_json(const T& described) {
  JsonWriter writer(true);
  describe_constant(writer, described);
  return writer.take();
}

/// Compiled once: the parser takes the compiler seconds. Throws nlohmann::json::parse_error.
Json parse_json(std::string_view text);
/// is_discarded() if `text` is no JSON.
Json try_parse_json(std::string_view text);

/// Indented, with a newline at the end; bytes that are no UTF-8 become U+FFFD.
std::string json_text(const Json& json);

/// The same object with the keys of every object sorted, without white space: equal values give equal texts whatever
/// the order of description.
std::string canonical_text(const Json& json);

/// Identity of a config: hash of the canonical text of its identity_json(), 32 hexadecimal digits.
std::string json_hash(const Json& json);
template <class T>
std::string config_hash(const T& config) {
  return json_hash(identity_json(config));
}

template <class T>
requires(!PlainField<T>) Json json_value(const T& value) {
  if constexpr (DescribedEnum<T>) {
    return std::string(enum_name(value));
  } else {
    return to_json(value);
  }
}

template <class T>
Json json_value(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(json_value(value));
  return list;
}

template <class T>
Json json_value(const std::map<std::string, T>& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = json_value(value);
  return object;
}

}  // namespace heddle
