// The shipped selector at work: for heddle selector choose and --dataflow auto.
#pragma once

#include <string>

#include "models/selector/explain_choice.h"

namespace heddle {

/// Path of a trained file: $HEDDLE_SELECTOR, the installed share/heddle/selector or the source tree's. Throws
/// InputError.
std::string find_trained(const std::string& name);
/// `model` empty: the shipped tree.
selector::Choice choose_dataflow(const Workload& workload, const Config& config, const std::string& model = {});
std::string choice_text(const selector::Choice& choice);

}  // namespace heddle
