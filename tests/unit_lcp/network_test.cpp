// Shapes, parameters and MACs of networks, by hand and against published counts; refusal of networks that do not fit.
#include "models/lcp/network.h"

#include <gtest/gtest.h>

#include "sim/base/errors.h"
#include "tests/unit_lcp/lcp_helpers.h"

namespace heddle::lcp_test {
namespace {

using namespace heddle::lcp;

TEST(Network, CountsOfASmallOneByHand) {
  const Network network = build_network(small_network());
  EXPECT_EQ(network.layer(0).output, (Shape{8, 8, 8}));
  EXPECT_EQ(network.layer(0).parameters, 8u * 9 + 8);
  EXPECT_EQ(network.layer(0).macs, 8u * 9 * 64);
  EXPECT_EQ(network.layer(1).parameters, 16u * 8 * 9 + 16);
  EXPECT_EQ(network.layer(2).parameters, 32u * 16 * 64 + 32);
  EXPECT_EQ(network.layer(3).macs, 320u);
  const Totals totals = network.totals();
  EXPECT_EQ(totals.operators, 4u);
  EXPECT_EQ(totals.intermediates, 8u * 64 + 16 * 64 + 32);
  EXPECT_EQ(totals.fc_weights, 32u * 16 * 64 + 320);
}

TEST(Network, PublishedCounts) {
  struct Case {
    const char* name;
    std::uint64_t parameters, macs;
  };
  // LCP (CSCE 2023), Tables II and III; ResNet-50 and MobileNet: their own papers.
  const Case cases[] = {{"alexnet_v2", 50'303'912, 736'555'776},
                        {"vgg16", 138'357'544, 15'470'264'320},
                        {"cifarnet100", 815'332, 14'710'528},
                        {"cifarnet10", 797'962, 14'693'248},
                        {"lenet", 61'706, 416'520},
                        {"lenet_fc", 266'610, 266'200},
                        {"resnet18", 11'689'512, 1'814'073'344},
                        {"resnet50", 25'557'032, 4'089'184'256},
                        {"mobilenet", 4'231'976, 568'740'352},
                        {"vgg_s", 76'152'548, 2'376'375'328}};
  for (const Case& c : cases) {
    const Totals totals = build_network(shipped_network(c.name)).totals();
    EXPECT_EQ(totals.parameters, c.parameters) << c.name;
    EXPECT_EQ(totals.macs, c.macs) << c.name;
  }
}

TEST(Network, GraphFollowsFrom) {
  const Network network = build_network(shipped_network("resnet18"));
  std::size_t adds = 0;
  for (std::size_t i = 0; i < network.size(); ++i) {
    if (network.layer(i).config.kind != LayerKind::add) continue;
    ++adds;
    EXPECT_EQ(boost::in_degree(i, network.graph), 2u) << network.layer(i).config.name;
  }
  EXPECT_EQ(adds, 8u);
}

/// The message of what build_network() throws.
std::string refusal(NetworkConfig config) {
  for (std::size_t i = 0; i < config.layers.size(); ++i) config.layers[i].place = "net.yaml:" + std::to_string(i + 1);
  try {
    build_network(config);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Network, RefusesWhatDoesNotFit) {
  const auto changed = [](auto change) {
    NetworkConfig config = small_network();
    change(config.layers);
    return refusal(config);
  };
  const std::string wide = changed([](auto& layers) { layers[1].kernel = 9, layers[1].padding = Padding::valid; });
  EXPECT_NE(wide.find("net.yaml:2: layers[1].kernel"), std::string::npos) << wide;
  EXPECT_NE(wide.find("8 x 8 x 8"), std::string::npos) << wide;
  const std::string unknown = changed([](auto& layers) { layers[2].from = {"conv3"}; });
  EXPECT_NE(unknown.find("did you mean \"conv1\"?"), std::string::npos) << unknown;
  const std::string unread = changed([](auto& layers) { layers[2].from = {"conv1"}; });
  EXPECT_NE(unread.find("nothing reads layer \"conv2\""), std::string::npos) << unread;
  const std::string shape = changed([](auto& layers) { layers[0].shape = {8, 7, 8}; });
  EXPECT_NE(shape.find("stated 8 x 7 x 8, derived 8 x 8 x 8"), std::string::npos) << shape;
  const std::string twice = changed([](auto& layers) { layers[1].name = "conv1"; });
  EXPECT_NE(twice.find("taken already"), std::string::npos) << twice;
  const std::string none = changed([](auto& layers) { layers[2].width = 0; });
  EXPECT_NE(none.find("at least 1"), std::string::npos) << none;
  const std::string last = changed([](auto& layers) { layers.pop_back(), layers.pop_back(); });
  EXPECT_NE(last.find("expected fc"), std::string::npos) << last;
  const std::string joined = changed([](auto& layers) {
    layers[2].kind = LayerKind::add, layers[2].width = 0, layers[2].from = {"conv1", "conv2"};
  });
  EXPECT_NE(joined.find("cannot join 8 x 8 x 8 and 16 x 8 x 8"), std::string::npos) << joined;
}

}  // namespace
}  // namespace heddle::lcp_test
