// Results as a row of named values, made by the same describe() that writes them as JSON.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/described.h"
#include "sim/base/errors.h"
#include "sim/base/json.h"
#include "sim/base/json_append.h"

namespace heddle {

/// Absent, a whole number (also bool: 0 or 1), a number, a text. Lists and maps are texts of JSON.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

enum class ValueType : std::uint8_t { integer, real, text };

struct Column {
  std::string name;  ///< dotted path: "dram_bytes.total"
  ValueType type = ValueType::text;
  std::string unit;
  std::string text;  ///< one sentence
  friend bool operator==(const Column&, const Column&) = default;
};

/// How a field of type T is kept: quantities as whole numbers of their base unit, enums by name.
template <class T>
inline constexpr ValueType kValueType =
    std::same_as<T, double>                                              ? ValueType::real
    : std::same_as<T, std::string> || DescribedEnum<T> || !PlainField<T> ? ValueType::text
                                                                         : ValueType::integer;

/// Throws InternalError beyond 2^63 - 1: SQLite has no larger integers.
inline Value stored_integer(std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    throw InternalError("a count to be stored is beyond 2^63");
  return static_cast<std::int64_t>(number);
}
inline Value stored_value(bool value) {
  return std::int64_t{value};
}
inline Value stored_value(std::uint32_t value) {
  return std::int64_t{value};
}
inline Value stored_value(std::uint64_t value) {
  return stored_integer(value);
}
inline Value stored_value(double value) {
  return value;
}
inline Value stored_value(Bytes value) {
  return stored_integer(value.count);
}
inline Value stored_value(Bandwidth value) {
  return stored_integer(value.bytes_per_second);
}
inline Value stored_value(Frequency value) {
  return stored_integer(value.hertz);
}

/// The visitor that collects columns; sections put their name and a dot in front.
class ColumnCollector {
 public:
  explicit ColumnCollector(std::vector<Column>& columns) : columns_(columns) {}
  template <class T>
  void field(std::string_view name, const T&, std::string_view unit, std::string_view text, Range = any_value) {
    columns_.push_back({prefix_ + std::string(name), kValueType<T>, std::string(unit), std::string(text)});
  }
  template <class T>
  void section(std::string_view name, const T& nested, std::string_view /*text*/) {
    const std::string outer = prefix_;
    prefix_ += std::string(name) + ".";
    describe_constant(*this, nested);
    prefix_ = outer;
  }

 private:
  std::vector<Column>& columns_;
  std::string prefix_;
};

/// The visitor that collects values, in the order of the columns, over those there: texts keep their memory.
class ValueCollector {
 public:
  explicit ValueCollector(std::vector<Value>& values) : values_(values) {}
  template <class T>
  void field(std::string_view, const T& value, std::string_view, std::string_view, Range = any_value) {
    if (count_ == values_.size()) values_.emplace_back();
    Value& place = values_[count_++];
    if constexpr (kValueType<T> == ValueType::text)
      append(emptied_text(place), value);
    else
      place = stored_value(value);
  }
  template <class T>
  void section(std::string_view, const T& nested, std::string_view) {
    describe_constant(*this, nested);
  }
  /// After the last field.
  void finish() { values_.resize(count_); }

 private:
  static std::string& emptied_text(Value& place) {
    std::string* const text = std::get_if<std::string>(&place);
    if (text == nullptr) return place.emplace<std::string>();
    text->clear();
    return *text;
  }
  static void append(std::string& text, const std::string& value) { text += value; }
  template <class T>
  static void append(std::string& text, const T& value) {
    if constexpr (DescribedEnum<T>)
      text += enum_name(value);
    else
      append_json(text, value);
  }

  std::vector<Value>& values_;
  std::size_t count_ = 0;
};

/// The columns of a struct with a describe() that always describes the same fields; made once per type.
template <class T>
const std::vector<Column>& columns_of() {
  static const std::vector<Column> kColumns = [] {
    std::vector<Column> columns;
    ColumnCollector collector(columns);
    describe_constant(collector, T{});
    return columns;
  }();
  return kColumns;
}

/// For people and CSV: shortest text that reads back as the same number; "" for absent.
std::string value_text(const Value& value);
/// The same as JSON; null for absent.
Json value_json(const Value& value);

}  // namespace heddle
