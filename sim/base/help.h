// The text of --help-config, and the same as data.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/json.h"

namespace heddle {

/// One key of a configuration or of a report.
struct KeyHelp {
  std::string path;  ///< "machine.pe.count"; elements of a map have "<name>" for their key, of a list "[]"
  std::string unit;  ///< "" for a section
  std::string range;
  std::string initial;  ///< the value in the struct described
  std::string text;
  std::vector<std::pair<std::string, std::string>> choices;  ///< of an enum: name and sentence
  bool is_section = false;
};

/// Texts as they are, anything else as JSON.
std::string initial_text(const Json& value);

/// The visitor.
class HelpCollector {
 public:
  explicit HelpCollector(std::string prefix) : prefix_(std::move(prefix)) {}

  template <class T>
  void field(std::string_view name, const T& value, std::string_view unit, std::string_view text,
             Range range = any_value) {
    add_field(prefix_ + std::string(name), value, unit, text, range);
  }
  template <class T>
  void section(std::string_view name, const T& nested, std::string_view text) {
    const std::string path = prefix_ + std::string(name);
    keys_.push_back({path, "", "", "", std::string(text), {}, true});
    collect(path + ".", nested);
  }
  std::vector<KeyHelp> take() { return std::move(keys_); }

 private:
  template <class T>
  void collect(const std::string& prefix, const T& nested) {
    HelpCollector inner(prefix);
    describe_constant(inner, nested);
    for (KeyHelp& key : inner.take()) keys_.push_back(std::move(key));
  }

  template <class T>
  void add_field(const std::string& path, const T& value, std::string_view unit, std::string_view text, Range range) {
    KeyHelp key{path, std::string(unit), range_text(range, kNotation<T>), "", std::string(text), {}, false};
    if constexpr (PlainField<T> || DescribedEnum<T>) {
      key.initial = initial_text(json_value(value));
      add_choices(key, value);
      keys_.push_back(std::move(key));
    } else {
      key.is_section = true;
      keys_.push_back(std::move(key));
      collect(path + ".", value);
    }
  }
  template <class T>
  void add_field(const std::string& path, const std::vector<T>& values, std::string_view unit, std::string_view text,
                 Range range) {
    add_elements(path + "[]", initial_text(json_value(values)), T{}, unit, text, range);
  }
  template <class T>
  void add_field(const std::string& path, const std::map<std::string, T>& values, std::string_view unit,
                 std::string_view text, Range range) {
    add_elements(path + ".<name>", initial_text(json_value(values)), T{}, unit, text, range);
  }
  /// Described by an element as it is born; the initial value is that of the whole.
  template <class T>
  void add_elements(const std::string& path, const std::string& initial, const T& element, std::string_view unit,
                    std::string_view text, Range range) {
    const std::size_t first = keys_.size();
    add_field(path, element, unit, text, range);
    keys_[first].initial = initial;
  }

  template <class T>
  void add_choices(KeyHelp& key, const T& value) {
    if constexpr (DescribedEnum<T>)
      for (const auto& entry : enum_names(value)) key.choices.emplace_back(entry.name, entry.text);
  }

  std::string prefix_;
  std::vector<KeyHelp> keys_;
};

/// Every key below `config`, in the order described; sections before their keys.
template <class T>
std::vector<KeyHelp> described_keys(const T& config = T{}) {
  HelpCollector collector("");
  describe_constant(collector, config);
  return collector.take();
}

/// A table: key path, unit, range, default, sentence; choices below their key.
std::string help_table(std::span<const KeyHelp> keys);

template <class T>
std::string help_config(const T& config = T{}) {
  return help_table(described_keys(config));
}

}  // namespace heddle
