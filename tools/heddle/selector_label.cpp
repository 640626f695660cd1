// heddle selector label PLAN
#include <unistd.h>
#include <chrono>
#include <cstdio>

#include "models/selector/label_store.h"
#include "sim/base/errors.h"
#include "sim/base/help.h"
#include "tools/heddle/selector_verbs.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

/// "3/8": the third of eight.
void parse_shard(const std::string& text, selector::LabelOptions& options) {
  unsigned shard = 0, shards = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%u/%u%c", &shard, &shards, &rest) != 2 || shards == 0 || shard == 0 ||
      shard > shards || shards > 100000)
    throw InputError("--shard: expected I/N with 1 <= I <= N, got " + text);
  options.shard = shard - 1;
  options.shards = shards;
}

std::string summary(const selector::LabelProgress& p) {
  return grouped(p.wanted) + " pairs: " + grouped(p.present) + " were there, " + grouped(p.done) + " simulated, " +
         grouped(p.failed) + " failed\n";
}

/// A line a second on a terminal.
class ProgressLine {
 public:
  void operator()(const selector::LabelProgress& p) {
    const auto now = std::chrono::steady_clock::now();
    if (isatty(STDERR_FILENO) == 0 || now - shown_ < std::chrono::seconds(1)) return;
    shown_ = now;
    std::fprintf(stderr, "\r%zu of %zu", p.present + p.done + p.failed, p.wanted);
  }
  ~ProgressLine() {
    if (shown_ != std::chrono::steady_clock::time_point{}) std::fprintf(stderr, "\n");
  }

 private:
  std::chrono::steady_clock::time_point shown_{};
};

}  // namespace

CommandSyntax selector_label_syntax() {
  CommandSyntax syntax;
  syntax.name = "selector label";
  syntax.usage = "PLAN.yaml --out STORE [options]";
  syntax.text =
      "Simulates every product of the plan with every dataflow on its machine and keeps cycles, traffic, energy and\n"
      "what a selector may measure. Resumable: pairs the store has already are not run again. Shards may write to one\n"
      "store, or to several that heddle sweep merge joins.";
  syntax.positional = "plan";
  syntax.most_positional = 1;
  syntax.options.add_options()("plan", po::value<std::string>(), "")(
      "out,o", po::value<std::string>()->value_name("STORE"), "result store, made if there is none")(
      "jobs,j", po::value<std::uint32_t>()->default_value(1)->value_name("N"), "threads")(
      "shard", po::value<std::string>()->default_value("1/1")->value_name("I/N"),
      "only every N-th pair, from the I-th")(
      "matrices", po::value<std::string>()->default_value("")->value_name("FOLDER"),
      "collection of the real pairs, with an INDEX.csv; default $HEDDLE_MATRICES. Without one they are left out")(
      "measure-only", po::bool_switch(), "simulate nothing; measure anew what has been simulated")(
      "dry-run", po::bool_switch(), "only count what is missing")(
      "help-config", po::bool_switch(), "every key of a plan: unit, range, default")("help,h", po::bool_switch(),
                                                                                     "this text");
  return syntax;
}

int selector_label(const std::vector<std::string>& words) {
  const po::variables_map values = parse_arguments(selector_label_syntax(), words);
  if (values["help-config"].as<bool>()) {
    print(help_config(selector::Plan{}));
    return 0;
  }
  if (values.count("plan") == 0 || values.count("out") == 0)
    throw InputError("selector label: expected PLAN.yaml and --out STORE (heddle help selector label)");
  selector::LabelOptions options;
  parse_shard(values["shard"].as<std::string>(), options);
  options.jobs = values["jobs"].as<std::uint32_t>();
  if (options.jobs < 1 || options.jobs > 1024) throw InputError("--jobs: expected 1 to 1024");
  options.measure_only = values["measure-only"].as<bool>();
  const selector::Plan plan = selector::load_plan(values["plan"].as<std::string>());
  const std::string collection = find_collection(values["matrices"].as<std::string>());
  if (collection.empty() && !plan.real.machines.empty())
    message("no collection of matrices (--matrices, $HEDDLE_MATRICES): real pairs are left out");
  const std::vector<selector::PairRecipe> pairs = selector::expand(plan, load_machines(plan), collection);
  if (values["dry-run"].as<bool>()) {
    print(grouped(pairs.size()) + " pairs in the plan\n");
    return 0;
  }
  Store store(values["out"].as<std::string>(), Store::Access::write);
  ProgressLine line;
  const selector::LabelProgress progress = selector::label_all(plan, pairs, store, options, std::ref(line));
  print(summary(progress));
  return progress.failed > 0 ? 1 : 0;
}

}  // namespace heddle
