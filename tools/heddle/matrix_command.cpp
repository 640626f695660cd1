// heddle matrix info|generate|convert|reorder
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "dataflows/layout.h"
#include "matrices/generate.h"
#include "matrices/load_matrix.h"
#include "matrices/matrix_market.h"
#include "matrices/profile.h"
#include "matrices/reorder.h"
#include "sim/base/errors.h"
#include "sim/base/help.h"
#include "sim/base/json.h"
#include "sim/base/spelling.h"
#include "sim/base/yaml_reader.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/format_options.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"
#include "tools/heddle/verbs.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

void add_format_options(CommandSyntax& syntax, const char* value_text) {
  syntax.options.add_options()("value", po::value<std::string>()->value_name("TYPE")->default_value("fp16"),
                               value_text);
  add_described_options<FormatOptions>(syntax.options);
  syntax.options.add_options()("help,h", "this text");
}

CommandSyntax info_syntax() {
  CommandSyntax syntax;
  syntax.name = "matrix info";
  syntax.usage = "FILE... [options]";
  syntax.text =
      "Shape, nonzeros, row and column lengths, bandwidth, symmetry, what A*A would cost, and the exact bytes of the\n"
      "matrix in every storage format (* the smallest).";
  syntax.positional = "file";
  syntax.options.add_options()("file", po::value<std::vector<std::string>>(), "")("json", po::bool_switch(),
                                                                                  "as JSON instead of text");
  add_format_options(syntax, "values in the formats: fp16, bf16, int8 or int4");
  return syntax;
}

CommandSyntax convert_syntax() {
  CommandSyntax syntax;
  syntax.name = "matrix convert";
  syntax.usage = "IN OUT | --format NAME IN OUT | --decode IN OUT";
  syntax.text =
      "Rewrites a matrix as Matrix Market, coordinate general; compressed when OUT ends in .gz. With --format OUT is "
      "the\n"
      "matrix encoded byte for byte as that format lays it out (matrices/formats/format.h and file.h), with --decode "
      "IN\n"
      "is such a file.";
  syntax.positional = "file";
  syntax.most_positional = 2;
  std::string formats;
  for (const auto& entry : enum_names(Format{})) formats += (formats.empty() ? "" : ", ") + std::string(entry.name);
  syntax.options.add_options()("file", po::value<std::vector<std::string>>(), "")(
      "format", po::value<std::string>()->value_name("NAME"), formats.c_str())("decode", po::bool_switch(),
                                                                               "from an encoded file to Matrix Market");
  add_format_options(syntax, "round values to fp16, bf16, int8 or int4");
  return syntax;
}

CommandSyntax reorder_syntax() {
  CommandSyntax syntax;
  syntax.name = "matrix reorder";
  syntax.usage = "IN OUT [options]";
  syntax.text =
      "Rewrites a matrix with its rows (rcm: rows and columns alike) in another order, and prints what that changed "
      "and "
      "what finding the order cost.";
  syntax.positional = "file";
  syntax.most_positional = 2;
  std::string methods;
  for (const auto& method : kReorderMethodNames)
    methods += (methods.empty() ? "" : "; ") + std::string(method.name) + ": " + std::string(method.text);
  syntax.options.add_options()("file", po::value<std::vector<std::string>>(), "")(
      "method", po::value<std::string>()->value_name("NAME")->default_value("affinity"), methods.c_str())(
      "window", po::value<std::uint64_t>()->value_name("ROWS"),
      "rows within which affinity counts (default: as many as --cache holds with their rows of B)")(
      "cache", po::value<std::string>()->value_name("BYTES")->default_value("3 MiB"),
      "on-chip memory that sets the default window")("order", po::value<std::string>()->value_name("FILE"),
                                                     "write the order, one row number (from 1) per line")("help,h",
                                                                                                          "this text");
  return syntax;
}

/// One option per key of GeneratorConfig.
CommandSyntax generate_syntax() {
  CommandSyntax syntax;
  syntax.name = "matrix generate";
  syntax.usage = "--family NAME [options] -o FILE";
  syntax.text = "Writes a generated matrix: the same options and seed give the same file on every platform.";
  add_described_options<GeneratorConfig>(syntax.options);
  syntax.options.add_options()("output,o", po::value<std::string>()->value_name("FILE"),
                               "Matrix Market file to write; - is standard output")("help,h", "this text");
  return syntax;
}

