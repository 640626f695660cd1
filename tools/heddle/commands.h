// The sub-commands. Each takes the words after its name and returns the exit code; errors are thrown.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

int simulate_command(const std::vector<std::string>& words);
int sweep_command(const std::vector<std::string>& words);
int report_command(const std::vector<std::string>& words);
int matrix_command(const std::vector<std::string>& words);
int replay_command(const std::vector<std::string>& words);
int check_command(const std::vector<std::string>& words);
int compare_command(const std::vector<std::string>& words);
int reproduce_command(const std::vector<std::string>& words);
int selector_command(const std::vector<std::string>& words);
int help_command(const std::vector<std::string>& words);

/// One row per sub-command: the only list of them.
struct Command {
  std::string_view name;
  std::string_view text;
  int (*run)(const std::vector<std::string>&);
};
std::span<const Command> commands();
/// Throws InputError with the nearest name.
const Command& find_command(const std::string& name);

}  // namespace heddle
