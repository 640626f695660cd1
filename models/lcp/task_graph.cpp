#include "models/lcp/task_graph.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/base/errors.h"

namespace heddle::lcp {
namespace {

constexpr EnumName<Partition> kPartitions[] = {
    {Partition::single, "single", "the whole network on one device"},
    {Partition::branches, "branches", "LCP: one branch per device, merged before the classifier"},
    {Partition::filter_split, "filter_split", "model parallelism: each layer's outputs divided, gathered after each"},
    {Partition::spatial_split, "spatial_split",
     "model parallelism: strips of rows, neighbours exchange their borders; fcs divided by outputs"},
    {Partition::splitnet, "splitnet", "SplitNet: the last layers in groups, joined and cut again after each"},
    {Partition::data_parallel, "data_parallel", "the whole network on every device, images in turn"}};

class TaskBuilder {
 public:
  TaskBuilder(const NetworkConfig& config, const PartitionRequest& request)
      : config_(config), request_(request), network_(build_network(config)) {
    host_ = request.devices;
    image_ = add("image", host_, {});
  }

  TaskGraph build() {
    switch (request_.partition) {
      case Partition::single:
      case Partition::data_parallel:
        single();
        break;
      case Partition::branches:
        branches();
        break;
      case Partition::filter_split:
        layers([this](std::size_t) { return request_.devices; }, false);
        break;
      case Partition::spatial_split:
        layers([this](std::size_t) { return request_.devices; }, true);
        break;
      case Partition::splitnet:
        splitnet();
        break;
    }
    return std::move(graph_);
  }

 private:
  using Vertex = std::size_t;

  Vertex add(const std::string& name, std::uint32_t device, const Work& work) {
    return boost::add_vertex(Task{name, device, work}, graph_);
  }
  void send(Vertex from, Vertex to, std::uint32_t message, double bytes) {
    boost::add_edge(from, to, Message{message, bytes}, graph_);
  }
  double input_bytes() const { return double(network_.input.values()) * request_.wire.bytes_per_input; }
  double activation_bytes(double values) const { return values * request_.wire.bytes_per_activation; }

  void single() {
    const Vertex whole = add("network", 0, work_of(network_.totals()));
    send(image_, whole, 0, input_bytes());
    finish({whole});
  }

  /// The host takes the classes.
  void finish(const std::vector<Vertex>& last) {
    const Vertex result = add("result", host_, {});
    const double classes = double(network_.layer(network_.size() - 1).output.values());
    for (const Vertex v : last) send(v, result, 0, activation_bytes(classes / double(last.size())));
  }

  void branches() {
    const BranchedNetwork split = split_network(config_, request_.split);
    const std::uint32_t final_device = request_.host_classifier ? host_ : 0;
    const Vertex merge = add("merge+classifier", final_device, work_of(totals_of(split.classifier)));
    for (std::uint32_t k = 0; k < request_.split.branches; ++k) {
      const Vertex branch = add("branch " + std::to_string(k), k % request_.devices, work_of(split.branch_totals()));
      const double share = request_.split.split_input ? 1.0 / request_.split.branches : 1.0;
      send(image_, branch, request_.split.split_input ? k : 0, input_bytes() * share);
      send(branch, merge, 0, activation_bytes(double(split.features_per_branch)));
    }
    finish({merge});
  }

  /// One task per layer and part; after each weighted layer its parts meet again.
  template <class PartsOf>
  void layers(PartsOf parts_of, bool strips) {
    std::vector<std::vector<Vertex>> parts(network_.size());
    for (std::size_t i = 0; i < network_.size(); ++i) {
      const Layer& layer = network_.layer(i);
      parts[i] = add_parts(layer, parts_of(i), strips);
      if (reads_input(layer))
        for (const Vertex v : parts[i]) send(image_, v, 0, input_bytes());
      for (const auto& e : boost::make_iterator_range(boost::in_edges(i, network_.graph))) {
        const std::size_t producer = boost::source(e, network_.graph);
        if (strips && layer.config.kind != LayerKind::fc)
          exchange_borders(parts[producer], parts[i], layer);
        else
          gather(parts[producer], parts[i], network_.layer(producer), strips);
      }
    }
    finish(parts.back());
  }

  bool reads_input(const Layer& layer) const {
    const auto& from = layer.config.from;
    return from.empty() ? layer.config.name == config_.layers.front().name
                        : std::find(from.begin(), from.end(), "input") != from.end();
  }

