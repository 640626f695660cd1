// heddle selector evaluate
#include "models/selector/evaluate.h"

#include "models/selector/evaluate_parts.h"
#include "models/selector/evaluate_streams.h"
#include "sim/base/errors.h"
#include "sim/report/model_version.h"
#include "tools/heddle/selector_choice.h"
#include "tools/heddle/selector_verbs.h"
#include "tools/heddle/table.h"
#include "tools/heddle/terminal.h"

namespace po = boost::program_options;

namespace heddle {
namespace {

using namespace selector;

double number(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0;
}

std::string scores_text(const std::string& title, const Json& scores) {
  TextTable table({title, "slowdown\ngeomean", "of oracle\n%", "headroom\n%", "right\n%", "right, apart\n> 5 %, %",
                   "F1", "p95", "max", "worst on"});
  for (const auto& [name, s] : scores.items()) {
    const bool full = s.contains("p95");
    table.add({name, fixed(number(s, "geomean"), 3), full ? percent(number(s, "oracle_share")) : "",
               full ? percent(number(s, "captured")) : "", full ? percent(number(s, "accuracy")) : "",
               full ? percent(number(s, "decisive_accuracy")) : "", full ? fixed(number(s, "macro_f1"), 2) : "",
               full ? fixed(number(s, "p95"), 2) : "", full ? fixed(number(s, "max"), 2) : "",
               full ? s["worst"].get<std::string>() : ""});
  }
  return table.render(false) + "\n";
}

std::string problem_text(const Json& problem) {
  TextTable table({"best on, % of products", "products", "inner", "outer", "row-wise", "slowdown of\ninner", "outer",
                   "row-wise", "random", "worst / best\nmedian", "p90", "max"});
  for (const auto& [machine, entry] : problem["machines"].items())
    for (const char* const kind : {"real", "generated"}) {
      const Json& p = entry[kind];
      if (number(p, "count") == 0) continue;
      const Json& worst = p["worst_over_best"];
      table.add({machine + ", " + kind, grouped(p["count"].get<std::uint64_t>()),
                 percent(number(p, "wins_inner_product")), percent(number(p, "wins_outer_product")),
                 percent(number(p, "wins_row_wise")), fixed(number(p, "fixed_inner_product"), 2),
                 fixed(number(p, "fixed_outer_product"), 2), fixed(number(p, "fixed_row_wise"), 2),
                 fixed(number(p, "random"), 2), fixed(number(worst, "median"), 1), fixed(number(worst, "p90"), 1),
                 fixed(number(worst, "max"), 1)});
    }
  return table.render(false) + "\n";
}

std::string streams_text(const Json& streams) {
  if (!streams.contains("curve")) return "";
  TextTable table({"switch costs\ncycles", "phase\nproducts", "keep what\nis loaded", "best kept",
                   "tree,\nalways switch", "engine", "engine,\nexact", "dqn", "most lost,\nswitches"});
  for (const Json& c : streams["curve"])
    table.add({grouped(std::uint64_t(number(c, "switch_cycles"))), fixed(number(c, "phase_length"), 0),
               fixed(number(c["stay"], "geomean"), 3), fixed(number(c["best_fixed"], "geomean"), 3),
               fixed(number(c["greedy"], "geomean"), 3), fixed(number(c["engine"], "geomean"), 3),
               fixed(number(c["engine_exact_predictions"], "geomean"), 3),
               c.contains("dqn") ? fixed(number(c["dqn"], "geomean"), 3) : "",
               fixed(number(c, "most_lost_switches"), 2)});
  return "streams of 128 products: cycles over the best in hindsight, switches included\n" + table.render(false) + "\n";
}

Json evaluate_all(const Table& table, const Model& model, const Policy* stream, const Policy* one_step,
                  const EvaluateOptions& options) {
  Json json;
  json["model_version"] = kModelVersion;
  json["examples"] = table.size();
  message("problem and quality");
  json["problem"] = evaluate_problem(table);
  json["quality"] = evaluate_quality(table, options);
  message("shifts, leaks, cost, tree");
  json["shift"] = evaluate_shift(table, options);
  json["leaks"] = evaluate_leaks(table, options);
  json["cost"] = evaluate_cost(table, model);
  json["tree"] = evaluate_tree(table, model, options);
  message("streams and parts");
  json["streams"] = evaluate_streams(stream_sets(table, 1).judged, stream, 7);
  json["parts"] = evaluate_parts(table, options);
  if (one_step != nullptr) json["one_step"] = evaluate_one_step(table, *one_step);
  return json;
}

}  // namespace

CommandSyntax selector_evaluate_syntax() {
  CommandSyntax syntax;
  syntax.name = "selector evaluate";
  syntax.usage = "--labels STORE... [options]";
  syntax.text =
      "Judges every selector against the oracle, the best dataflow of each product in hindsight: the oracle, each "
      "fixed\n"
      "dataflow, a random choice, four published heuristics, the tree, the regression, the network. Real products are\n"
      "held out by collection group, generated ones by family; models for that are trained here, from the labels "
      "alone.";
  syntax.options.add_options()("labels", po::value<std::vector<std::string>>()->multitoken()->value_name("STORE"),
                               "labelled products")(
      "unseen", po::value<std::vector<std::string>>()->multitoken()->value_name("STORE"),
      "products judged on, never trained on")("model", po::value<std::string>()->default_value("")->value_name("FILE"),
                                              "trained tree; default the shipped one")(
      "policy", po::value<std::string>()->default_value("")->value_name("FILE"),
      "trained network for streams; default the shipped one if there is one")(
      "one-step", po::value<std::string>()->default_value("")->value_name("FILE"),
      "trained network for single products")("seeds", po::value<std::uint32_t>()->default_value(5)->value_name("N"),
                                             "divisions into folds")(
      "json", po::value<std::string>()->default_value("")->value_name("FILE"), "all figures; - is standard output")(
      "help,h", po::bool_switch(), "this text");
  return syntax;
}

int selector_evaluate(const std::vector<std::string>& words) {
  const po::variables_map values = parse_arguments(selector_evaluate_syntax(), words);
  if (values.count("labels") == 0)
    throw InputError("selector evaluate: expected --labels STORE (heddle help selector evaluate)");
  const std::string json_path = values["json"].as<std::string>();
  if (!json_path.empty()) require_writable(json_path);
  const auto given_or_shipped = [&](const char* option, const char* name) {
    const std::string given = values[option].as<std::string>();
    if (!given.empty()) return given;
    try {
      return find_trained(name);
    } catch (const InputError&) {
      return std::string();
    }
  };
  EvaluateOptions options;
  options.seeds = values["seeds"].as<std::uint32_t>();
  if (options.seeds < 1 || options.seeds > 100) throw InputError("--seeds: expected 1 to 100");
  const Table table = load_tables(values["labels"].as<std::vector<std::string>>());
  const std::string model_path = given_or_shipped("model", "tree.json");
  const Model model =
      model_path.empty() ? fit(select(table, [](const Example&) { return true; }), {}) : load_model(model_path);
  Policy stream, one_step;
  const std::string stream_path = given_or_shipped("policy", "stream.yaml");
  const std::string one_step_path = given_or_shipped("one-step", "one_step.yaml");
  if (!stream_path.empty()) stream = load_policy(stream_path);
  if (!one_step_path.empty()) one_step = load_policy(one_step_path);
  Json json = evaluate_all(table, model, stream_path.empty() ? nullptr : &stream,
                           one_step_path.empty() ? nullptr : &one_step, options);
  if (values.count("unseen") != 0) {
    json["unseen"] = evaluate_unseen(load_tables(values["unseen"].as<std::vector<std::string>>()), model);
    if (json_path != "-") print(scores_text("products larger than any trained on", json["unseen"]["all"]));
  }
  if (json_path != "-") {
    print(problem_text(json["problem"]));
    if (json["quality"].contains("real"))
      print(scores_text("real products, held-out groups, counting machines",
                        json["quality"]["real"]["counting_machines"]));
    print(scores_text("generated products, held-out families", json["quality"]["generated"]["seed_1"]));
    print(streams_text(json["streams"]));
  }
  if (!json_path.empty()) write_output(json_path, json_text(json));
  return 0;
}

}  // namespace heddle
