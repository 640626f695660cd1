// A decode step of the measured systems, beside the attention operator (simulated):
//
//   both        weights are read once; a fixed overhead per step (launches, Python), calibrated on batch 1 of Llama-2
//   dense       the cache is concatenated with the new token (read and written); with grouped queries K and V are
//               repeated for every query head (read once, written once per query head)
//   compressed  the nonzeros of all heads are concatenated (read and written), the bitmaps are copied, what falls out
//               of the window is pruned and compressed; the operator is charged per query head, as the kernels read
//
// Calibrated: the fixed cost of the operator (one point, SpMV at 50 %), the two overheads (two points), prefill FLOP/s
// (one), the two compression rates (two); all of them on Llama-2. Everything of Llama-3 is a prediction.
#include "models/llm/mustafar.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/base/errors.h"

namespace heddle::llm {
namespace {

constexpr double kDense = 0;  // sparsity of the dense baseline
constexpr std::array<double, 2> kSparsities = {0.5, 0.7};
constexpr std::array<std::uint32_t, 3> kGenerated = {512, 1024, 2048};  // table 14
constexpr std::uint32_t kTableBatch = 4;

std::string key(double sparsity) {
  return sparsity == kDense ? "dense" : sparsity == 0.5 ? "0.5" : "0.7";
}

class Replay {
 public:
  explicit Replay(const MustafarConfig& config) : c_(config) {
    const auto& flat = config.gpu.dram.flat;
    if (config.gpu.dram.kind != DramKind::flat)
      throw InputError("gpu.dram.kind: expected flat; `banked` is for the run to compare");
    bandwidth_ = static_cast<double>(flat.bandwidth.bytes_per_second);
    for (const double s : kSparsities)
      figures_.push_back(measure_kv(1024, config.model.head_dim, config.outlier, config.keep, s, config.seed));
  }
  const KvFigures& figures(double sparsity) const { return figures_[sparsity == 0.5 ? 0 : 1]; }
  BlockCost cost(double sparsity) const { return sparsity == kDense ? BlockCost{} : block_cost(figures(sparsity)); }

  OperatorResult attention(std::uint32_t batch, std::uint32_t tokens, double sparsity) const {
    return run_attention(c_.gpu, c_.model, batch, tokens, cost(sparsity));
  }
  /// Prune and compress `bytes` of dense KV.
  double compress_seconds(double bytes, double sparsity) const {
    const double kept = figures(sparsity).density();
    return 1e-9 * bytes * (c_.framework.compress_ns_per_byte + c_.framework.compress_ns_per_kept_byte * kept);
  }
  double kv_bytes(double tokens) const { return tokens * static_cast<double>(kv_bytes_per_token(c_.model)); }
  double parameters() const {
    return static_cast<double>(layer_parameters(c_.model)) * c_.model.layers +
           static_cast<double>(embedding_parameters(c_.model));
  }

  RunTimes run(std::uint32_t batch, std::uint32_t generated, double sparsity) const {
    RunTimes times;
    const double linear = static_cast<double>(layer_parameters(c_.model)) * c_.model.layers;
    const double scores = 2.0 * c_.model.layers * c_.model.heads * c_.model.head_dim * c_.prompt;
    times.prefill = batch * (2 * linear + scores) * c_.prompt / c_.framework.prefill_flops;
    if (sparsity != kDense)
      times.compress = compress_seconds(batch * kv_bytes(c_.schedule.after_prefill(c_.prompt)), sparsity);
    times.step = step_seconds(batch, c_.prompt + generated / 2, sparsity);
    times.memory = memory_bytes(batch, c_.prompt + generated, sparsity);
    times.fits = times.memory <= c_.framework.memory.count;
    return times;
  }

