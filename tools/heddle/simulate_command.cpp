// heddle simulate: the main job.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/base/help.h"
#include "sim/base/spelling.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/estimate.h"
#include "tools/heddle/explain.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/report_table.h"
#include "tools/heddle/result_json.h"
#include "tools/heddle/selector_choice.h"
#include "tools/heddle/simulate_syntax.h"
#include "tools/heddle/terminal.h"
#include "tools/heddle/trace.h"

namespace heddle {
namespace {

void refuse_bad_combinations(const SimulateChoices& choices) {
  if (choices.matrices.empty()) throw InputError("simulate: expected at least one MATRIX (heddle help simulate)");
  if (choices.operands.b && choices.matrices.size() > 1)
    throw InputError("simulate: --b goes with one MATRIX; got " + std::to_string(choices.matrices.size()));
  int to_stdout = 0;
  for (const std::string* path : {&choices.json, &choices.csv, &choices.trace}) to_stdout += *path == "-" ? 1 : 0;
  if (to_stdout > 1) throw InputError("simulate: only one of --json, --csv and --trace can go to standard output (-)");
  if (choices.trace.empty() && choices.trace_window) throw InputError("simulate: --trace-window needs --trace FILE");
}

/// The text for people goes to standard output unless a file for programs does.
bool shows_tables(const SimulateChoices& choices) {
  return !choices.quiet && choices.json != "-" && choices.csv != "-" && choices.trace != "-";
}

void run_experiment(Experiment& experiment, const SimulateChoices& choices, TraceWriter* trace) {
  for (const CatalogEntry* const entry : choices.dataflows) {
    if (trace != nullptr) trace->begin_run(experiment.workload.a_name + ": " + std::string(entry->name));
    experiment.runs.push_back(run_dataflow(*entry, experiment, trace));
  }
}

/// Explanations of all runs. The experiments of --explain=verify run without a check and without a timeline.
std::string explanations(const Experiment& experiment, const SimulateChoices& choices) {
  std::string text = "explanation\n";
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const Explanation explanation = explain(experiment.runs[i].report, experiment.workload, experiment.config);
    text += explanation_text(explanation);
    if (choices.explain == ExplainMode::verify)
      text += verification_text(verify(explanation, *choices.dataflows[i], experiment));
  }
  return text;
}

/// With --dataflow auto: the selector's choice for this product, in place of a list of dataflows.
std::optional<selector::Choice> apply_choice(SimulateChoices& choices, const Experiment& experiment, bool tables) {
  if (!choices.automatic) return std::nullopt;
  const selector::Choice choice = choose_dataflow(experiment.workload, experiment.config);
  choices.dataflows = {&catalog()[choice.dataflow]};
  if (tables) print(choice_text(choice) + "\n");
  return choice;
}

Json simulate_matrix(const std::string& path, SimulateChoices choices, const Config& config, TraceWriter* trace) {
  Experiment experiment = load_experiment(path, choices.operands, config);
  const bool tables = shows_tables(choices);
  if (tables) print(experiment_header(experiment));
  const std::optional<selector::Choice> choice = apply_choice(choices, experiment, tables);
  if (choices.estimate) {
    print(estimate_text(experiment, choices.dataflows));
    return {};
  }
  prepare_check(experiment, choices.check);
  run_experiment(experiment, choices, trace);
  if (tables) print(experiment_tables(experiment, wants_colour(stdout), choices.host));
  if (choices.explain != ExplainMode::off) {
    const std::string text = explanations(experiment, choices);
    if (tables)
      print(text);
    else
      message(text);
  }
  Json json = experiment_json(experiment, choices.host);
  if (choice) json["selection"].update(selector::choice_json(*choice));
  return json;
}

void write_results(const SimulateChoices& choices, const std::vector<Json>& results) {
  if (!choices.json.empty())
    write_output(choices.json, json_text(results.size() == 1 ? results.front() : Json(results)));
  if (!choices.csv.empty()) write_output(choices.csv, experiments_csv(results));
}

}  // namespace

int simulate_command(const std::vector<std::string>& words) {
  if (asks_for_help(words)) {
    print(help_text(simulate_syntax()));
    return 0;
  }
  const SimulateChoices choices = parse_simulate(words);
  if (choices.help_config) {
    print(help_config(Config{}));
    return 0;
  }
  refuse_bad_combinations(choices);
  for (const std::string* path : {&choices.json, &choices.csv, &choices.trace}) require_writable(*path);
  const Config config = load_machine(choices.machine, choices.overrides);
  for (const CatalogEntry* const entry : choices.dataflows) entry->validate(config);
  for (std::size_t i = 0; choices.automatic && i < catalog().size(); ++i) catalog()[i].validate(config);
  std::optional<TraceWriter> trace;
  if (!choices.trace.empty() && !choices.estimate) trace.emplace(choices.trace, trace_limits(choices));
  std::vector<Json> results;
  for (std::size_t i = 0; i < choices.matrices.size(); ++i) {
    if (i > 0 && shows_tables(choices)) print("\n");
    results.push_back(simulate_matrix(choices.matrices[i], choices, config, trace ? &*trace : nullptr));
  }
  if (choices.estimate) return 0;
  if (trace) {
    trace->finish();
    if (trace->dropped() > 0)
      message(choices.trace + ": " + std::to_string(trace->dropped()) +
              " slices left out to stay below --trace-max-bytes; --trace-window FIRST:LAST picks a part");
  }
  write_results(choices, results);
  return 0;
}

}  // namespace heddle
