// heddle sweep FILE, and sweep merge | export | status for the stores it makes.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/base/errors.h"
#include "sim/base/help.h"
#include "sim/base/number.h"
#include "sim/base/spelling.h"
#include "tools/heddle/arguments.h"
#include "tools/heddle/commands.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/store_commands.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"
#include "tools/sweep/runner.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

constexpr std::uint32_t kMostShards = 100'000;
constexpr std::size_t kShownFailures = 20;

CommandSyntax sweep_syntax() {
  CommandSyntax syntax;
  syntax.name = "sweep";
  syntax.usage = "FILE|NAME [options]\n       heddle sweep status|merge|export STORE... (heddle sweep status --help)";
  syntax.text =
      "Runs every point of a sweep that its store does not have yet: machines x configuration axes x dataflows x\n"
      "matrices. Whatever ends it, the same command goes on where it was. FILE is YAML (--help-config, "
      "configs/README.md),\n"
      "or the name of a file in configs/sweeps.";
  syntax.positional = "file";
  syntax.most_positional = 1;
  const auto text = [] { return po::value<std::string>(); };
  syntax.options.add_options()("file", text(), "")("out,o", text()->value_name("STORE"),
                                                   "result store; otherwise NAME.db here")(
      "jobs,j", po::value<unsigned>()->value_name("N"), "threads; otherwise one per processor")(
      "shard", text()->value_name("I/N"),
      "run part I of N (from 1), in a store of its own; otherwise as the variables of a Slurm array say")(
      "dry-run", po::bool_switch(), "list the points and what they are expected to take; run nothing")(
      "retry", po::bool_switch(), "run failed points again")(
      "no-store", po::bool_switch(), "run every point and keep nothing: what the points take by themselves")(
      "quiet,q", po::bool_switch(), "no summary")("help-config", po::bool_switch(), "every key of a sweep file")(
      "help,h", "this text");
  return syntax;
}

std::optional<std::uint32_t> whole(const std::string& text) {
  const std::optional<Decimal> number = parse_decimal(text);
  const std::optional<std::uint64_t> value = number ? scale_exactly(*number, 1, kMostShards) : std::nullopt;
  if (!value) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const auto index = whole(text.substr(0, slash)), count = whole(text.substr(slash + 1));
    if (index && count && *index >= 1 && *index <= *count) return {*index, *count};
  }
  throw InputError("sweep: --shard: expected I/N with I from 1 to N, such as 1/4, got " + quote(text));
}

/// Task t of an array FIRST-LAST:STEP is part (t - FIRST) / STEP + 1.
std::optional<Shard> slurm_shard() {
  const auto variable = [](const char* name) -> std::optional<std::uint32_t> {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::nullopt : whole(value);
  };
  const auto task = variable("SLURM_ARRAY_TASK_ID"), count = variable("SLURM_ARRAY_TASK_COUNT");
  if (!task || !count) return std::nullopt;
  const std::uint32_t first = variable("SLURM_ARRAY_TASK_MIN").value_or(0);
  const std::uint32_t step = std::max(1U, variable("SLURM_ARRAY_TASK_STEP").value_or(1));
  if (*task < first || (*task - first) / step >= *count)
    throw InputError("sweep: the variables of the Slurm array contradict each other; expected --shard I/N");
  return Shard{(*task - first) / step + 1, *count};
}

struct SweepChoices {
  std::string file, out;
  PlanOptions plan;
  bool dry_run = false, quiet = false, keep = true;
};

SweepChoices read_choices(const po::variables_map& values) {
  SweepChoices choices;
  if (values.count("file") == 0) throw InputError("sweep: expected FILE (heddle help sweep)");
  choices.file = find_config("sweeps", values["file"].as<std::string>());
  if (values.count("out")) choices.out = values["out"].as<std::string>();
  choices.plan.jobs = values.count("jobs") ? values["jobs"].as<unsigned>() : std::thread::hardware_concurrency();
  if (choices.plan.jobs > 1024 || (values.count("jobs") && choices.plan.jobs == 0))
    throw InputError("sweep: --jobs: expected 1 to 1024 threads");
  choices.plan.jobs = std::max(1U, choices.plan.jobs);
  if (values.count("shard"))
    choices.plan.shard = parse_shard(values["shard"].as<std::string>());
  else if (const std::optional<Shard> shard = slurm_shard())
    choices.plan.shard = *shard;
  choices.dry_run = values["dry-run"].as<bool>();
  choices.quiet = values["quiet"].as<bool>();
  choices.keep = !values["no-store"].as<bool>();
  if (!choices.keep && !choices.out.empty()) throw InputError("sweep: --no-store and --out exclude each other");
  choices.plan.retry = values["retry"].as<bool>();
  choices.plan.all_costs = choices.dry_run;
  return choices;
}

std::string shard_text(const Shard& shard) {
  return "shard " + std::to_string(shard.index) + " of " + std::to_string(shard.count);
}

std::string store_name(const SweepChoices& choices, const Sweep& sweep) {
  if (!choices.out.empty()) return choices.out;
  const Shard& shard = choices.plan.shard;
  if (shard.count == 1) return sweep.name + ".db";
  return sweep.name + "." + std::to_string(shard.index) + "-of-" + std::to_string(shard.count) + ".db";
}

