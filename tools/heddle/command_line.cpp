#include "tools/heddle/command_line.h"

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "heddle_version.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/interrupt.h"
#include "tools/heddle/terminal.h"

namespace heddle {
namespace {

constexpr Command kCommands[] = {
    {"simulate", "run matrices on a machine, one or all dataflows; cycles, traffic, energy and stall reasons",
     simulate_command},
    {"sweep", "machines x axes x dataflows x matrices from one file, into a store that a rerun completes",
     sweep_command},
    {"matrix", "info, generate, convert, reorder: look at, make and rewrite matrix files", matrix_command},
    {"report", "results as one HTML page, and figures for papers", report_command},
    {"replay", "published workloads on the simulator, their figures beside ours", replay_command},
    {"check", "is this configuration or matrix valid, and what is it?", check_command},
    {"compare", "differences between two result files of simulate", compare_command},
    {"reproduce", "figures that others published beside ours: error and verdict for each", reproduce_command},
    {"selector", "label, train, evaluate, choose: which dataflow fits a product", selector_command},
    {"help", "this list, or the help of one sub-command", help_command}};

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    help_command({});
    return 2;
  }
  if (words[0] == "--version" || words[0] == "-V") {
    print(std::string("heddle ") + kVersion + "\n");
    return 0;
  }
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (words[0] == "--help" || words[0] == "-h") return help_command(rest);
  return find_command(words[0]).run(rest);
}

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command& find_command(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  throw InputError(unknown_word("sub-command", name, names) + " (heddle help)");
}

int run_command_line(int argc, char** argv) {
  install_interrupt_handler();
  try {
    return dispatch({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const InputError& error) {
    message(error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    message("out of memory");
    return 2;
  } catch (const std::exception& error) {
    message(std::string("internal error (please report it with the command): ") + error.what());
    return 3;
  }
}

}  // namespace heddle
