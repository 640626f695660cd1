// Replay of a task graph on devices and links: agents on the kernel, one tick a microsecond.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/lcp/device.h"
#include "models/lcp/task_graph.h"
#include "sim/kernel/account.h"

namespace heddle::lcp {

/// Images arrive at the host every `interval_ms` (0: the next when the result of the one before is there).
struct StreamConfig {
  std::uint32_t images = 1;
  double interval_ms = 0;
  std::uint32_t queue = 10;  ///< the group's Pi runtime: a FIFO of 10 per device, full means dropped
};
template <class V>
void describe(V& v, StreamConfig& c) {
  v.field("images", c.images, "count", "inferences", in_range(1, 100000));
  v.field("interval_ms", c.interval_ms, "ms", "between images; 0: the next one when the last result is there",
          in_range(0, 1e6));
  v.field("queue", c.queue, "tasks", "ready tasks a device holds; an image that meets a full queue is dropped",
          in_range(1, 1 << 20));
}

struct Cluster {
  std::uint32_t devices = 1;
  DeviceConfig device;
  LinkConfig link;
  StragglerConfig straggler;
  StreamConfig stream;
  bool rotate = false;  ///< data parallelism: image i runs on the devices shifted by i
};

struct ClusterResult {
  double latency_ms = 0;                ///< mean over the images that finished
  double slowest_ms = 0, stdev_ms = 0;  ///< over them
  std::uint64_t finished = 0, dropped = 0;
  double makespan_ms = 0;
  double images_per_second = 0;
  double energy_j = 0;          ///< per image finished, all devices, idle ones included
  double communication_ms = 0;  ///< the medium busy, per image
  std::uint64_t messages = 0;
  double message_bytes = 0;
  std::vector<double> busy_ms;              ///< by device, the host last
  std::vector<std::uint64_t> memory_bytes;  ///< by device, parameters placed on it
};

/// Throws InputError when a device would hold more than its memory. Tracks of `timeline`: "device" and "link".
ClusterResult replay_cluster(const TaskGraph& graph, const Cluster& cluster, ActivitySink* timeline = nullptr);

}  // namespace heddle::lcp
