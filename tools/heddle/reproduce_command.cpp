// heddle reproduce [ACCELERATOR...]: published figures beside ours.
#include <algorithm>
#include <string>
#include <vector>

#include "heddle_version.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/reproduce.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

CommandSyntax reproduce_syntax() {
  CommandSyntax syntax;
  syntax.name = "reproduce";
  syntax.usage = "[ACCELERATOR...] [options]";
  syntax.text =
      "Runs figures that others published again: value, ours, error, verdict, and the geometric mean of ours / "
      "published "
      "per accelerator. Rows whose matrix is not in the collection, or whose mechanism is not modelled, are listed as "
      "not run and never counted as passed.";
  syntax.positional = "accelerator";
  syntax.options.add_options()("accelerator", po::value<std::vector<std::string>>(), "")(
      "matrices", po::value<std::string>()->value_name("FOLDER"),
      "the collection (default $HEDDLE_MATRICES, or ../shared/matrices beside the source tree)")(
      "published", po::value<std::string>()->value_name("FOLDER"),
      "the .yaml files of published figures (default tests/published of the source tree)")(
      "html", po::value<std::string>()->value_name("FILE"), "all rows as one page")(
      "list", po::bool_switch(), "names of the accelerators, nothing is run")(
      "json", po::value<std::string>()->value_name("FILE"), "all rows as JSON; - is standard output")("help,h",
                                                                                                      "this text");
  return syntax;
}

std::string error_text(const ReproducedRow& row) {
  if (row.verdict == Verdict::not_run) return "-";
  const std::string number = row.absolute ? fixed(row.error, 3) : fixed(100 * row.error, 1) + " %";
  return (row.error >= 0 ? "+" : "") + number;
}

std::string limit_text(const ReproducedRow& row) {
  return row.absolute ? fixed(row.tolerance, 3) : fixed(100 * row.tolerance, 0) + " %";
}

std::string rows_text(const std::vector<ReproducedRow>& rows, bool colour) {
  TextTable table({"figure", "published", "ours", "unit", "error", "allowed", "verdict"});
  for (const ReproducedRow& row : rows)
    table.add({row.id, readable(row.published), row.verdict == Verdict::not_run ? "-" : readable(row.ours), row.unit,
               error_text(row), limit_text(row), std::string(enum_name(row.verdict))},
              row.verdict == Verdict::miss);
  return table.render(colour);
}

std::string reasons_text(const std::vector<ReproducedRow>& rows) {
  std::string text;
  std::string last;
  for (const ReproducedRow& row : rows) {
    if (row.reason.empty()) continue;
    if (row.reason != last) text += "  " + row.reason + ":\n";
    text += "    " + row.id + "\n";
    last = row.reason;
  }
  return text.empty() ? "" : "\nnot run, or not counted\n" + text;
}

std::string summary_text(const std::vector<ReproducedRow>& rows, bool colour) {
  TextTable table({"accelerator", "pass", "miss", "partial", "fitted", "not run", "geomean ours / published"});
  for (const ReproducedSummary& s : summarise(rows))
    table.add({s.accelerator, grouped(s.pass), grouped(s.miss), grouped(s.partial), grouped(s.fitted),
               grouped(s.not_run), s.geomean == 0 ? "-" : fixed(s.geomean, 3)});
  return "\n" + table.render(colour);
}

/// Those named, or all.
std::vector<PublishedFile> chosen(std::vector<PublishedFile> files, const std::vector<std::string>& names) {
  std::vector<PublishedFile> picked;
  std::vector<std::string_view> known;
  for (const PublishedFile& file : files) known.push_back(file.accelerator);
  for (const std::string& name : names) {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const PublishedFile& f) { return f.accelerator == name; });
    if (found == files.end()) throw InputError(unknown_word("accelerator", name, known));
    picked.push_back(*found);
  }
  return names.empty() ? files : picked;
}

void write_json(const std::string& path, const std::vector<ReproducedRow>& rows) {
  Json root;
  root["heddle"] = kVersion;
  root["rows"] = Json::array();
  for (const ReproducedRow& row : rows) root["rows"].push_back(to_json(row));
  root["accelerators"] = Json::array();
  for (const ReproducedSummary& summary : summarise(rows)) root["accelerators"].push_back(to_json(summary));
  write_output(path, json_text(root));
}

}  // namespace

int reproduce_command(const std::vector<std::string>& words) {
  if (asks_for_help(words)) {
    print(help_text(reproduce_syntax()));
    return 0;
  }
  const auto values = parse_arguments(reproduce_syntax(), words);
  const auto text = [&](const char* option, const std::string& otherwise) {
    return values.count(option) ? values[option].as<std::string>() : otherwise;
  };
  std::vector<std::string> names;
  if (values.count("accelerator")) names = values["accelerator"].as<std::vector<std::string>>();
  const auto files = chosen(load_published_folder(text("published", HEDDLE_SOURCE_DIR "/tests/published")), names);
  if (values["list"].as<bool>()) {
    for (const PublishedFile& file : files) print(file.accelerator + "\n");
    return 0;
  }
  const std::string json = text("json", "");
  const std::string html = text("html", "");
  require_writable(json);
  require_writable(html);
  Reproduction reproduction(text("matrices", default_collection()));
  std::vector<ReproducedRow> rows;
  for (const PublishedFile& file : files)
    for (ReproducedRow& row : reproduction.run(file)) rows.push_back(std::move(row));
  if (json != "-")
    print(rows_text(rows, wants_colour(stdout)) + reasons_text(rows) + summary_text(rows, wants_colour(stdout)));
  if (!json.empty()) write_json(json, rows);
  if (!html.empty()) write_output(html, reproduction_html(rows));
  return 0;
}

}  // namespace heddle
