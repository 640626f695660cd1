// One inference as a graph of tasks on devices, and the ways to cut a network into one.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/lcp/device.h"
#include "models/lcp/split.h"

namespace heddle::lcp {

/// A vertex: runs without interruption on its device once all it reads has arrived.
struct Task {
  std::string name;
  std::uint32_t device = 0;
  Work work;
};
/// An edge: `bytes` of message number `message` of its source. Edges of one message carry the same data.
struct Message {
  std::uint32_t message = 0;
  double bytes = 0;
};
using TaskGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, Task, Message>;

enum class Partition : std::uint8_t { single, branches, filter_split, spatial_split, splitnet, data_parallel };
std::span<const EnumName<Partition>> enum_names(Partition);

/// How values travel: the image as bytes, activations as 32-bit floats (the group's Pi runtime).
struct WireConfig {
  std::uint32_t bytes_per_input = 1;
  std::uint32_t bytes_per_activation = 4;
};
template <class V>
void describe(V& v, WireConfig& c) {
  v.field("bytes_per_input", c.bytes_per_input, "bytes", "of one value of the image", in_range(0, 16));
  v.field("bytes_per_activation", c.bytes_per_activation, "bytes", "of one value between layers", in_range(0, 16));
}

/// The graph of one partition on `devices` devices. Device `devices` is the host that has the image and takes the
/// result; with `host_classifier` it also runs the classifier of branches.
struct PartitionRequest {
  Partition partition = Partition::single;
  std::uint32_t devices = 1;
  SplitConfig split;                  ///< branches
  std::vector<std::uint32_t> groups;  ///< splitnet: groups of the last weighted layers, the classifier's last
  bool host_classifier = false;
  WireConfig wire;
};

/// Throws InputError when the partition does not fit the network.
TaskGraph make_tasks(const NetworkConfig& config, const PartitionRequest& request);

/// What the partition needs, whatever the devices.
struct GraphTraffic {
  std::uint64_t messages = 0;  ///< with multicast: one per message; a message that stays on its device is none
  double bytes = 0;
};
GraphTraffic multicast_traffic(const TaskGraph& graph);

/// Assigns every task that is not on the host to one of `devices` devices: tasks in the order of their longest path to
/// the end, each to the device that finishes it first, messages counted where device changes. For branches that
/// outnumber the devices.
void place_by_list_scheduling(TaskGraph& graph, std::uint32_t devices, const DeviceConfig& device,
                              const LinkConfig& link);

}  // namespace heddle::lcp
