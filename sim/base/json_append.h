// The text of json_value(x).dump() without making the tree: for what is written often.
#pragma once

#include <algorithm>
#include <concepts>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/json.h"

namespace heddle {

inline void append_json(std::string& text, std::string_view value) {
  const bool plain =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (plain)
    text.append(1, '"').append(value).append(1, '"');
  else
    text += Json(value).dump();
}
template <class T>
void append_json(std::string& text, const T& value);
template <class T>
void append_json(std::string& text, const std::vector<T>& values);
template <class T>
void append_json(std::string& text, const std::map<std::string, T>& values);

/// The visitor: one object, from its first brace to its last.
class JsonAppender {
 public:
  explicit JsonAppender(std::string& text) : text_(text) { text_ += '{'; }
  template <class T>
  void field(std::string_view name, const T& value, std::string_view /*unit*/ = {}, std::string_view /*text*/ = {},
             Range = any_value) {
    if (text_.back() != '{') text_ += ',';
    append_json(text_, name);
    text_ += ':';
    append_json(text_, value);
  }
  template <class T>
  void section(std::string_view name, const T& nested, std::string_view /*text*/) {
    field(name, nested);
  }
  void finish() { text_ += '}'; }

 private:
  std::string& text_;
};

template <class T>
void append_json(std::string& text, const T& value) {
  if constexpr (std::same_as<T, std::string>) {
    append_json(text, std::string_view(value));
  } else if constexpr (std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t>) {
    text += std::to_string(value);
  } else if constexpr (PlainField<T> || DescribedEnum<T>) {
    text += json_value(value).dump();
  } else {
    JsonAppender object(text);
    describe_constant(object, value);
    object.finish();
  }
}

template <class T>
void append_json(std::string& text, const std::vector<T>& values) {
  text += '[';
  for (const T& value : values) {
    if (&value != &values.front()) text += ',';
    append_json(text, value);
  }
  text += ']';
}

template <class T>
void append_json(std::string& text, const std::map<std::string, T>& values) {
  JsonAppender object(text);
  for (const auto& [name, value] : values) object.field(name, value);
  object.finish();
}

}  // namespace heddle
