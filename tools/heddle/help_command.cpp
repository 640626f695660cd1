// heddle help [SUB]
#include "sim/base/errors.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/result_json.h"
#include "tools/heddle/terminal.h"

namespace heddle {
namespace {

std::string overview() {
  std::string text =
      "Heddle simulates sparse matrix-multiply accelerators cycle by cycle.\n\n"
      "Usage: heddle SUB-COMMAND [options]\n\n";
  for (const Command& command : commands()) {
    std::string name(command.name);
    name.resize(10, ' ');
    text += "  " + name + " " + std::string(command.text) + "\n";
  }
  return text +
         "\nheddle help SUB-COMMAND          its options\n"
         "heddle help results              every key of a result, with unit\n"
         "heddle simulate --help-config    every key of a configuration, with unit, range and default\n"
         "heddle --version\n\n"
         "Results go to standard output, messages to standard error. Exit codes: 0 success, 1 a comparison failed,\n"
         "2 the input is wrong (the message says where and what was expected), 3 a fault of Heddle.\n";
}

}  // namespace

int help_command(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "help" || asks_for_help(words)) {
    print(overview());
    return 0;
  }
  if (words[0] == "results") {
    print(report_keys_text());
    return 0;
  }
  std::vector<std::string> rest(words.begin() + 1, words.end());
  rest.push_back("--help");
  return find_command(words[0]).run(rest);
}

}  // namespace heddle
