#include "models/llm/format_figures.h"

#include "matrices/formats/advice.h"
#include "matrices/formats/format.h"
#include "models/llm/layout_figures.h"
#include "models/llm/tile_figures.h"
#include "sim/base/errors.h"

namespace heddle::llm {
namespace {

constexpr Format kCompared[] = {Format::bitmap, Format::tile_bitmap, Format::tca_bme, Format::tiled_csl,
                                Format::csr,    Format::csr16,       Format::coo,     Format::sparta};
constexpr double kSparsities[] = {0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};

std::string key(double number) {
  std::string text = std::to_string(number);
  return text.substr(0, 3);  // "0.5"
}

/// Shares of dense bytes by accounting.
Json accounting(const FormatSize& size, std::uint64_t dense) {
  const double all = static_cast<double>(dense);
  return {{"a_values_positions", static_cast<double>(size.values + size.positions) / all},
          {"b_with_offsets", static_cast<double>(size.total() - size.padding) / all},
          {"c_with_padding", static_cast<double>(size.total()) / all},
          {"positions", static_cast<double>(size.positions) / all},
          {"offsets", static_cast<double>(size.offsets) / all},
          {"padding", static_cast<double>(size.padding) / all}};
}

/// Ratio of every format over sparsity: measured on Wanda-pruned weights, beside the closed form for 8192 x 8192.
ReplayTable weights_table(const FormatsConfig& config, Json& json) {
  ReplayTable table{
      "bytes of dense, fp16, all accountings included (c); weights pruned by row, as Wanda", {"sparsity"}, {}};
  for (const Format format : kCompared) table.headers.push_back(std::string(enum_name(format)));
  const DenseMatrix weights = generate_weights(config.rows, config.cols, 0.3, config.seed);
  for (const double sparsity : kSparsities) {
    DenseMatrix pruned = weights;
    prune(pruned, magnitudes(pruned), 1, config.cols, KeepRule::drop_lowest, sparsity);
    const NarrowMatrix narrow = to_fp16(pruned);
    std::vector<ReplayTable::Cell> row = {key(sparsity)};
    for (const Format format : kCompared) {
      const FormatSize size = exact_size(narrow, format);
      const double ratio = static_cast<double>(size.total()) / static_cast<double>(dense_bytes(narrow));
      row.push_back(ratio);
      Json& entry = json[std::string(enum_name(format))][key(sparsity)];
      entry = accounting(size, dense_bytes(narrow));
      entry["expected_8192"] = *expected_ratio(format, 1 - sparsity, ValueType::fp16, 8192, 8192);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

ReplayTable crossover_table(Json& json) {
  ReplayTable table{
      "sparsity above which random elements take at most as much", {"", "as dense", "as tile_bitmap"}, {}};
  for (const Format format : kCompared) {
    const std::string name(enum_name(format));
    std::vector<ReplayTable::Cell> row = {name};
    for (const Format other : {Format::dense, Format::tile_bitmap}) {
      const auto sparsity = crossover_sparsity(format, other, ValueType::fp16, 8192, 8192);
      row.push_back(sparsity ? ReplayTable::Cell(*sparsity) : ReplayTable::Cell("never"));
      if (sparsity) json[name][std::string(enum_name(other))] = *sparsity;
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Json kv_json(const KvFigures& f) {
  FormatSize both{f.k.values + f.v.values, f.k.positions + f.v.positions, f.k.offsets + f.v.offsets,
                  f.k.padding + f.v.padding};
  Json json = accounting(both, 2 * f.dense_bytes);
  json["metadata"] =
      static_cast<double>(both.positions + both.offsets + both.padding) / static_cast<double>(2 * f.dense_bytes);
  json["k"] = f.k_ratio();
  json["v"] = f.v_ratio();
  json["one_of_two"] = (1 + f.ratio()) / 2;
  json["read"] = f.read_ratio();
  json["read_over_stored"] = f.read_ratio() / f.ratio();
  json["density"] = f.density();
  json["k_steps"] = f.k_steps;
  json["v_steps"] = f.v_steps;
  return json;
}

/// Of V tiles: the expansion loop of a 64 x 64 block when no channel stands out.
Json steps_without_outliers(const FormatsConfig& config) {
  Json json = Json::object();
  for (const double sparsity : {0.5, 0.7})
    json[key(sparsity)] =
        measure_kv(config.tokens, config.head_dim, 0, KeepRule::nominal, sparsity, config.seed).k_steps;
  return json;
}

/// The bitmap's ratio at exactly half and 70 % of the elements, by value type: d + 1 / b.
Json by_type() {
  Json json = Json::object();
  for (const auto& entry : enum_names(ValueType{}))
    for (const double sparsity : {0.5, 0.7})
      json[std::string(entry.name)][key(sparsity)] =
          *expected_ratio(Format::bitmap, 1 - sparsity, entry.value, 8192, 8192);
  return json;
}

/// ZipServ: `covered` of the elements have one of seven exponents, the rest one far away.
double zipserv_bits(double covered, std::uint64_t seed) {
  constexpr std::uint32_t kSide = 512;
  DenseMatrix weights(kSide, kSide);
  const auto far = static_cast<std::size_t>((1 - covered) * static_cast<double>(weights.values.size()));
  const DenseMatrix noise = generate_weights(kSide, kSide, 0, seed);
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    const float near = 1.0f + std::min(std::abs(noise.values[i]), 0.9f);
    weights.values[i] = (i * 2654435761u) % weights.values.size() < far ? near * 1e20f : near;
  }
  std::vector<std::uint16_t> codes(weights.values.size());
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = to_code(weights.values[i], ValueType::bf16);
  const NarrowMatrix narrow = from_dense(codes, kSide, kSide, ValueType::bf16);
  return 8.0 * static_cast<double>(exact_size(narrow, Format::tca_tbe).total()) / static_cast<double>(codes.size());
}

ReplayFigure ratio_figure(const Json& weights) {
  ReplayFigure figure{"Bytes of dense by sparsity, fp16, values + positions + offsets + padding",
                      "sparsity (fraction)",
                      "bytes of dense (fraction)",
                      ReplayFigure::Kind::lines,
                      false,
                      {},
                      {}};
  for (const auto& [name, by_sparsity] : weights.items()) {
    ReplayFigure::Series series{name, {}, {}};
    for (const auto& [sparsity, entry] : by_sparsity.items()) {
      series.x.push_back(std::stod(sparsity));
      series.y.push_back(entry["c_with_padding"].get<double>());
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

}  // namespace

ReplayResult replay_formats(const FormatsConfig& config, ActivitySink*) {
  if (config.tokens % 64 != 0 || config.head_dim % 64 != 0)
    throw InputError("tokens, head_dim: expected multiples of 64, the size of a tile");
  ReplayResult result;
  result.title = "Storage formats on generated weights and KV caches";
  result.notes = {"Accountings: (a) values + positions, (b) + offsets, (c) + padding; ratios are of dense bytes."};
  Json weights = Json::object(), crossovers = Json::object(), kv = Json::object();
  result.tables = {weights_table(config, weights), crossover_table(crossovers)};
  ReplayTable table{"KV cache in tile_bitmap, per-token magnitude",
                    {"keep rule, sparsity", "kept", "(a)", "(c)", "read by the kernel", "steps per 64 x 64 K block"},
                    {}};
  for (const KeepRule rule : {KeepRule::nominal, KeepRule::released})
    for (const double sparsity : {0.5, 0.7}) {
      const KvFigures f = measure_kv(config.tokens, config.head_dim, config.outlier, rule, sparsity, config.seed);
      Json& json = kv[std::string(enum_name(rule))][key(sparsity)];
      json = kv_json(f);
      table.rows.push_back({std::string(enum_name(rule)) + " " + key(sparsity), f.density(),
                            json["a_values_positions"].get<double>(), f.ratio(), f.read_ratio(), f.k_steps});
    }
  result.tables.push_back(std::move(table));
  const auto kv_at = [&](const char* rule, const char* s, const char* what) { return kv[rule][s][what].get<double>(); };
  const std::string c = "(c) values, bitmap, offsets, padding";
  result.rows = {
      {"kv.nominal.0.5", "Mustafar KV at 50 %", "fraction", kv_at("nominal", "0.5", "c_with_padding"), 0.65, 0.01, c},
      {"kv.nominal.0.7", "Mustafar KV at 70 %", "fraction", kv_at("nominal", "0.7", "c_with_padding"), 0.45, 0.012, c},
      {"kv.one_of_two.0.7", "only K or V at 70 %", "fraction", kv_at("nominal", "0.7", "one_of_two"), 0.725, 0.01, c},
      {"weights.0.5", "Coruscant weights at 50 %", "fraction",
       weights["tile_bitmap"]["0.5"]["a_values_positions"].get<double>(), 0.5625, 0.001, "(a) values + bitmap"},
      {"weights.0.7", "Coruscant weights at 70 %", "fraction",
       weights["tile_bitmap"]["0.7"]["a_values_positions"].get<double>(), 0.3625, 0.003, "(a) values + bitmap"},
      {"footprint.0.3", "Coruscant footprint at 30 %", "fraction",
       weights["tile_bitmap"]["0.3"]["c_with_padding"].get<double>(), 0.86, 0.02, c},
      {"footprint.0.7", "Coruscant footprint at 70 %", "fraction",
       weights["tile_bitmap"]["0.7"]["c_with_padding"].get<double>(), 0.45, 0.02, c}};
  const double zipserv = zipserv_bits(0.9625, config.seed);
  result.rows.push_back({"zipserv.bits", "ZipServ at 96.25 % exponent coverage", "bits", zipserv, 11.3, 0.01, c});
  result.figures = {ratio_figure(weights)};
  result.results = {{"weights", weights},
                    {"crossover", crossovers},
                    {"kv", kv},
                    {"bitmap_expected", by_type()},
                    {"layout", layout_figures()},
                    {"attention_difference", attention_difference()},
                    {"kv_without_outliers_steps", steps_without_outliers(config)},
                    {"zipserv", {{"bits", zipserv}, {"compression", 16 / zipserv}}},
                    {"two_four", *expected_ratio(Format::two_four, 0.5, ValueType::fp16, 8192, 8192)},
                    {"tca_bme_median",
                     [] {
                       FormatOptions options;
                       options.median_offsets = true;
                       return *expected_ratio(Format::tca_bme, 0.5, ValueType::fp16, 8192, 8192, options);
                     }()},
                    {"store_conflicts",
                     {{"columns", store_conflicts(TileOrder::columns, 0.5, config.seed)},
                      {"rows", store_conflicts(TileOrder::rows, 0.5, config.seed)}}}};
  return result;
}

}  // namespace heddle::llm