std::string length_text(const LengthProfile& p) {
  return "mean " + readable(p.mean) + ", longest " + grouped(p.max) + ", empty " + grouped(p.empty) +
         ", coefficient of variation " + readable(p.cv) + ", Gini " + readable(p.gini);
}

std::string info_text(const std::string& path, const LoadedMatrix& loaded, const MatrixProfile& p) {
  std::string text = path + "\n  shape            " + grouped(p.rows) + " x " + grouped(p.cols) +
                     "\n  nonzeros         " + grouped(p.nnz) + " (density " + readable(p.density) + ")";
  if (loaded.statistics.duplicates_merged > 0)
    text += ", " + grouped(loaded.statistics.duplicates_merged) + " duplicates merged";
  if (p.explicit_zeros > 0) text += ", " + grouped(p.explicit_zeros) + " explicit zeros";
  text += "\n  values           " + std::string(loaded.pattern ? "pattern only" : "yes") + "\n  row lengths      " +
          length_text(p.row_length) + "\n  column lengths   " + length_text(p.column_length) + "\n  bandwidth        " +
          grouped(p.bandwidth) + ", diagonal " + percent(p.diagonal_share) + " % full, pattern symmetry " +
          percent(p.pattern_symmetry) + " %\n";
  return text;
}

std::string product_text(const WorkloadProfile& p) {
  return "  A*A              " + grouped(p.products) + " products, " + grouped(p.nnz_c) + " nonzeros (compression " +
         fixed(p.compression_factor, 2) + "), at most " + grouped(p.row_products_max) + " products in a row\n";
}

int info(const std::vector<std::string>& words) {
  const auto values = parse_arguments(info_syntax(), words);
  if (values.count("file") == 0) throw InputError("matrix info: expected at least one FILE (heddle help matrix info)");
  const ValueType type = parse_value_type(values["value"].as<std::string>());
  const auto options = read_described_options<FormatOptions>(values);
  Json results = Json::array();
  std::string text;
  for (const std::string& path : values["file"].as<std::vector<std::string>>()) {
    LoadedMatrix loaded = path == "-" ? load_matrix(std::cin, path) : load_matrix(path);
    const MatrixProfile matrix_profile = profile(loaded.matrix);
    Json result = {{"file", path}, {"pattern", loaded.pattern}};
    result["matrix"] = to_json(matrix_profile);
    result["reading"] = to_json(loaded.statistics);
    result["formats"] = formats_json(loaded.matrix, type, options);
    text += info_text(path, loaded, matrix_profile);
    const std::string formats = formats_text(loaded.matrix, type, options);
    if (loaded.matrix.rows == loaded.matrix.cols) {
      const auto shared = std::make_shared<const Csr>(std::move(loaded.matrix));
      const WorkloadProfile product = profile(make_workload(shared, shared, path, path));
      result["a_times_a"] = to_json(product);
      text += product_text(product);
    }
    text += formats;
    results.push_back(std::move(result));
  }
  print(values["json"].as<bool>() ? json_text(results.size() == 1 ? results.front() : results) : text);
  return 0;
}

void write_matrix(const std::string& path, const Csr& matrix, MarketField field) {
  if (path == "-") {
    write_matrix_market(std::cout, matrix, field);
    if (!std::cout.flush()) throw InputError("standard output: cannot be written");
  } else {
    save_matrix_market(path, matrix, field);
  }
}

int generate_matrix(const std::vector<std::string>& words) {
  const auto values = parse_arguments(generate_syntax(), words);
  if (values.count("output") == 0) throw InputError("matrix generate: expected -o FILE (heddle help matrix generate)");
  const GeneratorConfig config = read_described_options<GeneratorConfig>(values);
  write_matrix(values["output"].as<std::string>(), generate(config),
               config.values == MatrixValues::ones ? MarketField::pattern : MarketField::real);
  return 0;
}

