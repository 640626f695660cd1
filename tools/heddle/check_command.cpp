// heddle check FILE...: is this configuration or matrix valid, and what is it?
#include <filesystem>
#include <string>
#include <vector>

#include "dataflows/dataflow.h"
#include "matrices/load_matrix.h"
#include "sim/base/errors.h"
#include "sim/base/json.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/replay.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"
#include "tools/sweep/sweep_file.h"

namespace heddle {
namespace {

CommandSyntax check_syntax() {
  CommandSyntax syntax;
  syntax.name = "check";
  syntax.usage = "FILE...";
  syntax.text =
      "Reads each FILE, a machine, a sweep or a workload of replay (.yaml) or a matrix (.mtx, .smtx, .gz), as strictly "
      "as\n"
      "a run would, and says what it is.";
  syntax.positional = "file";
  syntax.options.add_options()("file", boost::program_options::value<std::vector<std::string>>(), "")(
      "set", boost::program_options::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(),
      "change one key of the configuration before it is checked")("help,h", "this text");
  return syntax;
}

std::string check_machine(const std::string& path, const std::vector<std::string>& overrides) {
  const Config config = load_machine(path, overrides);
  std::string runs;
  for (const CatalogEntry& entry : catalog()) {
    entry.validate(config);
    runs += (runs.empty() ? "" : ", ") + std::string(entry.name);
  }
  return path + ": machine " + config.machine.name + " for " + runs + ", config hash " + config_hash(config) + "\n";
}

std::string check_sweep(const std::string& path) {
  const Sweep sweep = load_sweep(path);
  for (const std::string& note : sweep.notes) message(note);
  return path + ": sweep " + sweep.name + ", " + grouped(sweep.variants.size()) + " variants x " +
         grouped(sweep.matrices.size()) + " matrices\n";
}

/// A workload says `kind:`, a sweep `matrices:`; anything else is read as a machine.
std::string check_configuration(const std::string& path, const std::vector<std::string>& overrides) {
  ConfigTree tree = load_config(find_machine(path));
  for (const std::string& assignment : overrides) apply_override(tree, assignment);
  if (tree.root.find("matrices") != nullptr) return check_sweep(path);
  if (!is_replay(tree)) return check_machine(path, overrides);
  const ReplayKind& kind = kind_of(tree);
  return path + ": workload of kind " + std::string(kind.name) + ", config hash " +
         kind.run(tree, false, nullptr).config_hash + "\n";
}

std::string check_matrix(const std::string& path) {
  const LoadedMatrix loaded = load_matrix(path);
  return path + ": matrix, " + grouped(loaded.matrix.rows) + " x " + grouped(loaded.matrix.cols) + ", " +
         grouped(loaded.matrix.nnz()) + " nonzeros, " + (loaded.pattern ? "pattern only" : "with values") + "\n";
}

bool is_configuration(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  return extension == ".yaml" || extension == ".yml";
}

}  // namespace

int check_command(const std::vector<std::string>& words) {
  if (asks_for_help(words)) {
    print(help_text(check_syntax()));
    return 0;
  }
  const auto values = parse_arguments(check_syntax(), words);
  if (values.count("file") == 0) throw InputError("check: expected at least one FILE (heddle help check)");
  std::vector<std::string> overrides;
  if (values.count("set")) overrides = values["set"].as<std::vector<std::string>>();
  for (const std::string& path : values["file"].as<std::vector<std::string>>())
    print(is_configuration(path) ? check_configuration(path, overrides) : check_matrix(path));
  return 0;
}

}  // namespace heddle
