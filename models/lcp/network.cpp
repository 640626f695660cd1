#include "models/lcp/network.h"

#include <algorithm>
#include <map>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "sim/base/yaml_reader.h"

namespace heddle::lcp {
namespace {

constexpr EnumName<LayerKind> kLayerKinds[] = {
    {LayerKind::conv, "conv", "convolution"},
    {LayerKind::fc, "fc", "fully connected: every output from every input value"},
    {LayerKind::max_pool, "max_pool", "largest value of a window"},
    {LayerKind::average_pool, "average_pool", "mean of a window"},
    {LayerKind::global_pool, "global_pool", "mean of each channel"},
    {LayerKind::add, "add", "element-wise sum of layers of one shape"},
    {LayerKind::concat, "concat", "channels of several layers side by side"}};
constexpr EnumName<Padding> kPaddings[] = {
    {Padding::valid, "valid", "windows lie inside the input"},
    {Padding::same, "same", "zeros around it: output size is input size / stride, rounded up"}};

/// Far above any network, far below where sums overflow.
constexpr double kMostMacs = 1e12;

/// Builds the graph layer by layer.
class Builder {
 public:
  explicit Builder(const NetworkConfig& config) : config_(config) {
    network_.name = config.name;
    network_.input = {config.input.channels, config.input.height, config.input.width};
  }

  Network build() {
    if (config_.layers.empty()) throw InputError("network " + quote(config_.name) + ": expected at least one layer");
    for (index_ = 0; index_ < config_.layers.size(); ++index_) add_layer(config_.layers[index_]);
    check_all_read();
    index_ = config_.layers.size() - 1;
    if (config_.layers.back().kind != LayerKind::fc) fail("kind", "the last layer is the classifier: expected fc");
    return std::move(network_);
  }

 private:
  [[noreturn]] void fail(const std::string& key, const std::string& reason) const {
    const std::string& place = config_.layers[index_].place;
    throw InputError((place.empty() ? "network " + config_.name : place) + ": layers[" + std::to_string(index_) + "]" +
                     (key.empty() ? "" : "." + key) + ": " + reason);
  }

  void add_layer(const LayerConfig& layer) {
    if (layer.name.empty()) fail("name", "expected a name");
    if (layer.name == "input" || numbers_.count(layer.name)) fail("name", quote(layer.name) + " is taken already");
    const std::vector<Shape> inputs = read_inputs(layer);
    Layer built;
    built.config = layer;
    built.input = inputs.front();
    derive(built, inputs);
    check_stated_shape(built);
    network_.graph[vertex_] = std::move(built);
    numbers_[layer.name] = vertex_;
  }

  /// Shapes read, in order; adds the vertex and its edges.
  std::vector<Shape> read_inputs(const LayerConfig& layer) {
    std::vector<Shape> inputs;
    std::vector<std::string> names = layer.from;
    if (names.empty()) names.push_back(index_ == 0 ? "input" : config_.layers[index_ - 1].name);
    std::vector<std::size_t> producers;
    for (const std::string& name : names) {
      if (name == "input") {
        inputs.push_back(network_.input);
        continue;
      }
      const auto found = numbers_.find(name);
      if (found == numbers_.end()) fail_unknown(name);
      producers.push_back(found->second);
      inputs.push_back(network_.graph[found->second].output);
    }
    vertex_ = boost::add_vertex(network_.graph);
    for (const std::size_t producer : producers) boost::add_edge(producer, vertex_, network_.graph);
    return inputs;
  }

