// Sub-commands of a sub-command: heddle matrix info, heddle selector train.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/heddle/arguments.h"

namespace heddle {

struct Verb {
  std::string_view name;
  std::string_view text;
  int (*run)(const std::vector<std::string>&);  ///< takes the words after the verb
  CommandSyntax (*syntax)();
};

/// Runs the verb that `words` begins with, or prints its help or the list of all. Throws InputError with the nearest
/// name.
int run_verb(std::string_view command, std::span<const Verb> verbs, const std::vector<std::string>& words);

}  // namespace heddle