  /// Work per part: weights are divided, layers without weights are repeated on every device, a group of SplitNet has
  /// 1/g of the outputs and 1/g of the inputs.
  std::vector<Vertex> add_parts(const Layer& layer, std::uint32_t parts, bool strips) {
    const bool by_rows = strips && layer.config.kind != LayerKind::fc;
    const auto rows = double(layer.output.height);
    const Work whole = work_of(totals_of(layer));
    Work work = whole.scaled(by_rows ? std::ceil(rows / parts) / rows : 1.0 / parts);
    if (by_rows) work.parameters = whole.parameters;  // every strip needs all weights
    if (request_.partition == Partition::splitnet) work = work.scaled(1.0 / parts);
    std::vector<Vertex> tasks;
    for (std::uint32_t p = 0; p < parts; ++p)
      tasks.push_back(add(layer.config.name + "." + std::to_string(p), p, work));
    return tasks;
  }

  /// Every part of `to` gets all of the producer's output. What a layer without weights makes is whole on each device.
  void gather(const std::vector<Vertex>& from, const std::vector<Vertex>& to, const Layer& producer, bool strips) {
    const double bytes = activation_bytes(double(producer.output.values()));
    const bool divided = producer.weighted() || (strips && producer.config.kind != LayerKind::fc);
    for (std::size_t t = 0; t < to.size(); ++t) {
      if (divided)
        for (const Vertex f : from) send(f, to[t], 0, bytes / double(from.size()));
      else
        send(from[t < from.size() ? t : 0], to[t], 0, bytes);
    }
  }

  /// Neighbouring strips need (kernel - 1) / 2 rows of each other's input.
  void exchange_borders(const std::vector<Vertex>& from, const std::vector<Vertex>& to, const Layer& layer) {
    const bool windowed = layer.config.kind == LayerKind::conv || layer.config.kind == LayerKind::max_pool ||
                          layer.config.kind == LayerKind::average_pool;
    const double rows = windowed ? double(layer.config.kernel - 1) / 2 : 0;
    const double bytes = activation_bytes(rows * double(layer.input.width) * double(layer.input.channels));
    for (std::size_t p = 0; p < to.size(); ++p) {
      send(from[p], to[p], 0, 0);
      if (p > 0) send(from[p - 1], to[p], 1, bytes);
      if (p + 1 < from.size()) send(from[p + 1], to[p], 2, bytes);
    }
  }

  /// `groups` belong to the last weighted layers, the classifier's last; a layer without weights follows the one
  /// before.
  void splitnet() {
    std::vector<std::size_t> weighted;
    for (std::size_t i = 0; i < network_.size(); ++i)
      if (network_.layer(i).weighted()) weighted.push_back(i);
    if (request_.groups.empty() || request_.groups.size() > weighted.size())
      throw InputError("groups: expected 1 to " + std::to_string(weighted.size()) + " numbers, one per grouped layer");
    std::vector<std::uint32_t> groups(network_.size(), 1);
    for (std::size_t g = 0; g < request_.groups.size(); ++g)
      groups[weighted[weighted.size() - request_.groups.size() + g]] = std::max(1u, request_.groups[g]);
    for (std::size_t i = 1; i < groups.size(); ++i)
      if (!network_.layer(i).weighted()) groups[i] = groups[i - 1];
    if (*std::max_element(groups.begin(), groups.end()) > request_.devices)
      throw InputError("groups: more groups than the " + std::to_string(request_.devices) + " devices");
    layers([&](std::size_t i) { return groups[i]; }, false);
  }

  const NetworkConfig& config_;
  const PartitionRequest& request_;
  Network network_;
  TaskGraph graph_;
  std::uint32_t host_ = 0;
  Vertex image_ = 0;
};

}  // namespace

std::span<const EnumName<Partition>> enum_names(Partition) {
  return kPartitions;
}

TaskGraph make_tasks(const NetworkConfig& config, const PartitionRequest& request) {
  return TaskBuilder(config, request).build();
}

GraphTraffic multicast_traffic(const TaskGraph& graph) {
  GraphTraffic traffic;
  for (const auto v : boost::make_iterator_range(boost::vertices(graph))) {
    std::set<std::uint32_t> sent;
    for (const auto& e : boost::make_iterator_range(boost::out_edges(v, graph))) {
      const Message& message = graph[e];
      const bool leaves = graph[boost::target(e, graph)].device != graph[v].device;
      if (!leaves || message.bytes == 0 || !sent.insert(message.message).second) continue;
      ++traffic.messages;
      traffic.bytes += message.bytes;
    }
  }
  return traffic;
}

}  // namespace heddle::lcp
