// Formats on the command line of heddle matrix.
#pragma once

#include <memory>
#include <string>

#include "matrices/formats/format.h"
#include "sim/base/help.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"
#include "tools/heddle/arguments.h"

namespace heddle {

/// "half_bandwidth" as an option: "half-bandwidth".
std::string dashed(std::string key);

/// One option per described key of Config.
template <class Config>
void add_described_options(boost::program_options::options_description& options) {
  for (const KeyHelp& key : described_keys(Config{})) {
    std::string text = key.text;
    for (const auto& [name, sentence] : key.choices) text += (text == key.text ? ": " : ", ") + name;
    text += " (default " + key.initial + ")";
    options.add_options()(dashed(key.path).c_str(), boost::program_options::value<std::string>()->value_name("X"),
                          text.c_str());
  }
}

/// What those options say. Throws InputError naming the option.
template <class Config>
Config read_described_options(const boost::program_options::variables_map& values) {
  ConfigTree tree;
  for (const KeyHelp& key : described_keys(Config{})) {
    const std::string option = dashed(key.path);
    if (values.count(option) == 0) continue;
    ConfigNode node;
    node.kind = ConfigNode::Kind::scalar;
    node.key = key.path;
    node.text = values[option].as<std::string>();
    node.source = std::make_shared<const std::string>("--" + option);
    tree.root.children.push_back(std::move(node));
  }
  Config config;
  read_config(tree, config);
  return config;
}

/// Throws InputError with the nearest name.
Format parse_format(const std::string& name);
ValueType parse_value_type(const std::string& name);

/// Encodes IN (a matrix) into OUT. Throws InputError.
void encode_matrix_file(const std::string& in, const std::string& out, Format format, ValueType type,
                        const FormatOptions& options);
/// Decodes IN (an encoded matrix) into the Matrix Market file OUT.
void decode_matrix_file(const std::string& in, const std::string& out);

/// Bytes of a matrix in every format, with the accountings: as text and as JSON.
std::string formats_text(const Csr& matrix, ValueType type, const FormatOptions& options);
Json formats_json(const Csr& matrix, ValueType type, const FormatOptions& options);

}  // namespace heddle
