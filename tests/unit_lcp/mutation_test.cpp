// Shipped workloads with random damage: read, or refused with InputError; never anything else.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "sim/base/errors.h"
#include "sim/base/file_io.h"
#include "sim/base/random.h"
#include "tools/heddle/replay.h"

namespace heddle::lcp_test {
namespace {

/// Deletes, doubles or replaces a few bytes.
std::string damaged(std::string text, Random& random) {
  const std::string bytes = "0123456789-:,[]{}#\n aex.";
  for (std::uint64_t n = 1 + random.uniform_u64(3); n > 0 && !text.empty(); --n) {
    const std::size_t at = random.uniform_u64(text.size());
    const std::size_t length = 1 + random.uniform_u64(8);
    switch (random.uniform_u64(3)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(at, length));
        break;
      default:
        text[at] = bytes[random.uniform_u64(bytes.size())];
    }
  }
  return text;
}

TEST(Mutation, DamagedWorkloadsAreReadOrRefused) {
  Random random(20);
  int refused = 0, read = 0;
  const std::filesystem::path folder = HEDDLE_SOURCE_DIR "/configs/workloads";
  for (const char* const name : {"lcp_raspberry_pi", "lcp_array", "lcp_splits", "robot_context", "robot_accelerator"}) {
    const std::string path = (folder / (std::string(name) + ".yaml")).string();
    const std::string text = read_text_file(path);
    for (int i = 0; i < 60; ++i) {
      try {
        const ConfigTree tree = parse_config(damaged(text, random), path);
        kind_of(tree).run(tree, false, nullptr);
        ++read;
      } catch (const InputError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 50);
  EXPECT_GT(read, 20) << "damage in a comment or a name is no damage";
}

/// The layers of a network and the events of a timeline, in the place of the workload that takes them in.
TEST(Mutation, DamagedNetworksAndTimelinesAreReadOrRefused) {
  Random random(21);
  const std::string folder = HEDDLE_SOURCE_DIR "/configs/workloads/";
  const std::string network = read_text_file(folder + "networks/resnet18.yaml");
  const std::string timeline = read_text_file(folder + "timelines/euroc_mh01.yaml");
  int refused = 0;
  const auto check = [&](const std::string& head, const std::string& body, const std::string& tail) {
    std::string text = head;
    for (const char c : body) text += c == '\n' ? std::string("\n    ") : std::string(1, c);
    try {
      const ConfigTree tree = parse_config(text + "\n" + tail, folder + "damaged.yaml");
      kind_of(tree).run(tree, false, nullptr);
    } catch (const InputError&) {
      ++refused;
    }
  };
  for (int i = 0; i < 150; ++i) {
    check("kind: lcp_splits\nnetworks:\n  n:\n    ", damaged(network, random), "cases: [{network: n}]\n");
    check("kind: robot_context\ntimeline:\n    ", damaged(timeline, random),
          "modules: [{name: m, task: {subtasks: [{name: s}]}}]\npolicies: [cfs]\nseconds: [1]\nknobs: [{name: off}]\n");
  }
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace heddle::lcp_test
