// The splitter: counts of LCP's tables, the stopping rule against brute force, branches that never meet early.
#include "models/lcp/split.h"

#include <gtest/gtest.h>

#include "sim/base/errors.h"
#include "tests/unit_lcp/lcp_helpers.h"

namespace heddle::lcp_test {
namespace {

using namespace heddle::lcp;

SplitConfig split(std::uint32_t branches, double fattening, Merge merge) {
  SplitConfig config;
  config.branches = branches;
  config.fattening = fattening;
  config.merge = merge;
  return config;
}

TEST(Split, CountsOfThePublishedTables) {
  struct Case {
    const char* name;
    SplitConfig split;
    std::uint64_t parameters, macs;
  };
  const Case cases[] = {{"alexnet_v2", split(2, 1, Merge::reduce), 25'168'808, 402'150'144},
                        {"alexnet_v2", split(4, 1, Merge::reduce), 12'601'256, 234'947'328},
                        {"alexnet_v2", split(8, 1, Merge::reduce), 6'317'480, 151'345'920},
                        {"alexnet_v2", split(8, 1.4, Merge::reduce), 12'108'024, 256'415'992},
                        {"vgg16", split(8, 1, Merge::reduce), 17'307'944, 2'009'649'152},
                        {"vgg16", split(8, 1.4, Merge::reduce), 33'777'712, 3'866'162'208},
                        {"cifarnet100", split(2, 1, Merge::reduce), 410'468, 9'236'864},
                        {"cifarnet100", split(4, 1, Merge::reduce), 208'036, 6'500'032},
                        {"cifarnet100", split(8, 1, Merge::reduce), 106'820, 5'131'616},
                        {"lenet", split(2, 1, Merge::concat), 31'466, 267'480},
                        {"lenet", split(8, 1, Merge::concat), 8'834, 204'800},
                        {"resnet18", split(2, 1, Merge::concat), 6'110'760, 966'299'648},
                        {"resnet18", split(4, 1, Merge::concat), 3'321'384, 542'412'800},
                        {"resnet18", split(8, 1, Merge::concat), 1'926'696, 330'469'376}};
  for (const Case& c : cases) {
    const Totals totals = split_network(shipped_network(c.name), c.split).totals();
    EXPECT_EQ(totals.parameters, c.parameters) << c.name << " " << to_text(c.split);
    EXPECT_EQ(totals.macs, c.macs) << c.name << " " << to_text(c.split);
  }
}

TEST(Split, OneBranchIsTheNetwork) {
  for (const Merge merge : {Merge::reduce, Merge::concat})
    for (const char* name : {"alexnet_v2", "resnet18", "lenet_fc"}) {
      const NetworkConfig config = shipped_network(name);
      const BranchedNetwork branched = split_network(config, split(1, 1, merge));
      EXPECT_EQ(branched.totals().parameters, branched.whole.totals().parameters) << name;
      EXPECT_EQ(branched.totals().macs, branched.whole.totals().macs) << name;
    }
}

TEST(Split, StopsAtTheFewestBranchesThatFitBoth) {
  const NetworkConfig config = shipped_network("alexnet_v2");
  for (const std::uint64_t memory : {300'000'000u, 60'000'000u, 12'000'000u, 4'000'000u})
    for (const std::uint64_t macs : {800'000'000u, 100'000'000u, 20'000'000u}) {
      std::uint32_t expected = 0;
      for (std::uint32_t k = 1; expected == 0; k *= 2) {
        const Totals branch = split_network(config, split(k, 1, Merge::reduce)).branch_totals();
        if (branch.parameters * 4 <= memory && branch.macs <= macs) expected = k;
      }
      EXPECT_EQ(split_to_fit(config, {}, {memory, macs}, 2, 4).split.branches, expected) << memory << " " << macs;
    }
}

TEST(Split, RefusesABudgetNothingFits) {
  EXPECT_THROW(split_to_fit(small_network(), {}, {1, 1}, 2, 4), InputError);
}

TEST(Split, PairsOfModelParallelismOverBranchesIsTheNumberOfDevices) {
  for (const std::uint32_t devices : {2u, 4u, 8u}) {
    const ConnectedPairs pairs = connected_pairs(build_network(shipped_network("vgg16")), devices);
    EXPECT_EQ(pairs.model_parallel, pairs.branches * devices);
  }
  EXPECT_EQ(connected_pairs(build_network(shipped_network("vgg16")), 8).branches, 20u * 8);
}

TEST(Split, DividesTheInputOnRequest) {
  SplitConfig config = split(8, 1, Merge::reduce);
  config.split_input = true;
  const BranchedNetwork branched = split_network(shipped_network("lenet_fc"), config);
  EXPECT_EQ(branched.branch.input, (Shape{98, 1, 1}));
  const double reduction = 266'610.0 / double(branched.totals().parameters);
  EXPECT_NEAR(reduction, 7.89, 0.05) << "published: 7.89 times fewer parameters";
}

}  // namespace
}  // namespace heddle::lcp_test
