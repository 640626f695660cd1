#include "tools/heddle/store_commands.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"
#include "tools/sweep/result_rows.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

constexpr std::size_t kShownPoints = 20;

CommandSyntax store_syntax(const std::string& name, const std::string& usage, const std::string& text) {
  CommandSyntax syntax;
  syntax.name = "sweep " + name;
  syntax.usage = usage;
  syntax.text = text;
  syntax.positional = "store";
  syntax.options.add_options()("store", po::value<std::vector<std::string>>(), "");
  return syntax;
}

std::vector<std::string> stores_of(const CommandSyntax& syntax, const po::variables_map& values) {
  if (values.count("store") == 0)
    throw InputError(syntax.name + ": expected " + syntax.usage + " (heddle " + syntax.name + " --help)");
  return values["store"].as<std::vector<std::string>>();
}

/// Planned points by what became of them.
struct Standing {
  std::uint64_t planned = 0, ok = 0;
  std::vector<std::string> failed, missing;  ///< labels, with the error of what failed
  bool complete() const { return failed.empty() && missing.empty(); }
};

Standing standing_of(Store& store, const std::string& sweep) {
  std::map<std::string, std::string> errors;  // of points that are there; "" if ok
  store.scan({{"key", "error"}, "", {}, sweep, false},
             [&](std::span<const Value> row) { errors[value_text(row[0])] = value_text(row[1]); });
  Standing standing;
  for (const PlannedPoint& point : store.plan(sweep)) {
    ++standing.planned;
    const auto found = errors.find(point.key);
    if (found == errors.end())
      standing.missing.push_back(point.label);
    else if (found->second.empty())
      ++standing.ok;
    else
      standing.failed.push_back(point.label + ": " + found->second);
  }
  return standing;
}

void list(std::string& text, const std::string& word, const std::vector<std::string>& labels) {
  for (std::size_t i = 0; i < std::min(labels.size(), kShownPoints); ++i) text += "  " + word + ": " + labels[i] + "\n";
  if (labels.size() > kShownPoints) text += "  " + word + ": and " + grouped(labels.size() - kShownPoints) + " more\n";
}

/// One line per sweep, and the points that are not there; says whether all are.
bool standing_text(Store& store, std::string& text) {
  bool complete = true;
  for (const std::string& sweep : store.sweeps()) {
    const Standing standing = standing_of(store, sweep);
    text += store.path() + ": " + sweep + ": " + grouped(standing.planned) + " points, " + grouped(standing.ok) +
            " done, " + grouped(standing.failed.size()) + " failed, " + grouped(standing.missing.size()) + " missing\n";
    list(text, "failed", standing.failed);
    list(text, "missing", standing.missing);
    complete = complete && standing.complete();
  }
  return complete;
}

int status_command(const std::vector<std::string>& words) {
  CommandSyntax syntax = store_syntax(
      "status", "STORE...",
      "How far the sweeps of each store are, which points failed and which are missing. May be asked while\n"
      "a sweep runs. Exit code 1 when any point failed or is missing.");
  syntax.options.add_options()("help,h", "this text");
  if (asks_for_help(words)) return print(help_text(syntax)), 0;
  bool complete = true;
  for (const std::string& path : stores_of(syntax, parse_arguments(syntax, words))) {
    Store store(path, Store::Access::read);
    std::string text;
    complete = standing_text(store, text) && complete;
    print(text + path + ": " + grouped(store.count(PointStatus::ok)) + " results in all\n");
  }
  return complete ? 0 : 1;
}

int merge_command(const std::vector<std::string>& words) {
  CommandSyntax syntax = store_syntax("merge", "STORE... --out STORE",
                                      "Puts the points of all stores into one, which may exist, and says whether its "
                                      "sweeps are complete now.\nExit code 1 when points failed, are missing, or "
                                      "differ between stores.");
  syntax.options.add_options()("out,o", po::value<std::string>()->value_name("STORE"), "the store they go to")(
      "help,h", "this text");
  if (asks_for_help(words)) return print(help_text(syntax)), 0;
  const po::variables_map values = parse_arguments(syntax, words);
  const std::vector<std::string> paths = stores_of(syntax, values);
  if (values.count("out") == 0) throw InputError("sweep merge: expected --out STORE (heddle sweep merge --help)");
  const std::string out = values["out"].as<std::string>();
  std::vector<std::unique_ptr<Store>> sources;  // all are opened before anything is written
  for (const std::string& path : paths) {
    std::error_code unknown;
    if (std::filesystem::equivalent(path, out, unknown))
      throw InputError("sweep merge: " + path + ": is the store to merge into, too");
    sources.push_back(std::make_unique<Store>(path, Store::Access::read));
  }
  Store merged(out, Store::Access::write);
  std::uint64_t conflicts = 0;
  for (const auto& source : sources) {
    const Store::Merged outcome = merged.merge(*source);
    print(source->path() + ": " + grouped(outcome.added) + " added, " + grouped(outcome.equal) + " there already\n");
    for (const std::string& key : outcome.conflicts) message(source->path() + ": differs from what is there: " + key);
    conflicts += outcome.conflicts.size();
  }
  std::string text;
  const bool complete = standing_text(merged, text);
  print(text);
  return complete && conflicts == 0 ? 0 : 1;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    words.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

int export_command(const std::vector<std::string>& words) {
  CommandSyntax syntax = store_syntax(
      "export", "STORE [options]",
      "The rows of a store, one per point, with every key of the configuration that varies as config.KEY.");
  syntax.most_positional = 1;
  syntax.options.add_options()("as", po::value<std::string>()->value_name("csv|jsonl|units")->default_value("csv"),
                               "format; units: name, type, unit and sentence of each column")(
      "out,o", po::value<std::string>()->value_name("FILE")->default_value("-"), "- is standard output")(
      "sweep", po::value<std::string>()->value_name("NAME"), "only points of this sweep, in its order")(
      "columns", po::value<std::string>()->value_name("NAME,..."), "only these, in this order")(
      "host", po::bool_switch(), "also what the simulation took on its host")("help,h", "this text");
  if (asks_for_help(words)) return print(help_text(syntax)), 0;
  const po::variables_map values = parse_arguments(syntax, words);
  Store store(stores_of(syntax, values).front(), Store::Access::read);
  RowChoice choice;
  if (values.count("sweep")) choice.sweep = values["sweep"].as<std::string>();
  if (values.count("columns")) choice.columns = split(values["columns"].as<std::string>());
  choice.host = values["host"].as<bool>();
  const std::string format = values["as"].as<std::string>();
  if (format != "csv" && format != "jsonl" && format != "units")
    throw InputError("sweep export: --as: expected csv, jsonl or units");
  ResultRows rows(store, choice);
  write_output(values["out"].as<std::string>(), format == "csv"     ? rows_csv(rows)
                                                : format == "jsonl" ? rows_jsonl(rows)
                                                                    : columns_csv(rows));
  return 0;
}

constexpr StoreCommand kStoreCommands[] = {
    {"status", status_command}, {"merge", merge_command}, {"export", export_command}};

}  // namespace

const StoreCommand* find_store_command(const std::string& name) {
  for (const StoreCommand& command : kStoreCommands)
    if (command.name == name) return &command;
  return nullptr;
}

bool file_exists(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::exists(path, unknown);
}

}  // namespace heddle
