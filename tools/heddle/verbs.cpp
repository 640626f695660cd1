#include "tools/heddle/verbs.h"

#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "tools/heddle/terminal.h"

namespace heddle {
namespace {

std::string joined(std::span<const Verb> verbs, std::string_view between, std::string_view before_last) {
  std::string text;
  for (const Verb& verb : verbs) {
    if (&verb != &verbs.front()) text += &verb == &verbs.back() ? before_last : between;
    text += verb.name;
  }
  return text;
}

std::string overview(const std::string& command, std::span<const Verb> verbs) {
  const std::string names = joined(verbs, "|", "|");
  std::string text = "Usage: heddle " + command + " " + names + " ...\n\n";
  for (const Verb& verb : verbs) {
    std::string name(verb.name);
    name.resize(10, ' ');
    text += "  " + name + " " + std::string(verb.text) + "\n";
  }
  return text + "\nheddle help " + command + " " + names + "\n";
}

}  // namespace

int run_verb(std::string_view command_name, std::span<const Verb> verbs, const std::vector<std::string>& words) {
  const std::string command(command_name);
  std::vector<std::string_view> names;
  for (const Verb& verb : verbs) {
    names.push_back(verb.name);
    if (words.empty() || words[0] != verb.name) continue;
    if (asks_for_help(words)) {
      print(help_text(verb.syntax()));
      return 0;
    }
    return verb.run({words.begin() + 1, words.end()});
  }
  if (asks_for_help(words)) {
    print(overview(command, verbs));
    return 0;
  }
  const std::string help = " (heddle help " + command + ")";
  if (words.empty()) throw InputError(command + ": expected " + joined(verbs, ", ", " or ") + help);
  throw InputError(unknown_word("sub-command of " + command, words[0], names) + help);
}

}  // namespace heddle
