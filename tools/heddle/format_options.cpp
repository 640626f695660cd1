#include "tools/heddle/format_options.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <vector>

#include "matrices/formats/advice.h"
#include "matrices/formats/file.h"
#include "matrices/load_matrix.h"
#include "matrices/matrix_market.h"
#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/spelling.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"

namespace heddle {
namespace {

double ratio(std::uint64_t bytes, std::uint64_t dense) {
  return dense == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(dense);
}

std::string sparsity_text(const FormatAdvice& line) {
  if (line.format == Format::dense) return "";
  return line.crossover ? percent(*line.crossover) + " %" : "never";
}

}  // namespace

std::string dashed(std::string key) {
  for (char& c : key)
    if (c == '_') c = '-';
  return key;
}

Format parse_format(const std::string& name) {
  return parse_enum<Format>("format", name);
}
ValueType parse_value_type(const std::string& name) {
  return parse_enum<ValueType>("value type", name);
}

void encode_matrix_file(const std::string& in, const std::string& out, Format format, ValueType type,
                        const FormatOptions& options) {
  const LoadedMatrix loaded = in == "-" ? load_matrix(std::cin, in) : load_matrix(in);
  std::string text;
  try {
    text = to_file(encode(narrow(loaded.matrix, type), format, options));
  } catch (const InputError& error) {
    throw InputError(in + ": " + error.what());
  }
  write_output(out, text);
}

void decode_matrix_file(const std::string& in, const std::string& out) {
  const std::string text =
      in == "-" ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_text_file(in, kMostEncodedBytes);
  Csr matrix;
  const NarrowMatrix decoded = decode_file(text, in);
  try {
    matrix = widen(decoded);
  } catch (const InputError& error) {
    throw InputError(in + ": " + error.what());
  }
  if (out == "-") {
    write_matrix_market(std::cout, matrix, MarketField::real);
    if (!std::cout.flush()) throw InputError("standard output: cannot be written");
  } else {
    save_matrix_market(out, matrix, MarketField::real);
  }
}

std::string formats_text(const Csr& matrix, ValueType type, const FormatOptions& options) {
  const std::vector<FormatAdvice> advice = advise_formats(matrix, type, options);
  const std::uint64_t dense = advice.front().size->total();
  std::uint64_t least = dense;
  for (const FormatAdvice& line : advice)
    if (line.size) least = std::min(least, line.size->total());
  TextTable table({"  bytes as " + std::string(enum_name(type)), "values\n+ positions", "\n+ offsets", "\n+ padding",
                   "of dense\n%", "random elements beat\ndense above sparsity"});
  std::string notes;
  for (const FormatAdvice& line : advice) {
    const std::string name =
        (line.size && line.size->total() == least ? "* " : "  ") + std::string(enum_name(line.format));
    if (!line.size) {
      table.add({name, "-", "-", "-", "-", ""});
      notes += name + ": " + line.refused + "\n";
      continue;
    }
    const FormatSize& size = *line.size;
    table.add({name, grouped(size.values + size.positions), grouped(size.values + size.positions + size.offsets),
               grouped(size.total()), percent(ratio(size.total(), dense)), sparsity_text(line)});
  }
  return table.render(false) + notes;
}

Json formats_json(const Csr& matrix, ValueType type, const FormatOptions& options) {
  const std::vector<FormatAdvice> advice = advise_formats(matrix, type, options);
  const std::uint64_t dense = advice.front().size->total();
  Json formats = Json::object();
  for (const FormatAdvice& line : advice) {
    Json json = Json::object();
    if (line.size) {
      json["bytes"] = to_json(*line.size);
      json["total"] = line.size->total();
      json["ratio"] = {{"values_positions", json_value(ratio(line.size->values + line.size->positions, dense))},
                       {"with_offsets", json_value(ratio(line.size->total() - line.size->padding, dense))},
                       {"with_padding", json_value(ratio(line.size->total(), dense))}};
    } else {
      json["refused"] = line.refused;
    }
    if (line.crossover) json["crossover_sparsity"] = json_value(*line.crossover);
    formats[std::string(enum_name(line.format))] = std::move(json);
  }
  return formats;
}

}  // namespace heddle
