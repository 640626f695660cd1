// Random damage to a valid configuration: it is read, or refused with an InputError, and nothing else happens.
#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "tests/unit_base/sample.h"

namespace heddle::sample {
namespace {

const std::string kValid =
    "# a machine\nname: \"loom\"\nenabled: true\nbanks: 16\nlines: 1e8\nratio: 0.25\ncolour: green\n"
    "cache: &cache\n  capacity: 3 MiB\n  bandwidth: 68.256 GB/s\n  clock: 800 MHz\n"
    "sizes: [3, 4, 5]\nweights: {x: 0.5, y: 2}\n"
    "devices:\n  - &one {kind: gpu, cores: 4}\n  - *one\nnamed:\n  left: *one\n  right:\n    kind: |\n      long\n     "
    " text\n";

/// One to eight edits: bytes changed, removed, doubled, or replaced by a character that means something in YAML.
std::string damaged(Random& random) {
  constexpr std::string_view kMeaningful = ":-?[]{},#&*!|>'\"%@`~ \n\t\r\\<=";
  std::string text = kValid;
  for (std::uint64_t edits = 1 + random.uniform_u64(8); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = random.uniform_u64(text.size());
    const std::size_t length = random.uniform_u64(std::min<std::size_t>(text.size() - at, 20)) + 1;
    switch (random.uniform_u64(5)) {
      case 0:
        text[at] = static_cast<char>(random.bits());
        break;
      case 1:
        text[at] = kMeaningful[random.uniform_u64(kMeaningful.size())];
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(random.uniform_u64(text.size()), text.substr(at, length));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

TEST(Mutation, DamageIsReadOrRefused) {
  EXPECT_EQ(message_of_reading(kValid), "");
  Random random(2024);
  int refused = 0;
  constexpr int kRounds = 4000;
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = damaged(random);
    std::string message;
    EXPECT_NO_THROW(message = message_of_reading(text)) << text;
    if (message.empty()) continue;
    ++refused;
    EXPECT_EQ(message.substr(0, 10), "test.yaml:") << message;
  }
  EXPECT_GT(refused, kRounds / 2);
  EXPECT_LT(refused, kRounds);
}

TEST(Mutation, RandomBytesAreRefused) {
  Random random(7);
  for (int i = 0; i < 500; ++i) {
    std::string text(1 + random.uniform_u64(300), ' ');
    for (char& c : text) c = static_cast<char>(random.bits() >> 3);
    EXPECT_NO_THROW(EXPECT_NE(message_of_reading(text), "") << text);
  }
}

TEST(Mutation, RandomOverridesAreAppliedOrRefused) {
  Random random(11);
  constexpr std::string_view kLetters = "cache.banks=[]{}\"' :,-019&*!\\\n";
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::uint64_t n = random.uniform_u64(20); n > 0; --n) text += kLetters[random.uniform_u64(kLetters.size())];
    EXPECT_NO_THROW(message_of([&] {
      ConfigTree tree = parse_config(kValid, "test.yaml");
      apply_override(tree, text);
      Config config;
      read_config(tree, config);
    })) << text;
  }
}

}  // namespace
}  // namespace heddle::sample
