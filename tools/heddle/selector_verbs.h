// The verbs of heddle selector.
#pragma once

#include <string>
#include <vector>

#include "models/selector/plan.h"
#include "models/selector/table.h"
#include "tools/heddle/arguments.h"

namespace heddle {

CommandSyntax selector_label_syntax();
int selector_label(const std::vector<std::string>& words);
CommandSyntax selector_train_syntax();
int selector_train(const std::vector<std::string>& words);
CommandSyntax selector_evaluate_syntax();
int selector_evaluate(const std::vector<std::string>& words);
CommandSyntax selector_choose_syntax();
int selector_choose(const std::vector<std::string>& words);

/// Machines a plan names, by name.
selector::Machines load_machines(const selector::Plan& plan);
/// --matrices, else $HEDDLE_MATRICES, else ../shared/matrices beside the source tree if it is there, else "".
std::string find_collection(const std::string& given);
/// All labels of the stores, in one table. Throws InputError when there is none.
selector::Table load_tables(const std::vector<std::string>& stores);

}  // namespace heddle
