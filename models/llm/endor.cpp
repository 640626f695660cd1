// For every layer that is not in GPU memory:
//
//   SSD -> host memory -> GPU memory (or SSD -> GPU memory) -> decompress -> compute
//
// Each arrow and box is a resource that serves chunks in order (job_graph.h). Like Hugging Face Accelerate, the
// baseline of the paper, the default moves a layer to the host, then to the GPU, then computes, and only then begins
// the next one (prefetch_layers 0, forward_chunks false). Decompression of a chunk overlaps the transfer of the next.
// One cycle is 1 ns.
//
// Layers are placed in order: as many as fit in GPU memory, then in host memory, the rest on the SSD. What makes layers
// smaller therefore also moves layers to a faster tier.
#include "models/llm/endor.h"

#include <algorithm>
#include <cmath>

#include "matrices/formats/advice.h"
#include "models/llm/job_graph.h"
#include "sim/base/errors.h"

namespace heddle::llm {
namespace {

constexpr Frequency kNanoseconds{1'000'000'000};

std::uint64_t rounded(double number) {
  return static_cast<std::uint64_t>(std::llround(number));
}

Tier tier_of(std::uint32_t layer, std::uint64_t bytes, const OffloadMachine& machine) {
  const std::uint64_t on_gpu = machine.gpu_memory.count / bytes, in_host = machine.host_memory.count / bytes;
  return layer < on_gpu ? Tier::gpu : layer < on_gpu + in_host ? Tier::host : Tier::ssd;
}

/// The resources of a pass and the jobs of one layer after another.
class Pass {
 public:
  Pass(const EndorConfig& config, PassKind kind)
      : config_(config), kind_(kind), bytes_(layer_bytes(config)), graph_(kNanoseconds) {
    const OffloadMachine& m = config.machine;
    moved_ = kind == PassKind::dense ? bytes_.dense : bytes_.moved;
    ssd_ = graph_.add_resource("ssd", kind == PassKind::direct ? m.direct : m.ssd, Tensor::b, m.ssd_latency);
    link_ = graph_.add_resource("host_to_gpu", m.host_to_gpu, Tensor::b, m.link_latency);
    const bool unit = m.decompressor == Decompressor::unit;
    decompress_ = graph_.add_resource("decompress", unit ? m.unit_rate : m.gpu_bandwidth, Tensor::b);
    compute_ = graph_.add_resource("compute", Bandwidth{1'000'000'000}, Tensor::c);  // work in ns
  }

  PassResult run(ActivitySink* timeline) {
    PassResult result;
    for (std::uint32_t layer = 0; layer < config_.model.layers; ++layer) {
      const Tier tier = tier_of(layer, moved_, config_.machine);
      ++(tier == Tier::gpu ? result.gpu_layers : tier == Tier::host ? result.host_layers : result.ssd_layers);
      add_layer(layer, tier);
    }
    result.total = graph_.run(timeline);
    result.ssd = graph_.busy_cycles(ssd_);
    result.link = graph_.busy_cycles(link_);
    result.decompress = graph_.busy_cycles(decompress_);
    result.compute = graph_.busy_cycles(compute_);
    return result;
  }

 private:
  using Jobs = std::vector<JobId>;

  /// A layer in chunks over `resource`; chunk i comes after after[i], after all of `after` when `whole`.
  Jobs move(ResourceId resource, const Jobs& after, bool whole) {
    Jobs jobs;
    const std::uint64_t chunk = config_.machine.chunk.count;
    for (std::uint64_t at = 0; at < moved_; at += chunk) {
      Jobs wait = after;
      if (!whole && !after.empty()) wait = {after[jobs.size()]};
      jobs.push_back(graph_.add_job(resource, std::min(chunk, moved_ - at), wait));
    }
    return jobs;
  }
  Jobs fetch(std::uint32_t layer, Tier tier) {
    Jobs gate;  // the layer whose buffers this one takes has been computed
    const std::uint32_t ahead = config_.machine.prefetch_layers + 1;
    if (layer >= ahead) gate = {computed_[layer - ahead]};
    if (tier == Tier::gpu) return gate;
    if (tier == Tier::host) return move(link_, gate, true);
    const Jobs read = move(ssd_, gate, true);
    if (kind_ == PassKind::direct) return read;
    return move(link_, read, !config_.machine.forward_chunks);
  }
  Jobs expand(const Jobs& arrived, Tier tier) {
    const OffloadMachine& m = config_.machine;
    if (kind_ == PassKind::dense || m.decompressor == Decompressor::fused) return arrived;
    const double dense_per_moved = static_cast<double>(bytes_.dense) / static_cast<double>(moved_);
    const double work = m.decompressor == Decompressor::unit ? dense_per_moved : 1 + dense_per_moved;
    const auto work_of = [&](std::uint64_t moved) { return rounded(static_cast<double>(moved) * work); };
    if (tier == Tier::gpu) return {graph_.add_job(decompress_, work_of(moved_), arrived)};
    Jobs jobs;
    for (std::uint64_t at = 0; at < moved_; at += m.chunk.count)
      jobs.push_back(
          graph_.add_job(decompress_, work_of(std::min(m.chunk.count, moved_ - at)), {arrived[jobs.size()]}));
    return jobs;
  }
  void add_layer(std::uint32_t layer, Tier tier) {
    const Jobs dense = expand(fetch(layer, tier), tier);
    computed_.push_back(graph_.add_job(compute_, compute_ns(), dense));
  }
  /// Matrix times `tokens` columns: the slower of reading the weights once and multiplying.
  std::uint64_t compute_ns() const {
    const OffloadMachine& m = config_.machine;
    const double flops = 2.0 * static_cast<double>(layer_parameters(config_.model)) * config_.tokens;
    const bool fused = kind_ != PassKind::dense && m.decompressor == Decompressor::fused;
    const double read = static_cast<double>(fused ? moved_ : bytes_.dense);
    return rounded(1e9 * std::max(flops / m.gpu_flops, read / static_cast<double>(m.gpu_bandwidth.bytes_per_second)));
  }

  const EndorConfig& config_;
  PassKind kind_;
  LayerBytes bytes_;
  std::uint64_t moved_ = 0;
  JobGraph graph_;
  ResourceId ssd_ = 0, link_ = 0, decompress_ = 0, compute_ = 0;
  std::vector<JobId> computed_;
};

double ratio(Cycle a, Cycle b) {
  return static_cast<double>(a) / static_cast<double>(b);
}
double seconds(Cycle ns) {
  return static_cast<double>(ns) * 1e-9;
}

struct SpeedUps {
  PassResult dense, through_host, direct;
  double host() const { return ratio(dense.total, through_host.total); }
  double gds() const { return ratio(dense.total, direct.total); }
};
SpeedUps speed_ups(const EndorConfig& config, ActivitySink* timeline = nullptr) {
  return {forward_pass(config, PassKind::dense), forward_pass(config, PassKind::through_host, timeline),
          forward_pass(config, PassKind::direct)};
}

Json pass_json(const PassResult& pass) {
  return {{"seconds", seconds(pass.total)},
          {"busy_seconds",
           {{"ssd", seconds(pass.ssd)},
            {"host_to_gpu", seconds(pass.link)},
            {"decompress", seconds(pass.decompress)},
            {"compute", seconds(pass.compute)}}},
          {"compute_share", ratio(pass.compute, pass.total)},
          {"layers", {{"gpu", pass.gpu_layers}, {"host", pass.host_layers}, {"ssd", pass.ssd_layers}}}};
}

ReplayTable breakdown_table(const SpeedUps& s) {
  ReplayTable table{"one forward pass, seconds", {"", "total", "SSD", "host to GPU", "decompress", "compute"}, {}};
  const auto add = [&](const char* name, const PassResult& p) {
    table.rows.push_back(
        {name, seconds(p.total), seconds(p.ssd), seconds(p.link), seconds(p.decompress), seconds(p.compute)});
  };
  add("dense through the host", s.dense);
  add("compressed through the host", s.through_host);
  add("compressed, direct", s.direct);
  return table;
}

/// What is moved uncompressed carries the difference between the two models of the paper.
ReplayTable share_table(const EndorConfig& config, Json& json) {
  ReplayTable table{"sensitivity to uncompressed_share", {"share of dense bytes", "through host", "direct"}, {}};
  for (const double share : {0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.059, 0.07, 0.08, 0.10}) {
    EndorConfig changed = config;
    changed.uncompressed_share = share;
    const SpeedUps s = speed_ups(changed);
    table.rows.push_back({share, s.host(), s.gds()});
    json.push_back({{"uncompressed_share", share}, {"through_host", s.host()}, {"direct", s.gds()}});
  }
  return table;
}

ReplayTable sparsity_table(const EndorConfig& config, Json& json) {
  ReplayTable table{"sparsity", {"sparsity", "bytes of dense", "through host", "direct"}, {}};
  for (const double sparsity : {0.3, 0.4, 0.5, 0.6, 0.7}) {
    EndorConfig changed = config;
    changed.sparsity = sparsity;
    const LayerBytes bytes = layer_bytes(changed);
    const SpeedUps s = speed_ups(changed);
    const double of_dense = static_cast<double>(bytes.moved) / static_cast<double>(bytes.dense);
    table.rows.push_back({sparsity, of_dense, s.host(), s.gds()});
    json.push_back({{"sparsity", sparsity}, {"ratio", of_dense}, {"through_host", s.host()}, {"direct", s.gds()}});
  }
  return table;
}

/// A transfer-bound pipeline gains dense / compressed bytes whatever the bandwidths are.
ReplayTable bandwidth_table(const EndorConfig& config, Json& json) {
  ReplayTable table{"transfer bound: any bandwidths (chunks forwarded, layers prefetched)",
                    {"SSD GB/s", "host to GPU GB/s", "through host"},
                    {}};
  for (const auto& [ssd, link] : {std::pair{1.2, 12.0}, {3.5, 12.0}, {7.0, 21.0}, {7.0, 25.0}, {14.0, 12.0}}) {
    EndorConfig changed = config;
    changed.machine.ssd.bytes_per_second = rounded(ssd * 1e9);
    changed.machine.host_to_gpu.bytes_per_second = rounded(link * 1e9);
    changed.machine.forward_chunks = true;
    changed.machine.prefetch_layers = 1;
    const double speed_up = speed_ups(changed).host();
    table.rows.push_back({ssd, link, speed_up});
    json.push_back(speed_up);
  }
  return table;
}

ReplayTable host_memory_table(const EndorConfig& config, Json& json) {
  ReplayTable table{"host memory for layers (placement: GPU, host, SSD in order of layers)",
                    {"host memory GB", "dense layers in host", "compressed", "through host"},
                    {}};
  for (const double gigabytes : {0.0, 16.0, 32.0, 64.0}) {
    EndorConfig changed = config;
    changed.machine.host_memory.count = rounded(gigabytes * 1e9);
    const SpeedUps s = speed_ups(changed);
    table.rows.push_back({gigabytes, static_cast<double>(s.dense.host_layers),
                          static_cast<double>(s.through_host.host_layers), s.host()});
    json.push_back({{"host_memory_bytes", changed.machine.host_memory.count},
                    {"dense_host_layers", s.dense.host_layers},
                    {"compressed_host_layers", s.through_host.host_layers},
                    {"through_host", s.host()}});
  }
  return table;
}

void add_rows(const EndorConfig& config, const SpeedUps& s, const LayerBytes& bytes, ReplayResult& result) {
  const auto published = [](double value) { return value > 0 ? std::optional(value) : std::nullopt; };
  const auto tolerance = config.fitted ? std::nullopt : std::optional(config.tolerance);
  result.rows = {
      {"speedup.through_host", "speed-up through the host", "x", s.host(), published(config.published_through_host),
       config.tolerance, config.published_basis},
      {"speedup.direct", "speed-up, direct SSD to GPU", "x", s.gds(), published(config.published_direct), tolerance,
       config.published_basis},
      {"speedup.direct_gain", "direct over through host", "x", s.gds() / s.host(),
       published(config.published_through_host > 0 ? config.published_direct / config.published_through_host : 0),
       tolerance, config.published_basis},
      {"bytes.ratio",
       "layer bytes of dense, (a) values + positions",
       "fraction",
       static_cast<double>(bytes.values_positions) / static_cast<double>(bytes.dense),
       {},
       {},
       "exact"},
      {"bytes.moved",
       "layer bytes of dense, all that is moved, (c) with offsets and padding",
       "fraction",
       static_cast<double>(bytes.moved) / static_cast<double>(bytes.dense),
       {},
       {},
       "exact"},
      {"compute_share",
       "compute share of the dense pass (abstract: about zero)",
       "fraction",
       ratio(s.dense.compute, s.dense.total),
       {},
       {},
       "roofline of the GPU"}};
}

std::vector<double> column(const Json& list, const char* name) {
  std::vector<double> values;
  for (const Json& entry : list) values.push_back(entry[name].get<double>());
  return values;
}

ReplayFigure curves(const std::string& title, const std::string& x_label, const char* x, const Json& list) {
  ReplayFigure figure{title, x_label, "speed-up over dense (x)", ReplayFigure::Kind::lines, false, {}, {}};
  figure.series = {{"through the host", column(list, x), column(list, "through_host")},
                   {"direct", column(list, x), column(list, "direct")}};
  return figure;
}

/// Where a pass spends its time, resource by resource.
ReplayFigure breakdown_figure(const SpeedUps& s) {
  ReplayFigure figure{"Endor: busy time of a forward pass", "", "time (s)", ReplayFigure::Kind::bars, false, {}, {}};
  figure.categories = {"SSD", "host to GPU", "decompress", "compute", "in all"};
  const auto add = [&](const char* name, const PassResult& p) {
    figure.series.push_back(
        {name, {}, {seconds(p.ssd), seconds(p.link), seconds(p.decompress), seconds(p.compute), seconds(p.total)}});
  };
  add("dense", s.dense);
  add("compressed", s.through_host);
  add("compressed, direct", s.direct);
  return figure;
}

}  // namespace

LayerBytes layer_bytes(const EndorConfig& config) {
  LayerBytes bytes;
  for (const WeightShape& w : layer_weights(config.model)) {
    const std::uint64_t elements = w.rows * w.cols;
    const std::uint64_t kept =
        w.rows * (w.cols - static_cast<std::uint64_t>(static_cast<double>(w.cols) * config.sparsity));
    const std::uint64_t dense = value_bytes(config.values, elements);
    bytes.dense += dense;
    if (config.format == Format::dense) {
      bytes.moved += dense, bytes.values_positions += dense;
    } else if (config.format == Format::bitmap) {
      bytes.values_positions += value_bytes(config.values, kept) + (elements + 7) / 8;
      bytes.moved += value_bytes(config.values, kept) + (elements + 63) / 64 * 8;
    } else {
      const double density = static_cast<double>(kept) / static_cast<double>(elements);
      const auto expected = expected_ratio(config.format, density, config.values, static_cast<std::uint32_t>(w.rows),
                                           static_cast<std::uint32_t>(w.cols));
      if (!expected)
        throw InputError("format: its size depends on the values of the weights, which a shape does not have");
      bytes.moved += rounded(*expected * static_cast<double>(dense));
      bytes.values_positions = bytes.moved;
    }
  }
  const std::uint64_t unpruned = rounded(static_cast<double>(bytes.dense) * config.uncompressed_share);
  bytes.moved = unpruned + rounded(static_cast<double>(bytes.moved) * (1 - config.uncompressed_share));
  return bytes;
}

PassResult forward_pass(const EndorConfig& config, PassKind kind, ActivitySink* timeline) {
  return Pass(config, kind).run(timeline);
}

ReplayResult replay_endor(const EndorConfig& config, ActivitySink* timeline) {
  const LayerBytes bytes = layer_bytes(config);
  const SpeedUps s = speed_ups(config, timeline);
  ReplayResult result;
  result.title = "Endor, " + config.name + ": " + std::to_string(config.model.layers) + " layers of " +
                 std::to_string(bytes.dense) + " B dense, " + std::to_string(bytes.moved) + " B moved";
  result.notes = {
      "Only the abstract of the paper was available: sparsity, layout, machine and placement are keys, not facts.",
      "Embeddings stay on the GPU and are not moved; no KV cache, no activations.",
      "The parameter that carries the difference between models is uncompressed_share: see its table."};
  add_rows(config, s, bytes, result);
  Json shares = Json::array(), sparsities = Json::array(), bandwidths = Json::array(), hosts = Json::array();
  result.tables = {breakdown_table(s), sparsity_table(config, sparsities), share_table(config, shares),
                   bandwidth_table(config, bandwidths), host_memory_table(config, hosts)};
  result.figures = {breakdown_figure(s),
                    curves("Endor: speed-up by sparsity", "sparsity (fraction)", "sparsity", sparsities),
                    curves("Endor: sensitivity to what is moved uncompressed",
                           "uncompressed share of dense bytes (fraction)", "uncompressed_share", shares)};
  result.results = {
      {"layer_bytes", {{"dense", bytes.dense}, {"moved", bytes.moved}}},
      {"model_bytes",
       {{"decoder_linears", bytes.dense * config.model.layers},
        {"all", bytes.dense * config.model.layers + value_bytes(config.values, embedding_parameters(config.model))}}},
      {"speedup", {{"through_host", s.host()}, {"direct", s.gds()}}},
      {"direct_gain", s.gds() / s.host()},
      {"dense", pass_json(s.dense)},
      {"through_host", pass_json(s.through_host)},
      {"direct", pass_json(s.direct)},
      {"by_sparsity", sparsities},
      {"by_uncompressed_share", shares},
      {"by_bandwidth", bandwidths},
      {"by_host_memory", hosts}};
  return result;
}

}  // namespace heddle::llm
