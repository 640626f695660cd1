// Distributed replay: exact times of small graphs by hand, traffic of the partitions, queues, stragglers, placement.
#include "models/lcp/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/base/errors.h"
#include "tests/unit_lcp/lcp_helpers.h"

namespace heddle::lcp_test {
namespace {

using namespace heddle::lcp;

/// 1 ms per operator, 1 GMAC/s, messages of 1 ms per kB + 2 ms.
Cluster plain_cluster(std::uint32_t devices) {
  Cluster cluster;
  cluster.devices = devices;
  cluster.device.per_operator_ms = 1;
  cluster.device.power_active_w = 3;
  cluster.device.power_idle_w = 1;
  cluster.link.ms_per_kb = 1;
  cluster.link.latency_ms = 2;
  return cluster;
}

/// host(image) -> d0, d1 -> d0(join) -> host
TaskGraph diamond() {
  TaskGraph graph;
  const auto image = boost::add_vertex(Task{"image", 2, {}}, graph);
  const auto left = boost::add_vertex(Task{"left", 0, {4, 0, 0, 100}}, graph);
  const auto right = boost::add_vertex(Task{"right", 1, {6, 0, 0, 100}}, graph);
  const auto join = boost::add_vertex(Task{"join", 0, {1, 0, 0, 50}}, graph);
  const auto result = boost::add_vertex(Task{"result", 2, {}}, graph);
  boost::add_edge(image, left, Message{0, 1000}, graph);
  boost::add_edge(image, right, Message{0, 1000}, graph);
  boost::add_edge(left, join, Message{0, 500}, graph);
  boost::add_edge(right, join, Message{0, 500}, graph);
  boost::add_edge(join, result, Message{0, 0}, graph);
  return graph;
}

TEST(Cluster, DiamondByHand) {
  const TaskGraph graph = diamond();
  // One message of 1 kB to both: 3 ms. left ends at 7, right at 9, its 0.5 kB arrive 2.5 later, join ends at 12.5; the
  // bare signal to the host takes a microsecond.
  const ClusterResult result = replay_cluster(graph, plain_cluster(2));
  EXPECT_DOUBLE_EQ(result.latency_ms, 12.501);
  EXPECT_EQ(result.messages, 2u);
  EXPECT_DOUBLE_EQ(result.busy_ms[0], 5);
  EXPECT_DOUBLE_EQ(result.busy_ms[1], 6);
  EXPECT_EQ(result.memory_bytes[0], 600u);
  EXPECT_NEAR(result.energy_j, (11 * 3 + (2 * 12.501 - 11) * 1) / 1e3, 1e-9);
  EXPECT_DOUBLE_EQ(result.communication_ms, 5.5);
}

TEST(Cluster, WithoutMulticastTheSharedMediumSendsTwice) {
  Cluster cluster = plain_cluster(2);
  cluster.link.multicast = false;
  // left: 3 to 7; right: 6 to 12; its message 14.5; join 15.5.
  EXPECT_DOUBLE_EQ(replay_cluster(diamond(), cluster).latency_ms, 15.501);
}

TEST(Cluster, QueuesThatAreFullDropImages) {
  TaskGraph graph;
  const auto image = boost::add_vertex(Task{"image", 1, {}}, graph);
  const auto work = boost::add_vertex(Task{"work", 0, {10, 0, 0, 0}}, graph);
  boost::add_edge(image, work, Message{0, 0}, graph);
  Cluster cluster = plain_cluster(1);
  cluster.stream = {20, 5, 3};  // 20 images, one each 5 ms, each takes 10 ms: half of them cannot be served
  const ClusterResult result = replay_cluster(graph, cluster);
  EXPECT_EQ(result.finished + result.dropped, 20u);
  EXPECT_GE(result.dropped, 6u);
  EXPECT_LE(result.dropped, 9u);
  EXPECT_LE(result.slowest_ms, 45) << "ten for itself, three ahead of it, the one running";
}

TEST(Cluster, AFullMediumDropsImages) {
  TaskGraph graph;
  const auto image = boost::add_vertex(Task{"image", 1, {}}, graph);
  const auto work = boost::add_vertex(Task{"work", 0, {0.1, 0, 0, 0}}, graph);
  boost::add_edge(image, work, Message{0, 8000}, graph);
  Cluster cluster = plain_cluster(1);
  cluster.stream = {31, 1, 3};  // a message takes 10 ms: one is being sent, three wait, the rest of 30 ms is lost
  const ClusterResult result = replay_cluster(graph, cluster);
  EXPECT_EQ(result.finished, 6u)
      << "sent at 0, 10, 20 and 30 ms, and the two that wait then: a camera acts before the medium";
  EXPECT_EQ(result.finished + result.dropped, 31u);
}

TEST(Cluster, StragglersAreSeededAndOnlySlow) {
  Cluster cluster = plain_cluster(2);
  cluster.stream.images = 50;
  const double undisturbed = replay_cluster(diamond(), cluster).latency_ms;
  cluster.straggler = {0.3, 20, 7};
  const ClusterResult a = replay_cluster(diamond(), cluster), b = replay_cluster(diamond(), cluster);
  EXPECT_EQ(a.latency_ms, b.latency_ms);
  EXPECT_EQ(a.stdev_ms, b.stdev_ms);
  EXPECT_GT(a.latency_ms, undisturbed + 5);
  EXPECT_GT(a.stdev_ms, 5);
  cluster.straggler.seed = 8;
  EXPECT_NE(replay_cluster(diamond(), cluster).latency_ms, a.latency_ms);
}

TEST(Cluster, DataParallelismRaisesThroughputNotLatency) {
  PartitionRequest request;
  request.partition = Partition::data_parallel;
  Cluster cluster = plain_cluster(1);
  cluster.link = {Medium::pairwise, true, 0, 0.001};
  cluster.stream = {64, 1, 1000};
  const TaskGraph one = make_tasks(small_network(), request);
  const ClusterResult alone = replay_cluster(one, cluster);
  cluster.devices = 4;
  cluster.rotate = true;
  request.devices = 4;
  const ClusterResult four = replay_cluster(make_tasks(small_network(), request), cluster);
  EXPECT_GT(four.images_per_second, 3.5 * alone.images_per_second);
  EXPECT_EQ(four.memory_bytes[3], four.memory_bytes[0]);
}

TEST(Cluster, RefusesWhatItsMemoryCannotHold) {
  Cluster cluster = plain_cluster(2);
  cluster.device.memory = Bytes{599};
  EXPECT_THROW(replay_cluster(diamond(), cluster), InputError);
  cluster.device.memory = Bytes{600};
  EXPECT_NO_THROW(replay_cluster(diamond(), cluster));
}

TEST(Partition, BranchesOnlyMeetAtTheClassifier) {
  PartitionRequest request;
  request.partition = Partition::branches;
  request.devices = 8;
  request.split.branches = 8;
  const NetworkConfig config = shipped_network("alexnet_v2");
  const TaskGraph graph = make_tasks(config, request);
  std::size_t branches = 0;
  for (const auto v : boost::make_iterator_range(boost::vertices(graph))) {
    if (graph[v].name.rfind("branch", 0) != 0) continue;
    ++branches;
    EXPECT_EQ(boost::out_degree(v, graph), 1u);
    for (const auto& e : boost::make_iterator_range(boost::out_edges(v, graph)))
      EXPECT_EQ(graph[boost::target(e, graph)].name, "merge+classifier");
  }
  EXPECT_EQ(branches, 8u);
  // The image once (multicast), 7 of 8 vectors of 512 floats (one stays), 1000 classes: whatever the depth.
  EXPECT_DOUBLE_EQ(multicast_traffic(graph).bytes, 224 * 224 * 3 + 7 * 512 * 4 + 1000 * 4);
  EXPECT_EQ(multicast_traffic(graph).messages, 9u);
}

TEST(Partition, FilterSplitMovesEveryIntermediate) {
  PartitionRequest request;
  request.partition = Partition::filter_split;
  request.devices = 4;
  const NetworkConfig config = shipped_network("vgg16");
  const Totals totals = build_network(config).totals();
  const double bytes = multicast_traffic(make_tasks(config, request)).bytes;
  EXPECT_DOUBLE_EQ(bytes, 224 * 224 * 3 + 4.0 * double(totals.intermediates) + 1000 * 4);
}

TEST(Partition, PartsAddUpToTheNetwork) {
  const NetworkConfig config = shipped_network("alexnet_v2");
  const Totals totals = build_network(config).totals();
  PartitionRequest request;
  request.partition = Partition::filter_split;
  request.devices = 5;
  double macs = 0, parameters = 0;
  const TaskGraph graph = make_tasks(config, request);
  for (const auto v : boost::make_iterator_range(boost::vertices(graph)))
    macs += graph[v].work.conv_macs + graph[v].work.fc_weights, parameters += graph[v].work.parameters;
  EXPECT_NEAR(macs, double(totals.macs), 1);
  EXPECT_NEAR(parameters, double(totals.parameters), 1);
}

TEST(Partition, GroupsOfSplitNetDropConnections) {
  const NetworkConfig config = shipped_network("alexnet_v2");
  PartitionRequest request;
  request.partition = Partition::splitnet;
  request.devices = 2;
  request.groups = {2};  // the classifier in two groups: half its weights
  double weights = 0;
  const TaskGraph graph = make_tasks(config, request);
  for (const auto v : boost::make_iterator_range(boost::vertices(graph)))
    if (graph[v].name.rfind("fc8", 0) == 0) weights += graph[v].work.fc_weights;
  EXPECT_DOUBLE_EQ(weights, 4096.0 * 1000 / 2);
  request.groups = {3};
  EXPECT_THROW(make_tasks(config, request), InputError);
}

TEST(Placement, ListSchedulingOfEqualBranchesIsBalanced) {
  PartitionRequest request;
  request.partition = Partition::branches;
  request.devices = 3;
  request.split.branches = 8;
  Cluster cluster = plain_cluster(3);
  TaskGraph graph = make_tasks(small_network(), request);
  place_by_list_scheduling(graph, 3, cluster.device, cluster.link);
  std::vector<int> held(3);
  for (const auto v : boost::make_iterator_range(boost::vertices(graph)))
    if (graph[v].name.rfind("branch", 0) == 0) ++held.at(graph[v].device);
  std::sort(held.begin(), held.end());
  EXPECT_EQ(held, (std::vector<int>{2, 3, 3}));
  const Cycle branch =
      compute_time(cluster.device, work_of(split_network(small_network(), request.split).branch_totals()));
  EXPECT_GE(replay_cluster(graph, cluster).latency_ms * 1e3, 3 * double(branch));
}

}  // namespace
}  // namespace heddle::lcp_test
