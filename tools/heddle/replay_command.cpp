// heddle replay FILE...: published workloads on the simulator, by `kind:` in the file.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/replay.h"
#include "tools/heddle/replay_html.h"
#include "tools/heddle/terminal.h"
#include "tools/heddle/trace.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

using Words = std::vector<std::string>;

CommandSyntax replay_syntax() {
  CommandSyntax syntax;
  syntax.name = "replay";
  syntax.usage = "FILE... [options]";
  syntax.text =
      "Runs a workload of a paper on the simulator and prints published figures beside ours. FILE is the\n"
      "path of a workload or a name in configs/workloads; its `kind:` is one of:";
  for (const ReplayKind& kind : replay_kinds())
    syntax.text += "\n  " + std::string(kind.name) + ": " + std::string(kind.text);
  syntax.positional = "file";
  syntax.options.add_options()("file", po::value<Words>(), "")(
      "set", po::value<Words>()->value_name("KEY=VALUE")->composing(), "change one key of the workload")(
      "json", po::value<std::string>()->value_name("FILE"), "results as JSON; - is standard output")(
      "html", po::value<std::string>()->value_name("FILE"), "one page with figures and tables; needs gnuplot")(
      "trace", po::value<std::string>()->value_name("FILE"), "timeline for ui.perfetto.dev, of one FILE")(
      "check", po::bool_switch(), "exit code 1 when a judged row is beyond its tolerance")(
      "quiet,q", po::bool_switch(), "no tables")("help-config", po::value<std::string>()->value_name("KIND"),
                                                 "every key of a kind: unit, range, default")("help,h", "this text");
  return syntax;
}

Words words_of(const po::variables_map& values, const char* name) {
  return values.count(name) ? values[name].as<Words>() : Words{};
}
std::string text_of(const po::variables_map& values, const char* name) {
  return values.count(name) ? values[name].as<std::string>() : std::string();
}

struct Outcome {
  ReplayPage page;
  Json json;
  std::string text;
  bool holds = true;
};

Outcome replay_file(const std::string& file, const Words& overrides, ActivitySink* timeline) {
  ConfigTree tree = load_config(find_config("workloads", file));
  for (const std::string& assignment : overrides) apply_override(tree, assignment);
  const ReplayKind& kind = kind_of(tree);
  Outcome outcome{{file, &kind, kind.run(tree, true, timeline)}, {}, {}, true};
  const ReplayRun& run = outcome.page.run;
  outcome.json = replay_json(kind, run);
  outcome.text = replay_text(run.result, wants_colour(stdout));
  for (const ReplayRow& row : run.result.rows) outcome.holds = outcome.holds && row.holds();
  return outcome;
}

}  // namespace

int replay_command(const Words& words) {
  if (asks_for_help(words)) {
    print(help_text(replay_syntax()));
    return 0;
  }
  const auto values = parse_arguments(replay_syntax(), words);
  if (values.count("help-config")) {
    const std::string kind = text_of(values, "help-config");
    print(find_replay_kind(kind).keys(kind));
    return 0;
  }
  const Words files = words_of(values, "file");
  const std::string json_path = text_of(values, "json"), trace_path = text_of(values, "trace");
  const std::string html_path = text_of(values, "html");
  if (files.empty()) throw InputError("replay: expected at least one FILE (heddle help replay)");
  if (!trace_path.empty() && files.size() > 1) throw InputError("replay: --trace goes with one FILE only");
  if (!json_path.empty()) require_writable(json_path);
  if (!html_path.empty()) require_writable(html_path);
  std::vector<ReplayPage> pages;
  Json results = Json::array();
  std::string text;
  bool holds = true;
  for (const std::string& file : files) {
    std::unique_ptr<TraceWriter> trace;
    if (!trace_path.empty()) trace = std::make_unique<TraceWriter>(trace_path, TraceLimits{});
    if (trace) trace->begin_run(std::filesystem::path(file).stem().string());
    Outcome outcome = replay_file(file, words_of(values, "set"), trace.get());
    if (trace) trace->finish();
    text += (text.empty() ? "" : "\n") + outcome.text;
    results.push_back(std::move(outcome.json));
    pages.push_back(std::move(outcome.page));
    holds = holds && outcome.holds;
  }
  const std::string html = html_path.empty() ? "" : replay_html(pages);
  if (!values["quiet"].as<bool>() && json_path != "-") print(text);
  if (!json_path.empty()) write_output(json_path, json_text(results.size() == 1 ? results.front() : results));
  if (!html_path.empty()) write_output(html_path, html);
  return values["check"].as<bool>() && !holds ? 1 : 0;
}

}  // namespace heddle
