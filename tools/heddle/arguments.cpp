#include "tools/heddle/arguments.h"

#include <algorithm>
#include <sstream>
#include <string_view>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

std::string without_dashes(std::string word) {
  word.erase(0, word.find_first_not_of('-'));
  return word.substr(0, word.find('='));
}

[[noreturn]] void unknown_option(const CommandSyntax& syntax, const std::string& word) {
  std::vector<std::string> names;
  for (const auto& option : syntax.options.options())
    if (option->long_name() != syntax.positional) names.push_back(option->long_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string near = nearest(without_dashes(word), views);
  throw InputError(syntax.name + ": unknown option " + quote(word) +
                   (near.empty() ? "" : "; did you mean --" + near + "?") + " (heddle help " + syntax.name + ")");
}

po::variables_map parse(const CommandSyntax& syntax, const std::vector<std::string>& words) {
  using namespace po::command_line_style;
  po::positional_options_description positional;
  if (!syntax.positional.empty()) positional.add(syntax.positional.c_str(), syntax.most_positional);
  po::variables_map values;
  po::store(po::command_line_parser(words)
                .options(syntax.options)
                .positional(positional)
                .style(unix_style & ~allow_guessing)
                .run(),
            values);
  po::notify(values);
  return values;
}

}  // namespace

po::variables_map parse_arguments(const CommandSyntax& syntax, const std::vector<std::string>& words) {
  const std::string hint = " (heddle help " + syntax.name + ")";
  try {
    return parse(syntax, words);
  } catch (const po::unknown_option& error) {
    unknown_option(syntax, error.get_option_name());
  } catch (const po::too_many_positional_options_error&) {
    throw InputError(syntax.name + ": too many arguments; expected " + syntax.usage + hint);
  } catch (const po::error& error) {
    throw InputError(syntax.name + ": " + error.what() + hint);
  }
}

std::string help_text(const CommandSyntax& syntax) {
  std::ostringstream text;
  text << "Usage: heddle " << syntax.name << " " << syntax.usage << "\n\n" << syntax.text << "\n";
  po::options_description shown("Options", 100, 60);
  for (const auto& option : syntax.options.options())
    if (option->long_name() != syntax.positional) shown.add(option);
  text << "\n" << shown;
  return text.str();
}

bool asks_for_help(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& w) { return w == "--help" || w == "-h"; });
}

}  // namespace heddle
