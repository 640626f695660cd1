// Endor (arXiv 2406.11674): inference with weights that do not fit the GPU and are moved to it, layer by layer, in
// every forward pass; pruned weights travel as a bitmap and the packed nonzeros. Of the paper only the abstract was
// available: what it does not say is a key here.
#pragma once

#include <cstdint>
#include <string>

#include "matrices/formats/format.h"
#include "models/llm/shape.h"
#include "models/replay/result.h"
#include "sim/base/describe.h"
#include "sim/base/units.h"

namespace heddle::llm {

enum class Decompressor : std::uint8_t { memory, unit, fused };
constexpr EnumName<Decompressor> kDecompressorNames[] = {
    {Decompressor::memory, "memory", "by the GPU: reads compressed, writes dense at memory bandwidth"},
    {Decompressor::unit, "unit", "by a unit that makes dense bytes at `unit_rate`"},
    {Decompressor::fused, "fused", "none: compute takes the compressed form"}};
constexpr std::span<const EnumName<Decompressor>> enum_names(Decompressor) {
  return kDecompressorNames;
}

struct OffloadMachine {
  Bandwidth ssd{7'000'000'000};
  Bandwidth host_to_gpu{21'000'000'000};
  Bandwidth direct{7'000'000'000};
  std::uint64_t ssd_latency = 100'000;
  std::uint64_t link_latency = 10'000;
  Bytes chunk{16 << 20};
  Bytes host_memory{0};
  Bytes gpu_memory{0};
  Bandwidth gpu_bandwidth{1'555'000'000'000};
  double gpu_flops = 312e12;
  Decompressor decompressor = Decompressor::memory;
  Bandwidth unit_rate{100'000'000'000};
  bool forward_chunks = false;
  std::uint32_t prefetch_layers = 0;
};
template <class V>
void describe(V& v, OffloadMachine& m) {
  v.field("ssd", m.ssd, "bytes/s", "SSD to host memory", at_least(1));
  v.field("host_to_gpu", m.host_to_gpu, "bytes/s", "host memory to GPU memory", at_least(1));
  v.field("direct", m.direct, "bytes/s", "SSD to GPU memory without the host", at_least(1));
  v.field("ssd_latency", m.ssd_latency, "ns", "of one transfer from the SSD", in_range(0, 1e9));
  v.field("link_latency", m.link_latency, "ns", "of one transfer to the GPU", in_range(0, 1e9));
  v.field("chunk", m.chunk, "bytes", "of one transfer, counted compressed", at_least(4096));
  v.field("host_memory", m.host_memory, "bytes", "for layers kept there; they skip the SSD");
  v.field("gpu_memory", m.gpu_memory, "bytes", "for layers kept there; they are not moved");
  v.field("gpu_bandwidth", m.gpu_bandwidth, "bytes/s", "of GPU memory", at_least(1));
  v.field("gpu_flops", m.gpu_flops, "FLOP/s", "dense, at the width of the weights", at_least(1));
  v.field("decompressor", m.decompressor, "name", "what makes dense weights");
  v.field("unit_rate", m.unit_rate, "bytes/s", "dense bytes of the decompressor `unit`", at_least(1));
  v.field("forward_chunks", m.forward_chunks, "bool",
          "a chunk goes to the GPU as soon as it is in the host; false: when the whole layer is");
  v.field("prefetch_layers", m.prefetch_layers, "layers", "that may be moved before the current one has been computed",
          in_range(0, 1000));
}

struct EndorConfig {
  std::string name = "unnamed";
  std::string source;
  ModelShape model;
  Format format = Format::bitmap;
  ValueType values = ValueType::fp16;
  double sparsity = 0.5;
  double uncompressed_share = 0;
  std::uint32_t tokens = 1;
  OffloadMachine machine;
  double published_through_host = 0;
  double published_direct = 0;
  std::string published_basis;
  bool fitted = false;
  double tolerance = 0.02;
};
template <class V>
void describe(V& v, EndorConfig& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("source", c.source, "text", "where the numbers come from");
  v.section("model", c.model, "whose weights");
  v.field("format", c.format, "name", "of the pruned weights");
  v.field("values", c.values, "name", "type of the weights");
  v.field("sparsity", c.sparsity, "fraction", "of each row set to zero: exactly int(columns x sparsity)",
          in_range(0, 1));
  v.field("uncompressed_share", c.uncompressed_share, "fraction",
          "of a layer's dense bytes that are moved as they are: what is not pruned", in_range(0, 1));
  v.field("tokens", c.tokens, "tokens", "per forward pass, all sequences together", in_range(1, 1 << 20));
  v.section("machine", c.machine, "tiers, links and GPU");
  v.field("published_through_host", c.published_through_host, "x", "speed-up over dense; 0: none published");
  v.field("published_direct", c.published_direct, "x", "the same with the direct path; 0: none published");
  v.field("published_basis", c.published_basis, "text", "fitted to it, or predicted");
  v.field("fitted", c.fitted, "bool", "the machine was fitted to the gain of the direct path: it is not judged");
  v.field("tolerance", c.tolerance, "fraction", "of the two published figures", in_range(0, 1));
}

enum class Tier : std::uint8_t { gpu, host, ssd };

/// Bytes of one decoder layer as it is moved; `size` is exact for dense and bitmap, expected for random positions else.
struct LayerBytes {
  std::uint64_t dense = 0;
  std::uint64_t moved = 0;
  std::uint64_t values_positions = 0;  ///< of moved: the accounting without offsets, padding and unpruned parts
};
LayerBytes layer_bytes(const EndorConfig& config);

/// One forward pass.
struct PassResult {
  Cycle total = 0;                                       ///< ns
  Cycle ssd = 0, link = 0, decompress = 0, compute = 0;  ///< busy ns of each resource
  std::uint32_t gpu_layers = 0, host_layers = 0, ssd_layers = 0;
};
enum class PassKind : std::uint8_t { dense, through_host, direct };
PassResult forward_pass(const EndorConfig& config, PassKind kind, ActivitySink* timeline = nullptr);

ReplayResult replay_endor(const EndorConfig& config, ActivitySink* timeline);

}  // namespace heddle::llm
