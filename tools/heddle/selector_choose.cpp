// heddle selector choose MATRIX
#include <cstdlib>
#include <filesystem>

#include "models/selector/explain_choice.h"
#include "sim/base/errors.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/operand_options.h"
#include "tools/heddle/selector_choice.h"
#include "tools/heddle/selector_verbs.h"
#include "tools/heddle/simulation.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"

namespace po = boost::program_options;

namespace heddle {

std::string find_trained(const std::string& name) {
  namespace fs = std::filesystem;
  std::vector<fs::path> folders;
  const char* const given = std::getenv("HEDDLE_SELECTOR");
  if (given != nullptr && *given != '\0') folders.emplace_back(given);
  std::error_code unknown;
  const fs::path executable = fs::read_symlink("/proc/self/exe", unknown);
  if (!unknown) folders.push_back(executable.parent_path().parent_path() / "share/heddle/selector");
  folders.emplace_back(fs::path(HEDDLE_SOURCE_DIR) / "models/selector/trained");
  for (const fs::path& folder : folders)
    if (fs::is_regular_file(folder / name, unknown)) return (folder / name).string();
  throw InputError("no trained selector " + name + "; expected it in $HEDDLE_SELECTOR or share/heddle/selector " +
                   "(heddle selector train makes one)");
}

selector::Choice choose_dataflow(const Workload& workload, const Config& config, const std::string& model) {
  const selector::Model trained = selector::load_model(model.empty() ? find_trained("tree.json") : model);
  return selector::choose(trained, *workload.a, *workload.b, workload.a == workload.b, config);
}

std::string choice_text(const selector::Choice& choice) {
  using selector::dataflow_name;
  std::string text = "run " + std::string(dataflow_name(choice.dataflow)) + ": predicted " +
                     grouped(std::uint64_t(choice.predicted[choice.dataflow])) + " cycles, " + fixed(choice.gain, 2) +
                     " x as fast as the next\n";
  for (std::size_t d = 0; d < selector::kDataflows; ++d) {
    std::string name(dataflow_name(d));
    name.resize(14, ' ');
    text += "  " + name + " " + grouped(std::uint64_t(choice.predicted[d])) + " cycles predicted\n";
  }
  text += "the tree says " + std::string(dataflow_name(choice.by_tree)) + " (sure " + percent(choice.agreement) +
          " %), because\n";
  for (const std::string& reason : choice.reasons) text += "  " + reason + "\n";
  return text + "selecting costs " + grouped(choice.cost_cycles) + " cycles of the machine\n";
}

CommandSyntax selector_choose_syntax() {
  CommandSyntax syntax;
  syntax.name = "selector choose";
  syntax.usage = "MATRIX [options]";
  syntax.text =
      "Says which dataflow to run for C = A*B on a machine, why (the path through the tree in words), how sure that "
      "is,\n"
      "the predicted cycles of each, and what selecting itself costs. Nothing is simulated.";
  syntax.positional = "matrix";
  syntax.most_positional = 1;
  syntax.options.add_options()("matrix", po::value<std::string>(), "");
  add_operand_options(syntax.options);
  syntax.options.add_options()(
      "machine,m", po::value<std::string>()->value_name("NAME|FILE")->default_value(kDefaultMachine), "machine")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(), "change one key")(
      "model", po::value<std::string>()->default_value("")->value_name("FILE"),
      "trained tree; default the shipped one")("json", po::bool_switch(), "as JSON instead of text")(
      "help,h", po::bool_switch(), "this text");
  return syntax;
}

int selector_choose(const std::vector<std::string>& words) {
  const po::variables_map values = parse_arguments(selector_choose_syntax(), words);
  if (values.count("matrix") == 0) throw InputError("selector choose: expected MATRIX (heddle help selector choose)");
  const OperandChoice operands = read_operands(values);
  std::vector<std::string> overrides;
  if (values.count("set")) overrides = values["set"].as<std::vector<std::string>>();
  const Config config = load_machine(values["machine"].as<std::string>(), overrides);
  for (const CatalogEntry& entry : catalog()) entry.validate(config);
  const Experiment experiment = load_experiment(values["matrix"].as<std::string>(), operands, config);
  const selector::Choice choice = choose_dataflow(experiment.workload, config, values["model"].as<std::string>());
  print(values["json"].as<bool>() ? json_text(selector::choice_json(choice)) : choice_text(choice));
  return 0;
}

}  // namespace heddle
