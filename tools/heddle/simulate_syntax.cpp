#include "tools/heddle/simulate_syntax.h"

#include <string_view>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "sim/base/units.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/operand_options.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

constexpr const char* kDefaultTraceBytes = "256 MB";

template <class T, std::size_t n>
T pick(const std::string& option, const std::string& word, const std::pair<std::string_view, T> (&table)[n]) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : table) {
    if (name == word) return value;
    names.push_back(name);
  }
  throw InputError(unknown_word("value of --" + option, word, names));
}

std::vector<const CatalogEntry*> pick_dataflows(const std::string& words) {
  std::vector<const CatalogEntry*> picked;
  if (words == "auto") return picked;
  if (words == "all") {
    for (const CatalogEntry& entry : catalog()) picked.push_back(&entry);
    return picked;
  }
  for (std::size_t begin = 0; begin <= words.size();) {
    const std::size_t end = std::min(words.find(',', begin), words.size());
    picked.push_back(&find_dataflow(std::string_view(words).substr(begin, end - begin)));
    begin = end + 1;
  }
  return picked;
}

std::string text_of(const po::variables_map& values, const char* name) {
  return values.count(name) ? values[name].as<std::string>() : "";
}

}  // namespace

CommandSyntax simulate_syntax() {
  CommandSyntax syntax;
  syntax.name = "simulate";
  syntax.usage = "MATRIX... [options]";
  syntax.text =
      "Simulates C = A*B cycle by cycle on one machine, with one or all dataflows, and reports cycles, traffic,\n"
      "energy and why agents waited. MATRIX is a Matrix Market (.mtx) or .smtx file, also .gz; - is standard input.\n"
      "B is A unless chosen otherwise. Keys of the configuration: --help-config. Keys of results: heddle help results.";
  syntax.positional = "matrix";
  const auto text = [] { return po::value<std::string>(); };
  syntax.options.add_options()("matrix", po::value<std::vector<std::string>>(), "");
  add_operand_options(syntax.options);
  syntax.options.add_options()("machine,m", text()->value_name("NAME|FILE")->default_value(kDefaultMachine),
                               "machine, see configs/README.md")(
      "dataflow,d", text()->value_name("NAME,...")->default_value("all"),
      "all, inner_product, outer_product, row_wise, or auto: what the trained selector chooses")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
      "change one key of the configuration: machine.pe.count=16")(
      "check", text()->value_name("auto|on|off")->default_value("auto"),
      "form C in the hardware's order and compare it; auto: up to 20 million products")(
      "json", text()->value_name("FILE"), "results as JSON; - is standard output")("csv", text()->value_name("FILE"),
                                                                                   "results as CSV, one row per run")(
      "host", po::bool_switch(), "also time and memory the simulator itself needed")(
      "trace", text()->value_name("FILE"), "timeline for ui.perfetto.dev")(
      "trace-window", text()->value_name("FIRST:LAST"), "only these cycles of the timeline")(
      "trace-max-bytes", text()->value_name("BYTES")->default_value(kDefaultTraceBytes), "size limit of the timeline")(
      "explain", text()->value_name("verify")->implicit_value("on"),
      "name the bottleneck; =verify doubles each resource in turn and says what helped")(
      "estimate", po::bool_switch(), "do not run: expected cycles, and time and memory the runs would need")(
      "quiet,q", po::bool_switch(), "no tables")("help-config", po::bool_switch(),
                                                 "every key of the configuration: unit, range, default")(
      "help,h", po::bool_switch(), "this text");
  return syntax;
}

SimulateChoices parse_simulate(const std::vector<std::string>& words) {
  const po::variables_map values = parse_arguments(simulate_syntax(), words);
  SimulateChoices choices;
  if (values.count("matrix")) choices.matrices = values["matrix"].as<std::vector<std::string>>();
  choices.operands = read_operands(values);
  choices.machine = values["machine"].as<std::string>();
  choices.automatic = values["dataflow"].as<std::string>() == "auto";
  choices.dataflows = pick_dataflows(values["dataflow"].as<std::string>());
  if (values.count("set")) choices.overrides = values["set"].as<std::vector<std::string>>();
  choices.check = pick<CheckMode>("check", values["check"].as<std::string>(),
                                  {{"auto", CheckMode::automatic}, {"on", CheckMode::on}, {"off", CheckMode::off}});
  choices.json = text_of(values, "json");
  choices.csv = text_of(values, "csv");
  choices.trace = text_of(values, "trace");
  if (values.count("trace-window")) choices.trace_window = values["trace-window"].as<std::string>();
  choices.trace_max_bytes = parse_bytes(values["trace-max-bytes"].as<std::string>()).count;
  if (values.count("explain"))
    choices.explain = pick<ExplainMode>("explain", values["explain"].as<std::string>(),
                                        {{"on", ExplainMode::on}, {"verify", ExplainMode::verify}});
  choices.host = values["host"].as<bool>();
  choices.estimate = values["estimate"].as<bool>();
  choices.quiet = values["quiet"].as<bool>();
  choices.help_config = values["help-config"].as<bool>();
  return choices;
}

TraceLimits trace_limits(const SimulateChoices& choices) {
  TraceLimits limits = choices.trace_window ? parse_trace_window(*choices.trace_window) : TraceLimits{};
  limits.max_bytes = choices.trace_max_bytes;
  return limits;
}

}  // namespace heddle