  [[noreturn]] void fail_unknown(const std::string& name) const {
    std::vector<std::string_view> known = {"input"};
    for (const auto& [layer, number] : numbers_) known.push_back(layer);
    const std::string meant = nearest(name, known);
    fail("from",
         quote(name) + " is no layer above this one" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
  }

  void derive(Layer& layer, const std::vector<Shape>& inputs) const {
    const LayerKind kind = layer.config.kind;
    const bool joins = kind == LayerKind::add || kind == LayerKind::concat;
    if (joins && inputs.size() < 2) fail("from", "expected two or more layers to join");
    if (!joins && inputs.size() > 1) fail("from", "expected one layer; add and concat join several");
    const bool has_width = kind == LayerKind::fc || (kind == LayerKind::conv && !layer.config.depthwise);
    if (has_width && layer.config.width == 0) fail("width", "expected at least 1 output channel or feature");
    if (!has_width && layer.config.width != 0) fail("width", "expected none: it follows from the input");
    switch (kind) {
      case LayerKind::conv:
        return derive_conv(layer);
      case LayerKind::fc:
        return derive_fc(layer);
      case LayerKind::max_pool:
      case LayerKind::average_pool:
        layer.output = windowed(layer, layer.input.channels);
        return;
      case LayerKind::global_pool:
        layer.output = {layer.input.channels, 1, 1};
        return;
      case LayerKind::add:
      case LayerKind::concat:
        return join(layer, inputs);
    }
    throw InternalError("unknown kind of layer");
  }

  Shape windowed(const Layer& layer, std::uint64_t channels) const {
    const LayerConfig& c = layer.config;
    if (c.padding == Padding::valid && (c.kernel > layer.input.height || c.kernel > layer.input.width))
      fail("kernel", "a window of " + std::to_string(c.kernel) + " does not fit into " + to_text(layer.input));
    const auto side = [&](std::uint64_t in) {
      return c.padding == Padding::same ? (in + c.stride - 1) / c.stride : (in - c.kernel) / c.stride + 1;
    };
    return {channels, side(layer.input.height), side(layer.input.width)};
  }

  void derive_conv(Layer& layer) const {
    const LayerConfig& c = layer.config;
    const std::uint64_t window = std::uint64_t{c.kernel} * c.kernel;
    layer.output = windowed(layer, c.depthwise ? layer.input.channels : c.width);
    const std::uint64_t positions = layer.output.height * layer.output.width;
    if (c.depthwise)
      layer.gemm = {1, window, positions, layer.input.channels};
    else
      layer.gemm = {c.width, window * layer.input.channels, positions, 1};
    count(layer);
    if (c.batch_norm) layer.parameters += 2 * layer.output.channels;
  }

  void derive_fc(Layer& layer) const {
    layer.output = {layer.config.width, 1, 1};
    layer.gemm = {layer.config.width, layer.input.values(), 1, 1};
    if (layer.config.batch_norm) fail("batch_norm", "expected on a conv only");
    count(layer);
  }

  void count(Layer& layer) const {
    const double macs =
        double(layer.gemm.rows) * double(layer.gemm.inner) * double(layer.gemm.groups) * double(layer.gemm.positions);
    if (macs > kMostMacs) fail("", "a layer of more than 10^12 MACs");
    const std::uint64_t weights = layer.gemm.rows * layer.gemm.inner * layer.gemm.groups;
    layer.macs = weights * layer.gemm.positions;
    layer.parameters = weights + (layer.config.bias ? layer.output.channels : 0);
  }

  void join(Layer& layer, const std::vector<Shape>& inputs) const {
    layer.output = inputs.front();
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      const bool add = layer.config.kind == LayerKind::add;
      const bool fits = inputs[i].height == inputs[0].height && inputs[i].width == inputs[0].width &&
                        (!add || inputs[i].channels == inputs[0].channels);
      if (!fits) fail("from", "cannot join " + to_text(inputs[0]) + " and " + to_text(inputs[i]));
      if (!add) layer.output.channels += inputs[i].channels;
    }
    layer.input = layer.output;
  }

  void check_stated_shape(const Layer& layer) const {
    const auto& stated = layer.config.shape;
    if (stated.empty()) return;
    if (stated.size() != 3) fail("shape", "expected channels, height, width");
    if (Shape{stated[0], stated[1], stated[2]} != layer.output)
      fail("shape", "stated " + to_text(Shape{stated[0], stated[1], stated[2]}) + ", derived " + to_text(layer.output));
  }

  void check_all_read() {
    for (index_ = 0; index_ + 1 < config_.layers.size(); ++index_)
      if (boost::out_degree(index_, network_.graph) == 0)
        fail("", "nothing reads layer " + quote(config_.layers[index_].name));
  }

  const NetworkConfig& config_;
  Network network_;
  std::map<std::string, std::size_t> numbers_;
  std::size_t index_ = 0;
  std::size_t vertex_ = 0;
};

}  // namespace

std::span<const EnumName<LayerKind>> enum_names(LayerKind) {
  return kLayerKinds;
}
std::span<const EnumName<Padding>> enum_names(Padding) {
  return kPaddings;
}

std::string to_text(const Shape& shape) {
  return std::to_string(shape.channels) + " x " + std::to_string(shape.height) + " x " + std::to_string(shape.width);
}

Totals& Totals::operator+=(const Totals& other) {
  parameters += other.parameters;
  macs += other.macs;
  conv_macs += other.conv_macs;
  fc_weights += other.fc_weights;
  operators += other.operators;
  intermediates += other.intermediates;
  return *this;
}

Totals totals_of(const Layer& layer) {
  Totals totals;
  totals.parameters = layer.parameters;
  totals.macs = layer.macs;
  if (layer.config.kind == LayerKind::conv) totals.conv_macs = layer.macs;
  if (layer.config.kind == LayerKind::fc) totals.fc_weights = layer.macs;
  totals.operators = layer.config.batch_norm ? 2 : 1;
  if (layer.weighted()) totals.intermediates = layer.output.values();
  return totals;
}

Totals Network::totals() const {
  Totals totals;
  for (std::size_t i = 0; i < size(); ++i) totals += totals_of(graph[i]);
  totals.intermediates -= graph[size() - 1].output.values();
  return totals;
}

void read_value(const ConfigPlace& at, LayerConfig& value) {
  ConfigReader reader(at.node, at.path);
  describe(reader, value);
  reader.finish();
  value.place = at.node.where();
}

Network build_network(const NetworkConfig& config) {
  return Builder(config).build();
}

Network load_network(const std::string& path, NetworkConfig& config) {
  read_config(load_config(path), config);
  return build_network(config);
}

}  // namespace heddle::lcp
