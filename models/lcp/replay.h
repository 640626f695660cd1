// The LCP replays, one per `kind:` of a workload file (tools/heddle/replay.cpp).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/lcp/array.h"
#include "models/lcp/cluster.h"
#include "models/lcp/task_graph.h"
#include "models/replay/result.h"

namespace heddle::lcp {

/// Published figures of one case; 0: none.
struct PublishedCount {
  double parameters = 0, macs = 0;
  double parameters_tolerance = 0, macs_tolerance = 0;
  std::string note;
};
template <class V>
void describe(V& v, PublishedCount& c) {
  v.field("parameters", c.parameters, "count", "published; 0: none", at_least(0));
  v.field("macs", c.macs, "count", "published; 0: none", at_least(0));
  v.field("parameters_tolerance", c.parameters_tolerance, "fraction", "0: shown, not judged", in_range(0, 10));
  v.field("macs_tolerance", c.macs_tolerance, "fraction", "0: shown, not judged", in_range(0, 10));
  v.field("note", c.note, "text", "why the published figure differs, or where it is from");
}

struct SplitCase {
  std::string network;
  SplitConfig split;
  PublishedCount published;
};
template <class V>
void describe(V& v, SplitCase& c) {
  v.field("network", c.network, "name", "one of `networks`");
  v.section("split", c.split, "branches and their width");
  v.section("published", c.published, "what was printed");
}

/// kind: lcp_splits. Parameters and MACs of networks and their branches; no time passes.
struct SplitsConfig {
  std::map<std::string, NetworkConfig> networks;
  std::vector<SplitCase> cases;
  bool list_layers = false;
  Bytes device_memory{std::uint64_t{64} << 20};
  std::uint64_t device_macs = 1'000'000'000;
};
template <class V>
void describe(V& v, SplitsConfig& c) {
  v.field("networks", c.networks, "", "by name");
  v.field("cases", c.cases, "", "one row of counts each");
  v.field("list_layers", c.list_layers, "bool", "a table of every network's layers");
  v.field("device_memory", c.device_memory, "bytes", "budget of the splitter: parameters of one branch, 4 B each",
          at_least(1));
  v.field("device_macs", c.device_macs, "MACs", "budget of the splitter: one branch, one image", at_least(1));
}
ReplayResult replay_splits(const SplitsConfig& config, ActivitySink* timeline);
void validate(const SplitsConfig& config);

/// One bar of a figure.
struct ClusterCase {
  std::string name;
  std::string network;
  Partition partition = Partition::single;
  std::uint32_t devices = 1;
  SplitConfig split;
  std::vector<std::uint32_t> groups;
  bool host_classifier = false;
  bool list_schedule = false;
  double published_ms = 0, tolerance = 0, published_max_ms = 0, published_stdev_ms = 0;
  double published_j = 0, energy_tolerance = 0;
  std::string basis;
  std::string place;
};
template <class V>
void describe(V& v, ClusterCase& c) {
  v.field("name", c.name, "text", "unique; keys of results begin with it");
  v.field("network", c.network, "name", "one of `networks`");
  v.field("partition", c.partition, "name", "how the network is cut");
  v.field("devices", c.devices, "count", "that compute; the host with the image comes on top", in_range(1, 1024));
  v.section("split", c.split, "of partition branches; its branches may outnumber the devices");
  v.field("groups", c.groups, "count", "of partition splitnet: groups of the last weighted layers");
  v.field("host_classifier", c.host_classifier, "bool", "the host merges and classifies");
  v.field("list_schedule", c.list_schedule, "bool", "place tasks by list scheduling instead of in turn");
  v.field("published_ms", c.published_ms, "ms", "0: none", at_least(0));
  v.field("tolerance", c.tolerance, "fraction", "of the latency; 0: shown, not judged", in_range(0, 10));
  v.field("published_j", c.published_j, "J", "energy of all devices; 0: none", at_least(0));
  v.field("energy_tolerance", c.energy_tolerance, "fraction",
          "published latency x devices x power against published energy; 0: shown, not judged", in_range(0, 10));
  v.field("published_max_ms", c.published_max_ms, "ms", "slowest inference; 0: none", at_least(0));
  v.field("published_stdev_ms", c.published_stdev_ms, "ms", "standard deviation over images; 0: none", at_least(0));
  v.field("basis", c.basis, "text", "source of the published figure; whether it was calibrated on");
}
void read_value(const ConfigPlace& at, ClusterCase& value);

/// `less` is expected to take less time than `than`.
struct Ordering {
  std::string less, than;
};
template <class V>
void describe(V& v, Ordering& c) {
  v.field("less", c.less, "name", "case with the shorter latency");
  v.field("than", c.than, "name", "case with the longer latency");
}

/// kind: lcp_cluster. Latency and energy of partitions on a cluster of devices.
struct ClusterConfig {
  std::string title;
  std::map<std::string, NetworkConfig> networks;
  DeviceConfig device;
  LinkConfig link;
  WireConfig wire;
  StragglerConfig straggler;
  StreamConfig stream;
  std::vector<ClusterCase> cases;
  std::vector<Ordering> orderings;
};
template <class V>
void describe(V& v, ClusterConfig& c) {
  v.field("title", c.title, "text", "of the report");
  v.field("networks", c.networks, "", "by name");
  v.section("device", c.device, "each of the devices");
  v.section("link", c.link, "what carries messages");
  v.section("wire", c.wire, "how values travel");
  v.section("straggler", c.straggler, "delays, off by default");
  v.section("stream", c.stream, "images");
  v.field("cases", c.cases, "", "one bar each");
  v.field("orderings", c.orderings, "", "of latencies, checked on ours");
}
ReplayResult replay_clusters(const ClusterConfig& config, ActivitySink* timeline);
void validate(const ClusterConfig& config);

/// Published milliseconds of one network on the tailored hardware.
struct ArrayCase {
  std::string network;
  Merge merge = Merge::reduce;
  std::vector<double> published_ms;        ///< one device, s2, s4, s8, s8-f40
  std::vector<double> published_speedups;  ///< as printed: of the four
  std::vector<double> model_parallel_ms;   ///< at 4 and 8 devices
  std::vector<double> branches_ms;         ///< LCP beside them
  double published_macs = 0;
  double tolerance = 0;
};
template <class V>
void describe(V& v, ArrayCase& c) {
  v.field("network", c.network, "name", "one of `networks`");
  v.field("merge", c.merge, "name", "how its branches meet");
  v.field("published_ms", c.published_ms, "ms", "one device, 2, 4, 8 branches, 8 branches f40");
  v.field("published_speedups", c.published_speedups, "x", "as printed over the bars, without the 1.0");
  v.field("model_parallel_ms", c.model_parallel_ms, "ms", "model parallelism on 4 and 8 devices");
  v.field("branches_ms", c.branches_ms, "ms", "LCP in the same figure");
  v.field("published_macs", c.published_macs, "count", "for the throughput the paper implies; 0: ours", at_least(0));
  v.field("tolerance", c.tolerance, "fraction", "of the speed-ups of s2, s4 and s8; 0: shown, not judged",
          in_range(0, 10));
}

/// Speed-ups published for quantisation and structured pruning, each alone and both.
struct CompressionConfig {
  std::uint32_t base_word_bits = 32;
  double conv_weights_kept = 0.5;
  double published_quantised = 0, published_pruned = 0, published_both = 0;
  double tolerance = 0;
};
template <class V>
void describe(V& v, CompressionConfig& c) {
  v.field("base_word_bits", c.base_word_bits, "bits", "before quantisation to the array's words", in_range(1, 64));
  v.field("conv_weights_kept", c.conv_weights_kept, "fraction", "of every convolution", in_range(0.001, 1));
  v.field("published_quantised", c.published_quantised, "x", "0: none", at_least(0));
  v.field("published_pruned", c.published_pruned, "x", "0: none", at_least(0));
  v.field("published_both", c.published_both, "x", "0: none", at_least(0));
  v.field("tolerance", c.tolerance, "fraction", "0: shown, not judged", in_range(0, 10));
}

/// kind: lcp_array. The tailored array on networks and their branches.
struct ArraysConfig {
  ArrayConfig array;
  std::map<std::string, ArrayConfig> presets;  ///< other arrays, for their peaks and one network
  std::map<std::string, NetworkConfig> networks;
  std::vector<ArrayCase> cases;
  CompressionConfig compression;
};
template <class V>
void describe(V& v, ArraysConfig& c) {
  v.section("array", c.array, "the array of the figures");
  v.field("presets", c.presets, "", "other arrays: peaks, power and the first network");
  v.field("networks", c.networks, "", "by name");
  v.field("cases", c.cases, "", "one group of bars each");
  v.section("compression", c.compression, "quantisation and structured pruning");
}
ReplayResult replay_arrays(const ArraysConfig& config, ActivitySink* timeline);
void validate(const ArraysConfig& config);

}  // namespace heddle::lcp
