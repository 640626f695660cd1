// heddle compare X.json Y.json: differences between two result files.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/json.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/store_commands.h"
#include "tools/heddle/terminal.h"

namespace heddle {
namespace {

CommandSyntax compare_syntax() {
  CommandSyntax syntax;
  syntax.name = "compare";
  syntax.usage = "X Y [--tolerance R]";
  syntax.text =
      "Lists every key whose value differs between two results of simulate --json, or two stores of sweep. Runs are\n"
      "matched by dataflow, points of stores by what was run; `host` is never compared. Exit code 1 when anything "
      "differs.";
  syntax.positional = "file";
  syntax.most_positional = 2;
  syntax.options.add_options()("file", boost::program_options::value<std::vector<std::string>>(), "")(
      "tolerance", boost::program_options::value<double>()->default_value(0)->value_name("R"),
      "numbers may differ by this fraction of the larger one")("help,h", "this text");
  return syntax;
}

/// The first line of what nlohmann says, without its error number.
Json load_results(const std::string& path) {
  try {
    return parse_json(read_text_file(path));
  } catch (const nlohmann::json::exception& error) {
    const std::string what = error.what();
    const std::size_t colon = what.find("] ");
    throw InputError(path + ": expected a result of heddle simulate --json; " +
                     (colon == std::string::npos ? what : what.substr(colon + 2)));
  }
}

class Comparison {
 public:
  explicit Comparison(double tolerance) : tolerance_(tolerance) {}

  void compare(const Json& x, const Json& y, const std::string& path) {
    if (x.is_object() && y.is_object()) return compare_objects(x, y, path);
    if (x.is_array() && y.is_array()) return compare_lists(x, y, path);
    if (x.is_number() && y.is_number() && close(x, y)) return;
    if (x != y) differ(path, x.dump(), y.dump());
  }
  const std::string& differences() const { return text_; }

 private:
  bool close(const Json& x, const Json& y) const {
    if (x == y) return true;
    const double a = x.get<double>(), b = y.get<double>();
    return std::fabs(a - b) <= tolerance_ * std::max(std::fabs(a), std::fabs(b));
  }
  void compare_objects(const Json& x, const Json& y, const std::string& path) {
    for (const auto& [key, value] : x.items()) {
      if (key == "host") continue;
      const std::string child = path.empty() ? key : path + "." + key;
      if (y.contains(key))
        compare(value, y[key], child);
      else
        differ(child, value.dump(), "absent");
    }
    for (const auto& [key, value] : y.items())
      if (key != "host" && !x.contains(key)) differ(path.empty() ? key : path + "." + key, "absent", value.dump());
  }
  void compare_lists(const Json& x, const Json& y, const std::string& path) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::string name = element_name(x[i], i);
      const Json* const other = counterpart(x[i], i, y);
      if (other == nullptr)
        differ(path + name, "present", "absent");
      else
        compare(x[i], *other, path + name);
    }
    for (std::size_t i = 0; i < y.size(); ++i)
      if (counterpart(y[i], i, x) == nullptr) differ(path + element_name(y[i], i), "absent", "present");
  }
  static bool is_run(const Json& value) { return value.is_object() && value.contains("dataflow"); }
  static std::string element_name(const Json& value, std::size_t index) {
    return "[" + (is_run(value) ? value["dataflow"].dump() : std::to_string(index)) + "]";
  }
  /// The run of the same dataflow, or the element of the same index.
  static const Json* counterpart(const Json& value, std::size_t index, const Json& list) {
    if (!is_run(value)) return index < list.size() ? &list[index] : nullptr;
    const auto same = [&](const Json& other) { return is_run(other) && other["dataflow"] == value["dataflow"]; };
    const auto found = std::find_if(list.begin(), list.end(), same);
    return found == list.end() ? nullptr : &*found;
  }
  void differ(const std::string& path, const std::string& x, const std::string& y) {
    text_ += path + ": " + x + " -> " + y + "\n";
  }

  double tolerance_;
  std::string text_;
};

std::string differences(const std::string& x, const std::string& y, double tolerance) {
  if (is_store(x) || is_store(y)) return store_differences(x, y, tolerance);
  Comparison comparison(tolerance);
  comparison.compare(load_results(x), load_results(y), "");
  return comparison.differences();
}

}  // namespace

int compare_command(const std::vector<std::string>& words) {
  if (asks_for_help(words)) {
    print(help_text(compare_syntax()));
    return 0;
  }
  const auto values = parse_arguments(compare_syntax(), words);
  std::vector<std::string> files;
  if (values.count("file")) files = values["file"].as<std::vector<std::string>>();
  if (files.size() != 2) throw InputError("compare: expected two result files (heddle help compare)");
  const double tolerance = values["tolerance"].as<double>();
  if (!(tolerance >= 0 && tolerance <= 1)) throw InputError("compare: --tolerance: expected a fraction from 0 to 1");
  const std::string text = differences(files[0], files[1], tolerance);
  print(text);
  return text.empty() ? 0 : 1;
}

}  // namespace heddle
