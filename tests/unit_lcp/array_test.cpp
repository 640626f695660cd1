// The tailored array: exact cycles of small layers, its peaks, and the speed-ups its tiling gives.
#include "models/lcp/array.h"

#include <gtest/gtest.h>

#include "models/lcp/split.h"
#include "sim/network/rate_server.h"
#include "tests/unit_lcp/lcp_helpers.h"

namespace heddle::lcp_test {
namespace {

using namespace heddle::lcp;

Layer product(std::uint64_t rows, std::uint64_t inner, std::uint64_t positions) {
  Layer layer;
  layer.config.kind = LayerKind::conv;
  layer.gemm = {rows, inner, positions, 1};
  return layer;
}

ArrayConfig fast_memory() {
  ArrayConfig config;
  config.bandwidth = Bandwidth{1'000'000'000'000};
  return config;
}

Cycle cycles(const ArrayConfig& config, const Layer& layer) {
  return run_array(config, std::vector<Layer>{layer}).cycles;
}

TEST(Array, OneVectorTakesTheReduction) {
  ArrayConfig config = fast_memory();
  EXPECT_EQ(cycles(config, product(1, 32, 1)), 1u + 5) << "adder tree: log2 32";
  config.reduction = Reduction::mac_chain;
  EXPECT_EQ(cycles(config, product(1, 32, 1)), 1u + 32) << "MAC chain: 32";
}

TEST(Array, StepsAreRowsTimesBlocks) {
  const ArrayConfig config = fast_memory();
  EXPECT_EQ(cycles(config, product(10, 32, 64)), 10u + 5);
  EXPECT_EQ(cycles(config, product(10, 33, 64)), 20u + 5);
  EXPECT_EQ(cycles(config, product(10, 33, 65)), 40u + 5);
}

TEST(Array, MemoryPacesTheStream) {
  ArrayConfig config;  // 3.4 GB/s at 100 MHz: 34 B per cycle, a step needs 64 B
  const ArrayRun run = run_array(config, std::vector<Layer>{product(1000, 32 * 100, 64)});
  EXPECT_EQ(run.cycles, (100'000u * 64 + 33) / 34 + 5);
  EXPECT_EQ(run.streamed_bytes, 6'400'000u);
  EXPECT_EQ(run.memory_stall_cycles + run.busy_cycles + run.drain_cycles, run.cycles);
}

TEST(Array, PeaksArePublishedOnes) {
  const ArrayPeaks peaks = peaks_of(ArrayConfig{});
  EXPECT_DOUBLE_EQ(peaks.bandwidth, 217.6e9) << "LCP section III-B";
  EXPECT_DOUBLE_EQ(peaks.compute, 409.6e9);
  ArrayConfig dsp;
  dsp.multipliers = 96;
  EXPECT_DOUBLE_EQ(peaks_of(dsp).compute, 19.2e9) << "96 DSP slices at 100 MHz";
}

TEST(Array, NeverAboveItsPeakAndCloseToItOnALargeProduct) {
  for (const std::uint32_t bits : {8u, 16u, 32u})
    for (const std::uint32_t multipliers : {0u, 96u, 1024u}) {
      ArrayConfig config;
      config.word_bits = bits;
      config.multipliers = multipliers;
      const ArrayRun run = run_array(config, std::vector<Layer>{product(4096, 3200, 6400)});
      const double peak = peaks_of(config).lowest();
      EXPECT_LE(run.operations_per_second, peak);
      EXPECT_GE(run.operations_per_second, 0.9 * peak) << bits << " " << multipliers;
    }
}

TEST(Array, FewerMultipliersAreSlower) {
  ArrayConfig config = fast_memory();
  const Cycle all = cycles(config, product(100, 320, 640));
  config.multipliers = 1024;
  EXPECT_EQ(cycles(config, product(100, 320, 640)) - 5, 2 * (all - 5));
}

TEST(Array, StationaryBlocksCostWhenCharged) {
  ArrayConfig config;
  config.charge_stationary = true;  // 1 row: 64 B of stream and 4096 B of block
  EXPECT_EQ(cycles(config, product(1, 32, 64)), (4160u + 33) / 34 + 5);
}

TEST(Array, PruningShortensConvolutionsOnly) {
  ArrayConfig config = fast_memory();
  config.conv_weights_kept = 0.5;
  EXPECT_EQ(cycles(config, product(10, 64, 64)), 10u + 5);
  Layer fc = product(10, 64, 64);
  fc.config.kind = LayerKind::fc;
  EXPECT_EQ(cycles(config, fc), 20u + 5);
}

TEST(Array, SpeedUpsOfVgg16AndCifarNetAreThePublishedOnes) {
  struct Case {
    const char* name;
    double published[3];  // LCP Fig. 16: 2, 4, 8 devices
  };
  for (const Case& c : {Case{"vgg16", {3.9, 15.0, 56.4}}, Case{"cifarnet100", {3.5, 11.2, 32.1}}}) {
    const NetworkConfig config = shipped_network(c.name);
    const double one = run_array({}, weighted_layers(build_network(config))).seconds;
    std::uint32_t branches = 2;
    for (const double published : c.published) {
      SplitConfig split;
      split.branches = branches;
      const BranchedNetwork branched = split_network(config, split);
      std::vector<Layer> layers = weighted_layers(branched.branch);
      layers.push_back(branched.classifier);
      EXPECT_NEAR(one / run_array({}, layers).seconds / published, 1, 0.10) << c.name << " on " << branches;
      branches *= 2;
    }
  }
}

TEST(RateServer, CarriesFractions) {
  RateServer server(Frequency{100'000'000}, Bandwidth{3'400'000'000});
  Cycle last = 0;
  for (int i = 0; i < 34; ++i) last = server.serve(0, 64).finish;
  EXPECT_EQ(last, 64u) << "34 x 64 B at 34 B per cycle";
  EXPECT_EQ(server.serve(100, 34).start, 100u);
  EXPECT_EQ(server.serve(100, 34).finish, 102u);
}

}  // namespace
}  // namespace heddle::lcp_test
