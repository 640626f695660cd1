// A neural network as a directed acyclic graph of layers: shapes, parameters and multiply-accumulates (MACs) follow
// from the description, and every stated shape is checked.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/base/describe.h"
#include "sim/base/yaml_reader.h"

namespace heddle::lcp {

enum class LayerKind : std::uint8_t { conv, fc, max_pool, average_pool, global_pool, add, concat };
std::span<const EnumName<LayerKind>> enum_names(LayerKind);

enum class Padding : std::uint8_t { valid, same };
std::span<const EnumName<Padding>> enum_names(Padding);

/// One entry of `layers:`. A layer reads the one above it unless `from` names others (above it as well).
struct LayerConfig {
  std::string name;
  LayerKind kind = LayerKind::conv;
  std::uint32_t width = 0;  ///< output channels of a conv, output features of an fc; 0 for a depthwise conv
  std::uint32_t kernel = 1;
  std::uint32_t stride = 1;
  Padding padding = Padding::same;
  bool depthwise = false;
  bool bias = true;
  bool batch_norm = false;
  std::vector<std::string> from;
  std::vector<std::uint32_t> shape;  ///< expected output: channels, height, width; empty: not stated
  std::string place;                 ///< file:line, for messages; not a key
};
template <class V>
void describe(V& v, LayerConfig& c) {
  v.field("name", c.name, "text", "unique within the network");
  v.field("kind", c.kind, "name", "what the layer computes");
  v.field("width", c.width, "count", "output channels of a conv, output features of an fc", in_range(0, 1 << 20));
  v.field("kernel", c.kernel, "pixels", "side of the window of a conv or pool", in_range(1, 4096));
  v.field("stride", c.stride, "pixels", "step of the window", in_range(1, 4096));
  v.field("padding", c.padding, "name", "what happens at the border of a conv or pool");
  v.field("depthwise", c.depthwise, "bool", "a conv of each channel with its own kernel; width follows the input");
  v.field("bias", c.bias, "bool", "one parameter per output channel or feature");
  v.field("batch_norm", c.batch_norm, "bool", "scale and shift after a conv: two parameters per channel");
  v.field("from", c.from, "names", "layers read; empty: the one above, `input` is the network's input");
  v.field("shape", c.shape, "count", "expected output: channels, height, width");
}

void read_value(const ConfigPlace& at, LayerConfig& value);

struct Shape {
  std::uint64_t channels = 0, height = 0, width = 0;
  std::uint64_t values() const { return channels * height * width; }
  friend bool operator==(const Shape&, const Shape&) = default;
};
std::string to_text(const Shape& shape);  ///< "64 x 54 x 54"

struct InputConfig {
  std::uint32_t channels = 3, height = 224, width = 224;
};
template <class V>
void describe(V& v, InputConfig& c) {
  v.field("channels", c.channels, "count", "of the input image", in_range(1, 4096));
  v.field("height", c.height, "pixels", "of the input image", in_range(1, 65536));
  v.field("width", c.width, "pixels", "of the input image", in_range(1, 65536));
}

/// A file of configs/workloads/networks. The last layer is the classifier: an fc as wide as there are classes.
struct NetworkConfig {
  std::string name;
  std::string source;
  InputConfig input;
  std::vector<LayerConfig> layers;
};
template <class V>
void describe(V& v, NetworkConfig& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("source", c.source, "text", "where the layers come from");
  v.section("input", c.input, "one image");
  v.field("layers", c.layers, "", "layers in order, each below those it reads; the last is the classifier");
}

/// A vertex.
struct Layer {
  LayerConfig config;
  Shape input;  ///< of one predecessor; of a concat: all together
  Shape output;
  std::uint64_t parameters = 0;
  std::uint64_t macs = 0;
  /// The layer as a matrix product: `rows` results per position, from `inner` inputs, at `positions`; 0 x 0 x 0 for a
  /// layer without weights. A depthwise conv is `groups` such products.
  struct Gemm {
    std::uint64_t rows = 0, inner = 0, positions = 0, groups = 1;
  } gemm;
  bool weighted() const { return gemm.rows > 0; }
};

/// Vertices are numbered in order of `layers`, which is a topological order; edges point from producer to consumer.
using LayerGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, Layer>;

struct Totals {
  std::uint64_t parameters = 0, macs = 0;
  std::uint64_t conv_macs = 0;      ///< of convs
  std::uint64_t fc_weights = 0;     ///< of fcs, without bias; as many MACs
  std::uint64_t operators = 0;      ///< kernels a framework starts: conv, fc, pool, add, concat and batch norm
  std::uint64_t intermediates = 0;  ///< values that weighted layers hand on, the classifier's not included
  Totals& operator+=(const Totals& other);
};

struct Network {
  std::string name;
  Shape input;
  LayerGraph graph;

  const Layer& layer(std::size_t i) const { return graph[i]; }
  std::size_t size() const { return boost::num_vertices(graph); }
  Totals totals() const;
};
Totals totals_of(const Layer& layer);

/// Derives shapes. Throws InputError with file and line for a shape that does not fit, an unknown or later `from`, a
/// repeated name, a layer nobody reads.
Network build_network(const NetworkConfig& config);

/// Reads the file of one network; `config` receives what it says.
Network load_network(const std::string& path, NetworkConfig& config);

}  // namespace heddle::lcp
