// Command lines: Boost.Program_options with messages that name the nearest spelling.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

namespace heddle {

/// What `heddle help SUB` prints and what SUB accepts.
struct CommandSyntax {
  std::string name;   ///< "simulate", "matrix info"
  std::string usage;  ///< "MATRIX... [options]"
  std::string text;   ///< what it does, one short paragraph
  boost::program_options::options_description options{"Options"};
  std::string positional;  ///< name of the option that takes the words without dashes; empty for none
  int most_positional = -1;
};

/// Throws InputError for anything the syntax does not allow.
boost::program_options::variables_map parse_arguments(const CommandSyntax& syntax,
                                                      const std::vector<std::string>& words);

/// Usage, text and options.
std::string help_text(const CommandSyntax& syntax);

/// True when `--help` or `-h` is among the words.
bool asks_for_help(const std::vector<std::string>& words);

}  // namespace heddle
