// heddle selector train tree|dqn
#include <filesystem>

#include "models/selector/evaluate_streams.h"
#include "models/selector/model.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "sim/base/yaml_reader.h"
#include "tools/heddle/selector_verbs.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

using namespace selector;

std::string manifest(const std::string& what, const Table& table, std::uint64_t seed) {
  std::size_t real = 0;
  for (const Example& e : table) real += e.real;
  return "heddle selector train " + what + ", seed " + std::to_string(seed) + ", " +
         std::to_string(table.size() - real) + " generated and " + std::to_string(real) + " real products";
}

int train_tree_model(const Table& table, const std::string& out, std::uint64_t seed) {
  FitOptions options;
  options.seed = seed;
  Model model = fit(select(table, [](const Example&) { return true; }), options);
  model.manifest = manifest("tree", table, seed);
  namespace fs = std::filesystem;
  write_output(out, model_json(model).dump() + "\n");
  if (out != "-") {
    const fs::path base = fs::path(out).replace_extension();
    write_output(base.string() + ".txt", tree_text(model.classifier));
    write_output(base.string() + ".h", tree_header(model.classifier, "heddle_choose_dataflow"));
  }
  print(model.manifest + "\n" + std::to_string(model.classifier.depth()) + " levels, " +
        std::to_string(model.classifier.leaves()) + " leaves, " + std::to_string(model.classifier.bytes()) +
        " bytes\n");
  return 0;
}

std::string curve_text(const std::vector<LearningPoint>& curve) {
  TextTable table({"decisions", "random", "loss", "cycles over\noracle's"});
  for (const LearningPoint& p : curve)
    table.add({grouped(p.decisions), fixed(p.epsilon, 2), readable(p.loss), fixed(p.judged, 4)});
  return table.render(false);
}

int train_network(const Table& table, const std::string& setting, const DqnConfig& given, const std::string& out) {
  DqnConfig config = given;
  TrainedPolicy trained;
  const std::string saved = std::filesystem::path(out).replace_extension(".pt").string();
  if (setting == "one_step") {
    config.discount = 0;
    const Rows rows = select(table, [](const Example& e) { return !e.real; });
    const std::vector<std::uint32_t> folds = folds_by_family(rows, 5, 1);
    Rows training, judged;
    for (std::size_t i = 0; i < rows.size(); ++i) (folds[i] == 0 ? judged : training).push_back(rows[i]);
    OneStepEnvironment environment(training, judged, config.seed);
    trained = train_dqn(environment, config, saved);
  } else {
    const StreamSets sets = stream_sets(table, 1);
    if (sets.training.empty() || sets.judged.empty())
      throw InputError("selector train dqn: too few families on machines as filed to draw streams from");
    const std::vector<Stream> judged = judged_streams(sets.judged, 3, 99);
    StreamEnvironment environment(sets.training, judged, {}, switching_costs(), config.seed);
    trained = train_dqn(environment, config, saved);
  }
  trained.policy.setting = setting;
  trained.policy.manifest =
      manifest("dqn --setting " + setting + " --steps " + std::to_string(config.steps), table, config.seed);
  write_output(out, policy_text(trained.policy));
  Json curve = Json::array();
  for (const LearningPoint& point : trained.curve) curve.push_back(to_json(point));
  write_output(std::filesystem::path(out).replace_extension(".curve.json").string(), json_text(curve));
  print(trained.policy.manifest + "\n" + curve_text(trained.curve));
  return 0;
}

}  // namespace

CommandSyntax selector_train_syntax() {
  CommandSyntax syntax;
  syntax.name = "selector train";
  syntax.usage = "tree|dqn --labels STORE... --out FILE [options]";
  syntax.text =
      "tree: a decision tree that minimises cycles lost, depth and leaf size by cross-validation over families, and "
      "one\n"
      "regression tree per dataflow; writes FILE.json, the tree as text (.txt) and as a C++ header (.h).\n"
      "dqn: a double deep Q-network (needs a build with LibTorch); writes FILE.yaml, its learning curve (.curve.json)\n"
      "and LibTorch's own file (.pt). Deterministic: the same labels and seed give the same bytes.";
  syntax.positional = "what";
  syntax.most_positional = 1;
  syntax.options.add_options()("what", po::value<std::string>(), "")(
      "labels", po::value<std::vector<std::string>>()->multitoken()->value_name("STORE"), "labelled products")(
      "out,o", po::value<std::string>()->value_name("FILE"), "trained model")(
      "seed", po::value<std::uint64_t>()->default_value(1)->value_name("N"), "of everything random")(
      "setting", po::value<std::string>()->default_value("stream")->value_name("NAME"),
      "dqn: stream (the loaded dataflow is part of the state), or one_step (a contextual bandit)")(
      "steps", po::value<std::uint32_t>()->default_value(DqnConfig{}.steps)->value_name("N"), "dqn: decisions")(
      "help,h", po::bool_switch(), "this text");
  return syntax;
}

int selector_train(const std::vector<std::string>& words) {
  const po::variables_map values = parse_arguments(selector_train_syntax(), words);
  if (values.count("what") == 0 || values.count("labels") == 0 || values.count("out") == 0)
    throw InputError(
        "selector train: expected tree or dqn, --labels STORE and --out FILE (heddle help selector train)");
  const std::string what = values["what"].as<std::string>(), out = values["out"].as<std::string>();
  const std::vector<std::string_view> kinds = {"tree", "dqn"}, settings = {"stream", "one_step"};
  if (what != "tree" && what != "dqn")
    throw InputError("selector train: " + unknown_word("kind of model", what, kinds));
  const std::string setting = values["setting"].as<std::string>();
  if (setting != "stream" && setting != "one_step")
    throw InputError("--setting: " + unknown_word("setting", setting, settings));
  require_writable(out);
  const Table table = load_tables(values["labels"].as<std::vector<std::string>>());
  const std::uint64_t seed = values["seed"].as<std::uint64_t>();
  if (what == "tree") return train_tree_model(table, out, seed);
  DqnConfig config;
  config.seed = seed;
  config.steps = values["steps"].as<std::uint32_t>();
  if (config.steps < 1000) throw InputError("--steps: expected at least 1000");
  config.report_every = std::max(1u, config.steps / 12);
  return train_network(table, setting, config, out);
}

}  // namespace heddle