 private:
  double step_seconds(std::uint32_t batch, std::uint32_t tokens, double sparsity) const {
    const std::uint32_t walked = std::max(256u, tokens / 256 * 256);
    const double cache = batch * kv_bytes(tokens);
    const double weights = 2 * parameters();
    const double operator_seconds = c_.model.layers * attention(batch, walked, sparsity).seconds;
    if (sparsity == kDense) {
      const double repeats = c_.model.heads > c_.model.kv_heads ? 1.0 + c_.model.heads / c_.model.kv_heads : 0;
      return 1e-3 * c_.framework.dense_overhead_ms + operator_seconds + (weights + (2 + repeats) * cache) / bandwidth_;
    }
    const KvFigures& f = figures(sparsity);
    const double nonzeros = static_cast<double>(f.k.values + f.v.values + f.k.padding + f.v.padding) /
                            static_cast<double>(2 * f.dense_bytes);
    const double bitmaps = 1.0 / 16;
    const double window = batch * kv_bytes(c_.schedule.window + c_.schedule.chunk / 2.0);
    return 1e-3 * c_.framework.sparse_overhead_ms + operator_seconds + compress_seconds(batch * kv_bytes(1), sparsity) +
           (weights + 2 * (nonzeros + bitmaps) * cache + window) / bandwidth_;
  }
  /// Weights, the cache at the end, and the logits of the whole prompt (fp16 and fp32) that the allocator keeps.
  std::uint64_t memory_bytes(std::uint32_t batch, std::uint32_t tokens, double sparsity) const {
    const double logits = 6.0 * batch * c_.prompt * c_.model.vocabulary;
    const double ratio = sparsity == kDense ? 1 : figures(sparsity).ratio();
    return static_cast<std::uint64_t>(2 * parameters() + logits + batch * kv_bytes(tokens) * ratio);
  }