std::string dry_run_text(const Sweep& sweep, const Plan& plan, const SweepChoices& choices) {
  TextTable table({"point", "expected\ns", "state"});
  double due = 0, longest = 0;
  std::uint64_t count = 0;
  for (const PlannedRun& run : plan.runs) {
    const bool is_ours = run.shard == choices.plan.shard.index;
    const std::string state = !is_ours                            ? "other shard"
                              : is_due(run, choices.plan)         ? "to run"
                              : run.status == PointStatus::failed ? "failed"
                                                                  : "done";
    table.add({plan.label(sweep, run), readable(run.seconds), state});
    if (!is_due(run, choices.plan)) continue;
    ++count;
    due += run.seconds;
    longest = std::max(longest, run.seconds);
  }
  const double wall = std::max(longest, due / choices.plan.jobs);
  return table.render(false) + "\n" + grouped(plan.runs.size()) + " points, " + grouped(count) +
         " to run, expected to take " + duration_text(wall) + " with " + std::to_string(choices.plan.jobs) +
         (choices.plan.jobs == 1 ? " thread" : " threads") + " (estimates hold within about 3 x)\n";
}

/// Failed points of this plan and shard, with their errors, on standard error.
std::uint64_t list_failures(const Sweep& sweep, const Plan& plan, const PlanOptions& options, Store& store) {
  std::map<std::string, std::string> errors;
  store.scan({{"key", "error"}, "status = 'failed'", {}, sweep.name, false},
             [&](std::span<const Value> row) { errors[value_text(row[0])] = value_text(row[1]); });
  std::uint64_t failed = 0;
  for (const PlannedRun& run : plan.runs) {
    const auto error = errors.find(run.key);
    if (error == errors.end() || run.shard != options.shard.index) continue;
    if (++failed <= kShownFailures) message("failed: " + plan.label(sweep, run) + ": " + error->second);
  }
  if (failed > kShownFailures)
    message(grouped(failed - kShownFailures) + " more failed points: heddle sweep export " + store.path());
  return failed;
}

int run_sweep(const Sweep& sweep, const SweepChoices& choices) {
  const std::string path = store_name(choices, sweep);
  require_writable(path);
  Shelf shelf(sweep.matrices);
  std::unique_ptr<Store> old;  // a new store is made only when every matrix could be read
  if (file_exists(path)) old = std::make_unique<Store>(path, Store::Access::write);
  const Plan plan = make_plan(sweep, shelf, old.get(), choices.plan);
  old.reset();
  Store store(path, Store::Access::write);
  std::uint64_t due = 0, ours = 0;
  bool any_failed = false;
  double seconds = 0;
  for (const PlannedRun& run : plan.runs) {
    ours += run.shard == choices.plan.shard.index ? 1U : 0U;
    any_failed = any_failed || run.status == PointStatus::failed;
    if (!is_due(run, choices.plan)) continue;
    ++due;
    seconds += run.seconds;
  }
  RunCounts counts;
  {
    Progress progress(due, seconds, choices.plan.jobs);
    counts = run_plan(sweep, plan, choices.plan, shelf, &store, progress);
  }
  any_failed = any_failed || counts.failed != 0;
  const std::uint64_t failed = any_failed ? list_failures(sweep, plan, choices.plan, store) : 0;  // it reads every row
  if (!choices.quiet)
    print(sweep.name + (choices.plan.shard.count > 1 ? ", " + shard_text(choices.plan.shard) : "") + ": " +
          grouped(ours) + " points in " + store.path() + ", " + grouped(counts.ran) + " run now, " +
          grouped(ours - due) + " were there, " + grouped(failed) + " failed\n");
  return failed == 0 ? 0 : 1;
}

int run_without_store(const Sweep& sweep, const SweepChoices& choices) {
  Shelf shelf(sweep.matrices);
  const Plan plan = make_plan(sweep, shelf, nullptr, choices.plan);
  Progress progress(plan.runs.size(), 0, choices.plan.jobs);
  const RunCounts counts = run_plan(sweep, plan, choices.plan, shelf, nullptr, progress);
  if (!choices.quiet)
    print(sweep.name + ": " + grouped(counts.ran) + " points run, " + grouped(counts.failed) + " failed, none kept\n");
  return counts.failed == 0 ? 0 : 1;
}

}  // namespace

int sweep_command(const std::vector<std::string>& words) {
  if (!words.empty())
    if (const StoreCommand* const command = find_store_command(words[0]))
      return command->run({words.begin() + 1, words.end()});
  if (asks_for_help(words)) {
    print(help_text(sweep_syntax()));
    return 0;
  }
  const po::variables_map values = parse_arguments(sweep_syntax(), words);
  if (values["help-config"].as<bool>()) {
    print(help_config(SweepKeys{}) + "\nEach entry of matrices\n\n" + help_config(MatrixSetKeys{}) +
          "\nKeys of config: heddle simulate --help-config\n");
    return 0;
  }
  const SweepChoices choices = read_choices(values);
  const Sweep sweep = load_sweep(choices.file);
  for (const std::string& note : sweep.notes) message(note);
  if (!choices.dry_run) return choices.keep ? run_sweep(sweep, choices) : run_without_store(sweep, choices);
  Shelf shelf(sweep.matrices);
  std::optional<Store> store;
  const std::string path = store_name(choices, sweep);
  if (file_exists(path)) store.emplace(path, Store::Access::read);
  print(dry_run_text(sweep, make_plan(sweep, shelf, store ? &*store : nullptr, choices.plan), choices));
  return 0;
}

}  // namespace heddle