std::vector<std::string> two_files(const po::variables_map& values, const std::string& command) {
  std::vector<std::string> files;
  if (values.count("file")) files = values["file"].as<std::vector<std::string>>();
  if (files.size() != 2) throw InputError(command + ": expected IN and OUT (heddle help " + command + ")");
  return files;
}

int convert(const std::vector<std::string>& words) {
  const auto values = parse_arguments(convert_syntax(), words);
  const std::vector<std::string> files = two_files(values, "matrix convert");
  const bool decodes = values["decode"].as<bool>();
  if (decodes && values.count("format")) throw InputError("matrix convert: --format and --decode exclude each other");
  if (decodes) {
    decode_matrix_file(files[0], files[1]);
    return 0;
  }
  if (values.count("format")) {
    encode_matrix_file(files[0], files[1], parse_format(values["format"].as<std::string>()),
                       parse_value_type(values["value"].as<std::string>()),
                       read_described_options<FormatOptions>(values));
    return 0;
  }
  const LoadedMatrix loaded = files[0] == "-" ? load_matrix(std::cin, files[0]) : load_matrix(files[0]);
  write_matrix(files[1], loaded.matrix, loaded.pattern ? MarketField::pattern : MarketField::real);
  return 0;
}

std::string order_text(const Reordering& found) {
  std::string text;
  for (const std::uint32_t row : found.order) text += std::to_string(std::uint64_t{row} + 1) + "\n";
  return text;
}

std::string change_text(const Csr& before, const Csr& after) {
  return "  bandwidth                      " + grouped(profile(before).bandwidth) + " -> " +
         grouped(profile(after).bandwidth) + "\n  columns shared with the row before, mean " +
         readable(mean_affinity(before)) + " -> " + readable(mean_affinity(after)) + "\n";
}

int reorder_matrix(const std::vector<std::string>& words) {
  const auto values = parse_arguments(reorder_syntax(), words);
  const std::vector<std::string> files = two_files(values, "matrix reorder");
  const auto method = parse_enum<ReorderMethod>("value of --method", values["method"].as<std::string>());
  const std::uint64_t cache = parse_bytes(values["cache"].as<std::string>()).count;
  const LoadedMatrix loaded = files[0] == "-" ? load_matrix(std::cin, files[0]) : load_matrix(files[0]);
  const std::uint32_t element_bytes = LayoutConfig{}.element_bytes();
  const std::uint64_t window = values.count("window") ? values["window"].as<std::uint64_t>()
                                                      : affinity_window(loaded.matrix, cache, element_bytes);
  if (window == 0) throw InputError("--window: 0; expected at least 1 row");
  const auto begin = std::chrono::steady_clock::now();
  const Reordering found = reorder(loaded.matrix, method, window);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  const Csr result = permute(loaded.matrix, method, found.order);
  write_matrix(files[1], result, loaded.pattern ? MarketField::pattern : MarketField::real);
  if (values.count("order")) write_output(values["order"].as<std::string>(), order_text(found));
  std::string text = files[0] + " by " + std::string(enum_name(method));
  if (method == ReorderMethod::affinity) text += ", window " + grouped(window) + " rows";
  text += "\n" + change_text(loaded.matrix, result) + "  cost                           " + grouped(found.visits) +
          " nonzeros looked at, " + fixed(elapsed.count(), 3) + " s here; moving A once takes " +
          scaled_bytes(2 * loaded.matrix.nnz() * element_bytes) + " of traffic\n";
  if (files[1] == "-")
    message(text);
  else
    print(text);
  return 0;
}

constexpr Verb kVerbs[] = {
    {"info", "structure of matrix files, and what A*A would cost", info, info_syntax},
    {"generate", "write a generated matrix", generate_matrix, generate_syntax},
    {"convert", "rewrite a matrix file as Matrix Market", convert, convert_syntax},
    {"reorder", "rewrite a matrix with its rows in another order", reorder_matrix, reorder_syntax}};

}  // namespace

int matrix_command(const std::vector<std::string>& words) {
  return run_verb("matrix", kVerbs, words);
}

}  // namespace heddle
