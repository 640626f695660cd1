// Files that extend each other, overrides, and the bounds on size, depth and expansion.
#include "sim/base/config_tree.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit_base/sample.h"

namespace heddle::sample {
namespace {

Config load(const std::string& path) {
  Config config;
  read_config(load_config(path), config);
  return config;
}

Config with_overrides(std::initializer_list<const char*> assignments) {
  ConfigTree tree = parse_config("banks: 4\ncache: {clock: 2 GHz}", "test.yaml");
  for (const char* assignment : assignments) apply_override(tree, assignment);
  Config config;
  read_config(tree, config);
  return config;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Extends, ChildWinsKeyByKey) {
  const TemporaryDirectory dir;
  dir.write("base.yaml", "banks: 2\nname: base\ncache: {capacity: 1 KiB, clock: 1 GHz}\nsizes: [9, 9, 9]\n");
  dir.write("middle.yaml", "extends: base.yaml\nname: middle\ncache: {clock: 2 GHz}\n");
  const Config config = load(dir.write("child.yaml", "cache: {bandwidth: 1 GB/s}\nsizes: [7]\nextends: middle.yaml\n"));
  EXPECT_EQ(config.name, "middle");
  EXPECT_EQ(config.banks, 2U);
  EXPECT_EQ(config.cache, (Cache{{1024}, {1'000'000'000}, {2'000'000'000}}));
  EXPECT_EQ(config.sizes, std::vector<std::uint32_t>{7});
}

TEST(Extends, IsRelativeToItsFileAndWorksInSections) {
  const TemporaryDirectory dir;
  std::filesystem::create_directories(dir / "parts/deep");
  dir.write("parts/cache.yaml", "extends: deep/clock.yaml\ncapacity: 2 KiB\n");
  dir.write("parts/deep/clock.yaml", "clock: 3 GHz\ncapacity: 1 KiB\n");
  const Config config = load(dir.write("main.yaml", "cache:\n  extends: parts/cache.yaml\n  bandwidth: 5 GB/s\n"));
  EXPECT_EQ(config.cache, (Cache{{2048}, {5'000'000'000}, {3'000'000'000}}));
}

TEST(Extends, ErrorsNameTheFileTheValueCameFrom) {
  const TemporaryDirectory dir;
  const std::string base = dir.write("base.yaml", "name: x\nbanks: none\n");
  const std::string child = dir.write("child.yaml", "extends: base.yaml\n");
  EXPECT_EQ(message_of([&] { load(child); }),
            (dir / "base.yaml") + ":2: banks: expected a whole number, 1 to 64, got \"none\"");
}

TEST(Extends, RefusesCyclesAndWhatIsNoFile) {
  const TemporaryDirectory dir;
  const std::string a = dir.write("a.yaml", "extends: b.yaml\n");
  dir.write("b.yaml", "name: b\nextends: ./a.yaml\n");
  EXPECT_TRUE(contains(message_of([&] { load(a); }), "b.yaml:2: extends: ")) << message_of([&] { load(a); });
  EXPECT_TRUE(contains(message_of([&] { load(a); }), "extends itself"));
  const std::string self = dir.write("self.yaml", "extends: self.yaml\n");
  EXPECT_TRUE(contains(message_of([&] { load(self); }), "self.yaml:1: extends: "));
  const std::string lost = dir.write("lost.yaml", "\nextends: nowhere.yaml\n");
  EXPECT_TRUE(contains(message_of([&] { load(lost); }), "lost.yaml:2: extends: there is no file"));
  const std::string list = dir.write("list.yaml", "extends: [a.yaml]\n");
  EXPECT_TRUE(contains(message_of([&] { load(list); }), "list.yaml:1: extends: expected the name of one file"));
}

TEST(Extends, LongChainsAndWideTreesAreBounded) {
  const TemporaryDirectory dir;
  for (int i = 0; i < 20; ++i)
    dir.write("c" + std::to_string(i) + ".yaml", "extends: c" + std::to_string(i + 1) + ".yaml\n");
  EXPECT_TRUE(contains(message_of([&] { load(dir / "c0.yaml"); }), "a chain of more than 16 files"));
  std::string wide;
  for (int i = 0; i < 16; ++i) wide += "k" + std::to_string(i) + ": {extends: NEXT}\n";
  for (int level = 0; level < 6; ++level) {
    std::string text = wide;
    for (std::size_t at = 0; (at = text.find("NEXT", at)) != std::string::npos;)
      text.replace(at, 4, "w" + std::to_string(level + 1) + ".yaml");
    dir.write("w" + std::to_string(level) + ".yaml", text);
  }
  dir.write("w6.yaml", "{}");
  EXPECT_TRUE(contains(message_of([&] { load_config(dir / "w0.yaml"); }), "more than 200000 values"));
}

TEST(Override, ReplacesAddsAndRemembersWhere) {
  EXPECT_EQ(with_overrides({"banks=16"}).banks, 16U);
  EXPECT_EQ(with_overrides({"cache.capacity= 3 MiB "}).cache.capacity, Bytes{3 << 20});
  EXPECT_EQ(with_overrides({"cache.capacity=1 KiB"}).cache.clock, Frequency{2'000'000'000});
  EXPECT_EQ(with_overrides({"banks=16", "banks=32"}).banks, 32U);
  EXPECT_EQ(with_overrides({"name=a: b # c=d"}).name, "a: b # c=d");
  EXPECT_EQ(with_overrides({"name=\"\""}).name, "");
  EXPECT_EQ(with_overrides({"sizes=[5, 6]"}).sizes, (std::vector<std::uint32_t>{5, 6}));
  EXPECT_EQ(with_overrides({"weights={x: 2}", "weights.y=3"}).weights.size(), 2U);
}

TEST(Override, ErrorsShowTheOption) {
  const auto message = [](std::initializer_list<const char*> list) {
    return message_of([&] { with_overrides(list); });
  };
  EXPECT_EQ(message({"banks=none"}), "--set banks: expected a whole number, 1 to 64, got \"none\"");
  EXPECT_EQ(
      message({"cache.clok=1 GHz"}),
      "--set cache.clok: unknown key \"clok\"; did you mean \"clock\"? Accepted here: capacity, bandwidth, clock");
  EXPECT_EQ(message({"cach.clock.x=1"}).substr(0, 41), "--set cach.clock.x: cach: unknown key \"ca");
  EXPECT_EQ(message({"banks.x=1"}), "--set banks.x: \"banks\" is no section, it has no key \"x\"");
  EXPECT_EQ(message({"banks="}), "--set banks: expected a whole number, 1 to 64, got nothing");
  EXPECT_TRUE(contains(message({"banks=[1, 2]"}), "--set banks: expected a whole number, 1 to 64; a list here makes"));
  EXPECT_TRUE(contains(message({"banks"}), "--set \"banks\": expected key.path=value"));
  EXPECT_TRUE(contains(message({"=5"}), "expected key.path=value"));
  for (const char* path : {".banks=1", "cache..clock=1", "cache.=1"})
    EXPECT_TRUE(contains(message({path}), "a key of the path is empty")) << path;
  EXPECT_TRUE(contains(message({"sizes=[1"}), "--set sizes:1: not valid YAML"));
  EXPECT_TRUE(contains(message_of([] {
                         ConfigTree tree;
                         std::string path = "a";
                         for (int i = 0; i < 100000; ++i) path += ".a";
                         apply_override(tree, path + "=1");
                       }),
                       "more keys than any configuration is deep"));
}

TEST(Override, WorksWithoutAnyFile) {
  ConfigTree tree;
  apply_override(tree, "cache.clock=5 MHz");
  Config config;
  read_config(tree, config);
  EXPECT_EQ(config.cache.clock, Frequency{5'000'000});
}

TEST(LoadConfig, RefusesWhatCannotBeRead) {
  const TemporaryDirectory dir;
  EXPECT_EQ(message_of([&] { load(dir / "none.yaml"); }),
            (dir / "none.yaml") + ": cannot read: No such file or directory");
  EXPECT_EQ(message_of([&] { load(dir.path()); }), dir.path() + ": cannot read: it is a directory");
  EXPECT_EQ(message_of([&] { load("/dev/zero"); }), "/dev/zero: cannot read: longer than 16777216 bytes");
}

/// Repeats `line` up to about `bytes`, in lines of a thousand repetitions.
std::string flood(const std::string& unit, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    for (int i = 0; i < 1000; ++i) text += unit;
    text += '\n';
  }
  return text;
}

TEST(LoadConfig, BombsAreRefusedQuickly) {
  std::string laughs = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string inner = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) laughs += inner + ", ";
    laughs += "]\n";
  }
  std::string chain = "a0: &a0 [1]\n";
  for (int i = 1; i < 1000; ++i)
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  const std::string long_text = "a: &a \"" + flood("xxxxxxxxxx", 1 << 20) + "\"\nb: [" + flood("*a,", 3000) + "]";
  const std::pair<std::string, const char*> cases[] = {
      {laughs, "values, aliases expanded"},
      {chain, "nested deeper than 64 levels"},
      {long_text, "bytes of text, aliases expanded"},
      {flood("[", 1 << 17), "nested deeper than 64 levels"},
      {flood("{a: ", 1 << 17), "nested deeper than 64 levels"},
      {flood("- ", 1 << 17), "nested deeper than 64 levels"},
      {flood("[", 1 << 20), "more than 200000 of [ { , ?"},
      {flood("? a,", 1 << 20), "more than 200000 of [ { , ?"},
      {"a: [" + flood("1,", 1 << 18), "end of sequence flow not found"},
      {"a: " + std::string(1 << 17, 'x'), "a line longer than 65536 bytes"}};
  for (const auto& [text, expected] : cases) {
    const auto start = std::chrono::steady_clock::now();
    const std::string message = message_of([&text = text] { parse_config(text, "bomb.yaml"); });
    EXPECT_TRUE(contains(message, expected)) << message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << expected;
  }
}

}  // namespace
}  // namespace heddle::sample
