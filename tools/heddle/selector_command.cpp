// heddle selector label|train|evaluate|choose
#include <cstdlib>
#include <filesystem>

#include "models/selector/label_store.h"
#include "sim/base/errors.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/selector_verbs.h"
#include "tools/heddle/verbs.h"

namespace heddle {
namespace {

constexpr Verb kVerbs[] = {
    {"label", "simulate what a plan names with every dataflow, into a store", selector_label, selector_label_syntax},
    {"train", "train a decision tree, or a deep Q-network, on labels", selector_train, selector_train_syntax},
    {"evaluate", "slowdown against the best dataflow in hindsight, of every selector", selector_evaluate,
     selector_evaluate_syntax},
    {"choose", "what to run for one product, and why", selector_choose, selector_choose_syntax}};

void add_machine(const std::string& name, selector::Machines& machines) {
  if (!machines.contains(name)) machines.emplace(name, load_machine(name, {}));
}

}  // namespace

int selector_command(const std::vector<std::string>& words) {
  return run_verb("selector", kVerbs, words);
}

selector::Machines load_machines(const selector::Plan& plan) {
  selector::Machines machines;
  for (const selector::MachineChoice& choice : plan.generated.machines) add_machine(choice.name, machines);
  for (const std::string& name : plan.real.machines) add_machine(name, machines);
  return machines;
}

std::string find_collection(const std::string& given) {
  namespace fs = std::filesystem;
  if (!given.empty()) return given;
  const char* const variable = std::getenv("HEDDLE_MATRICES");
  if (variable != nullptr && *variable != '\0') return variable;
  const fs::path beside = fs::path(HEDDLE_SOURCE_DIR).parent_path() / "shared/matrices";
  std::error_code unknown;
  return fs::is_regular_file(beside / "INDEX.csv", unknown) ? beside.string() : "";
}

selector::Table load_tables(const std::vector<std::string>& stores) {
  selector::Table table;
  std::string names;
  for (const std::string& path : stores) {
    Store store(path, Store::Access::read);
    for (selector::Example& example : selector::read_table(store)) table.push_back(std::move(example));
    names += (names.empty() ? "" : ", ") + path;
  }
  if (table.empty())
    throw InputError(names + ": no labels of this model version; expected a store that heddle selector label filled");
  return table;
}

}  // namespace heddle