  const MustafarConfig& c_;
  double bandwidth_ = 0;
  std::vector<KvFigures> figures_;
};

/// Input and output tokens per second of a whole run (figure 7).
double throughput(const MustafarConfig& c, const RunTimes& t, std::uint32_t batch) {
  return batch * (c.prompt + c.generated) / (t.prefill + t.compress + c.generated * t.step);
}

std::optional<double> published_at(const std::vector<double>& values, std::size_t i) {
  return i < values.size() && values[i] > 0 ? std::optional(values[i]) : std::nullopt;
}

/// The operator at the setting of figure 6a, as shares of the dense operator.
void operator_split(const MustafarConfig& c, const Replay& replay, ReplayResult& result) {
  const double dense = replay.attention(c.figure_batch, c.figure_tokens, kDense).seconds;
  ReplayTable table{"attention operator, shares of dense",
                    {"sparsity", "read by kernel", "SpMV", "prune + compress", "window", "total", "speed-up"},
                    {}};
  for (const double s : kSparsities) {
    const KvFigures& f = replay.figures(s);
    const double spmv = replay.attention(c.figure_batch, c.figure_tokens, s).seconds / dense;
    const double per_layer = replay.kv_bytes(1) * c.figure_batch / c.model.layers;
    const double compress = replay.compress_seconds(per_layer, s) / dense;
    const double window = static_cast<double>(c.schedule.window + c.schedule.chunk / 2) / c.figure_tokens;
    const double total = spmv + compress + window;
    table.rows.push_back({key(s), f.read_ratio(), spmv, compress, window, total, 1 / total});
    result.results["operator"][key(s)] = {{"stored_ratio", f.ratio()},
                                          {"read_ratio", f.read_ratio()},
                                          {"spmv", spmv},
                                          {"prune_compress", compress},
                                          {"window", window},
                                          {"total", total},
                                          {"speedup", 1 / total}};
    const double published = s == 0.5 ? c.published.spmv_50 : c.published.spmv_70;
    const char* const basis =
        s == 0.5 ? "fitted: gpu.launch_ns was chosen by this row" : "predicted from the 50 % point";
    result.rows.push_back({"operator." + key(s) + ".spmv", "SpMV of dense operator, " + key(s), "fraction", spmv,
                           published > 0 ? std::optional(published) : std::nullopt,
                           s == 0.5 ? std::nullopt : std::optional(0.10), basis});
    if (published > 0)
      result.rows.push_back({"operator." + key(s) + ".speedup", "operator in all, " + key(s), "x", 1 / total,
                             1 / (published + c.published.prune_compress + 0.0062), 0.10,
                             "compression rate from time to first token; window by bandwidth"});
  }
  const Json& at = result.results["operator"];
  const double slope = (at["0.5"]["spmv"].get<double>() - at["0.7"]["spmv"].get<double>()) /
                       (at["0.5"]["stored_ratio"].get<double>() - at["0.7"]["stored_ratio"].get<double>());
  result.results["operator"]["slope"] = slope;
  result.results["operator"]["intercept"] =
      at["0.5"]["spmv"].get<double>() - slope * at["0.5"]["stored_ratio"].get<double>();
  result.tables.push_back(std::move(table));
}

/// Batch by batch: does the operator gain, and how busy are the SMs in V?
void operator_by_batch(const MustafarConfig& c, const Replay& replay, ReplayResult& result) {
  ReplayTable table{"attention operator by batch: speed-up over dense (SpMV only)",
                    {"batch", "V blocks", "SMs used by V %", "50 %", "70 %"},
                    {}};
  Json json = Json::array();
  for (const std::uint32_t batch : c.batches) {
    const double dense = replay.attention(batch, c.figure_tokens, kDense).seconds;
    const OperatorResult half = replay.attention(batch, c.figure_tokens, 0.5);
    const OperatorResult most = replay.attention(batch, c.figure_tokens, 0.7);
    table.rows.push_back({std::to_string(batch), static_cast<double>(half.v_blocks), 100 * half.v_sm_utilisation,
                          dense / half.seconds, dense / most.seconds});
    json.push_back({{"batch", batch},
                    {"v_blocks", half.v_blocks},
                    {"v_sm_utilisation", half.v_sm_utilisation},
                    {"speedup_0.5", dense / half.seconds},
                    {"speedup_0.7", dense / most.seconds},
                    {"dram_bytes_0.5", half.dram_bytes}});
  }
  result.results["operator_by_batch"] = std::move(json);
  result.tables.push_back(std::move(table));
}

void banked_operator(const MustafarConfig& c, const Replay& replay, ReplayResult& result) {
  if (c.banked_batch == 0) return;
  GpuConfig banked = c.gpu, flat = c.gpu;
  banked.launch_ns = flat.launch_ns = 0;
  banked.dram = c.banked;
  const auto ratio = [&](const GpuConfig& gpu) {
    return run_attention(gpu, c.model, c.banked_batch, c.figure_tokens, replay.cost(0.5)).seconds /
           run_attention(gpu, c.model, c.banked_batch, c.figure_tokens, BlockCost{}).seconds;
  };
  result.results["banked"] = {
      {"batch", c.banked_batch}, {"spmv_ratio_banked", ratio(banked)}, {"spmv_ratio_flat", ratio(flat)}};
}

void time_to_first_token(const MustafarConfig& c, const Replay& replay, ReplayResult& result) {
  const RunTimes dense = replay.run(kTableBatch, kGenerated[0], kDense);
  result.results["ttft"]["dense"] = dense.prefill;
  for (std::size_t i = 0; i < kSparsities.size(); ++i) {
    const RunTimes t = replay.run(kTableBatch, kGenerated[0], kSparsities[i]);
    const double penalty = t.compress / dense.prefill;
    result.results["ttft"]["penalty"][key(kSparsities[i])] = penalty;
    const auto published = published_at(c.published.ttft, i + 1);
    const auto base = published_at(c.published.ttft, 0);
    result.rows.push_back({"ttft." + key(kSparsities[i]),
                           "time to first token, more than dense, " + key(kSparsities[i]),
                           "fraction",
                           penalty,
                           published && base ? std::optional(*published / *base - 1) : std::nullopt,
                           {},
                           "compression rates from Llama-2's own; Llama-3 predicted"});
  }
}

/// Table 14: tokens/s over the whole run at batch 4; gains over dense.
void decode_speed(const MustafarConfig& c, const Replay& replay, ReplayResult& result) {
  ReplayTable table{
      "decode speed at batch 4, gain over dense", {"generated", "50 %", "published", "70 %", "published"}, {}};
  for (std::size_t i = 0; i < kGenerated.size(); ++i) {
    const auto seconds = [&](double s) {
      const RunTimes t = replay.run(kTableBatch, kGenerated[i], s);
      return t.prefill + t.compress + kGenerated[i] * t.step;
    };
    const double dense = seconds(kDense);
    std::vector<ReplayTable::Cell> row = {std::to_string(kGenerated[i])};
    for (const double s : kSparsities) {
      const double gain = dense / seconds(s);
      const auto& list = s == 0.5 ? c.published.decode_50 : c.published.decode_70;
      const auto mine = published_at(list, i), base = published_at(c.published.decode_dense, i);
      const auto published = mine && base ? std::optional(*mine / *base) : std::nullopt;
      row.push_back(gain);
      row.push_back(published ? ReplayTable::Cell(*published) : ReplayTable::Cell("-"));
      result.results["decode_gain"][key(s)].push_back(gain);
      if (i + 1 == kGenerated.size())
        result.rows.push_back({"decode_gain." + key(s),
                               "decode speed of dense, 2048 generated, batch 4, " + key(s),
                               "x",
                               gain,
                               published,
                               {},
                               "trend; absolute speeds are the framework's"});
    }
    table.rows.push_back(std::move(row));
  }
  for (const double s : kSparsities) {
    const Json& gains = result.results["decode_gain"][key(s)];
    result.results["decode_gain_growth"][key(s)] = gains.back().get<double>() / gains.front().get<double>();
  }
  result.results["decode_gain_growth"]["by_sparsity"] = result.results["decode_gain"]["0.7"].back().get<double>() /
                                                        result.results["decode_gain"]["0.5"].back().get<double>();
  result.tables.push_back(std::move(table));
}

void throughput_sweep(const MustafarConfig& c, const Replay& replay, ReplayResult& result) {
  ReplayTable table{
      "tokens/s, input and output", {"batch", "dense", "published", "50 %", "published", "70 %", "published"}, {}};
  Json json = Json::array();
  for (std::size_t i = 0; i < c.batches.size(); ++i) {
    std::vector<ReplayTable::Cell> row = {std::to_string(c.batches[i])};
    Json entry = {{"batch", c.batches[i]}};
    for (const double s : {kDense, kSparsities[0], kSparsities[1]}) {
      const RunTimes t = replay.run(c.batches[i], c.generated, s);
      const double speed = throughput(c, t, c.batches[i]);
      const auto& list = s == kDense ? c.published.sweep_dense : s == 0.5 ? c.published.sweep_50 : c.published.sweep_70;
      const auto published = published_at(list, i);
      row.push_back(t.fits ? ReplayTable::Cell(speed) : ReplayTable::Cell("no memory"));
      row.push_back(published ? ReplayTable::Cell(*published) : ReplayTable::Cell("-"));
      entry[key(s)] = {
          {"tokens_per_second", speed}, {"step_seconds", t.step}, {"memory_bytes", t.memory}, {"fits", t.fits}};
      if (published) entry[key(s)]["published"] = *published;
      if (published)
        result.rows.push_back({"throughput." + key(s) + "." + std::to_string(c.batches[i]),
                               "tokens/s at batch " + std::to_string(c.batches[i]) + ", " + key(s),
                               "tokens/s",
                               speed,
                               published,
                               {},
                               "read off slides, +-3; overheads calibrated on batch 1 of Llama-2"});
    }
    json.push_back(std::move(entry));
    table.rows.push_back(std::move(row));
  }
  result.results["throughput"] = std::move(json);
  result.tables.push_back(std::move(table));
}

/// Throughput by batch, ours and published.
ReplayFigure throughput_figure(const MustafarConfig& c, const Json& sweep) {
  ReplayFigure figure{"Mustafar, " + c.name + ": tokens/s by batch",
                      "batch (sequences)",
                      "tokens/s, input and output",
                      ReplayFigure::Kind::lines,
                      false,
                      {},
                      {}};
  for (const double s : {kDense, kSparsities[0], kSparsities[1]}) {
    ReplayFigure::Series ours{"ours, " + key(s), {}, {}}, published{"published, " + key(s), {}, {}};
    for (const Json& entry : sweep) {
      const Json& at = entry[key(s)];
      if (at["fits"].get<bool>()) {
        ours.x.push_back(entry["batch"].get<double>());
        ours.y.push_back(at["tokens_per_second"].get<double>());
      }
      if (at.contains("published")) {
        published.x.push_back(entry["batch"].get<double>());
        published.y.push_back(at["published"].get<double>());
      }
    }
    figure.series.push_back(std::move(ours));
    if (!published.x.empty()) figure.series.push_back(std::move(published));
  }
  return figure;
}

/// The headline: 70 % at the largest batch against dense at the largest that fits, split into batch and step.
void headline(const MustafarConfig& c, ReplayResult& result) {
  const Json& sweep = result.results["throughput"];
  std::size_t dense = 0, sparse = 0;
  for (std::size_t i = 0; i < sweep.size(); ++i) {
    if (sweep[i]["dense"]["fits"].get<bool>()) dense = i;
    if (sweep[i]["0.7"]["fits"].get<bool>()) sparse = i;
  }
  const double gain = sweep[sparse]["0.7"]["tokens_per_second"].get<double>() /
                      sweep[dense]["dense"]["tokens_per_second"].get<double>();
  const double by_batch = static_cast<double>(c.batches[sparse]) / c.batches[dense];
  result.results["headline"] = {{"gain", gain},
                                {"by_batch", by_batch},
                                {"by_step", gain / by_batch},
                                {"dense_batch", c.batches[dense]},
                                {"sparse_batch", c.batches[sparse]}};
  const auto p_dense = published_at(c.published.sweep_dense, dense),
             p_sparse = published_at(c.published.sweep_70, sparse);
  const auto published = p_dense && p_sparse ? std::optional(*p_sparse / *p_dense) : std::nullopt;
  result.rows.push_back({"headline.gain",
                         "70 % at batch " + std::to_string(c.batches[sparse]) + " over dense at batch " +
                             std::to_string(c.batches[dense]),
                         "x",
                         gain,
                         published,
                         {},
                         "batch and step together"});
  result.rows.push_back({"headline.by_step",
                         "the same, by step alone",
                         "x",
                         gain / by_batch,
                         published ? std::optional(*published / by_batch) : std::nullopt,
                         {},
                         "the other factor is the batch: " + std::to_string(c.batches[sparse]) + " / " +
                             std::to_string(c.batches[dense])});
}

void schedule_figures(const MustafarConfig& c, ReplayResult& result) {
  const std::uint32_t first = c.schedule.after_prefill(c.prompt);
  std::uint32_t compressed = first, most = 0, least = ~0u;
  Json at = Json::array();
  for (std::uint32_t tokens = c.prompt + 1; tokens <= c.prompt + c.generated; ++tokens) {
    most = std::max(most, tokens - compressed);
    least = std::min(least, tokens - compressed);
    const std::uint32_t next = c.schedule.after_step(tokens, compressed);
    if (next != compressed && at.size() < 4) at.push_back(tokens);
    compressed = next;
  }
  result.results["schedule"] = {{"compressed_after_prefill", first},
                                {"dense_after_prefill", c.prompt - first},
                                {"compressions_at", at},
                                {"most_dense", most},
                                {"least_dense", least}};
}

}  // namespace

ReplayResult replay_mustafar(const MustafarConfig& config, ActivitySink*) {
  if (config.batches.empty() || config.figure_tokens % 256 != 0)
    throw InputError("batches: expected at least one; figure_tokens: expected a multiple of 256");
  const Replay replay(config);
  ReplayResult result;
  result.title = "Mustafar, " + config.name + ": prompt " + std::to_string(config.prompt) + ", " +
                 std::to_string(config.generated) + " generated, on " + config.gpu.name;
  result.notes = {
      "The measured system is bound by its framework; absolute tokens/s follow two calibrated overheads.",
      "Ratios of bytes: stored = (c) values, bitmap, offsets, padding; read = as the released kernel fetches."};
  operator_split(config, replay, result);
  operator_by_batch(config, replay, result);
  banked_operator(config, replay, result);
  time_to_first_token(config, replay, result);
  decode_speed(config, replay, result);
  throughput_sweep(config, replay, result);
  result.figures = {throughput_figure(config, result.results["throughput"])};
  headline(config, result);
  schedule_figures(config, result);
  return result;
}

}  // namespace heddle::llm
