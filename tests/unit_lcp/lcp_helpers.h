#pragma once

#include <string>

#include "models/lcp/network.h"

namespace heddle::lcp_test {

/// A file of configs/workloads/networks.
inline lcp::NetworkConfig shipped_network(const std::string& name) {
  lcp::NetworkConfig config;
  load_network(HEDDLE_SOURCE_DIR "/configs/workloads/networks/" + name + ".yaml", config);
  return config;
}

/// Two convs and two fcs on an 8 x 8 image of one channel.
inline lcp::NetworkConfig small_network() {
  lcp::NetworkConfig config;
  config.name = "small";
  config.input = {1, 8, 8};
  const auto add = [&](const std::string& name, lcp::LayerKind kind, std::uint32_t width, std::uint32_t kernel) {
    lcp::LayerConfig layer;
    layer.name = name;
    layer.kind = kind;
    layer.width = width;
    layer.kernel = kernel;
    config.layers.push_back(layer);
  };
  add("conv1", lcp::LayerKind::conv, 8, 3);
  add("conv2", lcp::LayerKind::conv, 16, 3);
  add("fc3", lcp::LayerKind::fc, 32, 1);
  add("fc4", lcp::LayerKind::fc, 10, 1);
  return config;
}

}  // namespace heddle::lcp_test
