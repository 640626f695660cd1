// List scheduling of a task graph.
#include <algorithm>
#include <boost/graph/topological_sort.hpp>
#include <vector>

#include "models/lcp/task_graph.h"

namespace heddle::lcp {
namespace {

/// Longest path from the start of each task to the end, messages included.
std::vector<Cycle> path_lengths(const TaskGraph& graph, const std::vector<std::size_t>& reverse_order,
                                const DeviceConfig& device, const LinkConfig& link) {
  std::vector<Cycle> lengths(boost::num_vertices(graph));
  for (const std::size_t v : reverse_order) {
    Cycle after = 0;
    for (const auto& e : boost::make_iterator_range(boost::out_edges(v, graph)))
      after = std::max(after, message_time(link, graph[e].bytes) + lengths[boost::target(e, graph)]);
    lengths[v] = after + compute_time(device, graph[v].work);
  }
  return lengths;
}

}  // namespace

void place_by_list_scheduling(TaskGraph& graph, std::uint32_t devices, const DeviceConfig& device,
                              const LinkConfig& link) {
  std::vector<std::size_t> order;
  boost::topological_sort(graph, std::back_inserter(order));
  const std::vector<Cycle> lengths = path_lengths(graph, order, device, link);
  std::reverse(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });

  std::vector<Cycle> free(devices), finish(boost::num_vertices(graph));
  for (const std::size_t v : order) {
    Task& task = graph[v];
    const auto earliest = [&](std::uint32_t on) {
      Cycle ready = 0;
      for (const auto& e : boost::make_iterator_range(boost::in_edges(v, graph))) {
        const std::size_t from = boost::source(e, graph);
        const bool moves = graph[from].device != on && graph[e].bytes > 0;
        ready = std::max(ready, finish[from] + (moves ? message_time(link, graph[e].bytes) : 0));
      }
      return ready;
    };
    if (task.device >= devices) {  // the host
      finish[v] = earliest(task.device) + compute_time(device, task.work);
      continue;
    }
    Cycle best = kNever;
    std::uint32_t chosen = 0;
    for (std::uint32_t d = 0; d < devices; ++d) {
      const Cycle end = std::max(free[d], earliest(d)) + compute_time(device, task.work);
      if (end < best) best = end, chosen = d;
    }
    task.device = chosen;
    free[chosen] = finish[v] = best;
  }
}

}  // namespace heddle::lcp
