// JSON, help and hashes of described structs.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dataflows/config.h"
#include "sim/base/hash.h"
#include "sim/base/help.h"
#include "sim/base/json.h"
#include "sim/base/json_append.h"
#include "sim/base/random.h"
#include "tests/unit_base/sample.h"

namespace heddle::sample {
namespace {

TEST(Json, WritesEveryKindOfField) {
  Config config;
  config.devices = {{"gpu", 4}};
  config.named["left"] = {"npu", 2};
  EXPECT_EQ(to_json(config).dump(),
            R"({"name":"unnamed","enabled":true,"banks":8,"lines":100,"ratio":0.5,"colour":"red",)"
            R"("cache":{"capacity":"1 MiB","bandwidth":"128 GB/s","clock":"1 GHz"},"sizes":[1,2],"weights":{"a":1.5},)"
            R"("devices":[{"kind":"gpu","cores":4}],"named":{"left":{"kind":"npu","cores":2}}})");
}

TEST(Json, RefusesFiguresThatAreNotFinite) {
  Config config;
  config.ratio = std::nan("");
  EXPECT_THROW(to_json(config), InternalError);
  config.ratio = std::numeric_limits<double>::infinity();
  EXPECT_THROW(to_json(config), InternalError);
}

TEST(Json, BrokenUtf8IsReplaced) {
  Config config;
  config.name = "a\xff";
  EXPECT_NE(json_text(to_json(config)).find("a\xEF\xBF\xBD"), std::string::npos);
}

Config random_config(Random& random) {
  Config config;
  config.name.clear();
  for (std::uint64_t i = random.uniform_u64(12); i > 0; --i)
    config.name += static_cast<char>(random.uniform_u64(127) + 1);
  config.enabled = random.uniform_u64(2) == 0;
  config.banks = static_cast<std::uint32_t>(1 + random.uniform_u64(64));
  config.lines = random.bits() >> random.uniform_u64(64);
  config.ratio = random.uniform_real() * 2 - 1;
  config.colour = random.uniform_u64(2) == 0 ? Colour::red : Colour::green;
  config.cache = {{64 + random.uniform_u64(1 << 20)}, {1 + (random.bits() >> 1)}, {random.bits() >> 1}};
  config.sizes.clear();
  for (std::uint64_t i = random.uniform_u64(4); i > 0; --i)
    config.sizes.push_back(static_cast<std::uint32_t>(1 + random.uniform_u64(100)));
  config.weights = {{"x: y", std::ldexp(random.uniform_real(), -30)}, {"", 1e300}, {"#", 0}};
  config.named["k"].cores = static_cast<std::uint32_t>(1 + random.uniform_u64(1000));
  return config;
}

TEST(Json, ReadsBackAsTheSameConfig) {
  Random random(7);
  for (int i = 0; i < 500; ++i) {
    const Config config = random_config(random);
    const std::string text = json_text(to_json(config));
    EXPECT_EQ(read(text), config) << text;
    EXPECT_EQ(json_text(to_json(read(text))), text);
  }
}

TEST(Json, IsAppendedAsItIsDumped) {
  Config config;
  config.name = "a \"quoted\" line\nand \xc3\xa4 \\ \x7f \x01";
  config.devices = {{"gpu", 4}, {"", 0}};
  config.named["left \t"] = {"npu", 2};
  for (const Config& each : {Config{}, config}) {
    std::string text = "before";
    append_json(text, each);
    EXPECT_EQ(text, "before" + to_json(each).dump());
  }
  std::string text;
  append_json(text, heddle::Config{});
  EXPECT_EQ(text, to_json(heddle::Config{}).dump());
}

TEST(Json, TheWholeConfigurationReadsBack) {
  const std::string text = json_text(to_json(heddle::Config{}));
  heddle::Config config;
  config.machine.pe.count = 7;
  read_config(parse_config(text, "effective.json"), config);
  EXPECT_EQ(json_text(to_json(config)), text);
}

TEST(ConfigHash, DependsOnValuesOnly) {
  Config config;
  EXPECT_EQ(config_hash(config), "866d684a2c05d81d7a75ae96243c31c4");
  EXPECT_EQ(config_hash(config), json_hash(parse_json(canonical_text(to_json(config)))));
  EXPECT_EQ(canonical_text(parse_json(R"({"b": 1, "a": {"d": 2.0, "c": "x"}})")), R"({"a":{"c":"x","d":2.0},"b":1})");
  config.banks = 9;
  EXPECT_NE(config_hash(config), config_hash(Config{}));
}

struct Grown {
  std::uint32_t old_key = 1, new_key = 128;
};
template <class V>
void describe(V& v, Grown& c) {
  v.field("old_key", c.old_key, "count", "from the beginning");
  option(v, "new_key", c.new_key, 128, "count", "added later");
}
struct Holder {
  Grown inner;
};
template <class V>
void describe(V& v, Holder& c) {
  v.section("inner", c.inner, "one level down");
}

/// An option that is off is printed and read, but does not change what the config is.
TEST(ConfigHash, LeavesOutOptionsThatAreOff) {
  Holder holder;
  EXPECT_EQ(canonical_text(identity_json(holder)), R"({"inner":{"old_key":1}})");
  EXPECT_EQ(canonical_text(to_json(holder)), R"({"inner":{"new_key":128,"old_key":1}})");
  EXPECT_EQ(config_hash(holder), json_hash(parse_json(R"({"inner":{"old_key":1}})")));
  read_config(parse_config(R"({"inner":{"new_key":64}})", "x"), holder);
  EXPECT_EQ(canonical_text(identity_json(holder)), R"({"inner":{"new_key":64,"old_key":1}})");
}

TEST(Hash, MatchesPublishedVectors) {
  EXPECT_EQ(hash_text(""), "00000000000000000000000000000000");
  EXPECT_EQ(hash_text("hello"), "cbd8a7b341bd9b025b1e906a48ae1d19");
  EXPECT_EQ(hash_text("The quick brown fox jumps over the lazy dog"), "e34bbc7bbc071b6c7a433ca9c49a9347");
}

TEST(Hash, PiecesMakeTheWhole) {
  Random random(3);
  std::string text(1000, ' ');
  for (char& c : text) c = static_cast<char>(random.bits());
  for (int round = 0; round < 200; ++round) {
    Hasher hasher;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t taken = std::min<std::size_t>(rest.size(), random.uniform_u64(50));
      hasher.update(rest.substr(0, taken));
      rest.remove_prefix(taken);
    }
    ASSERT_EQ(hasher.hex(), hash_text(text));
  }
}

TEST(Hash, NumbersAreHashedAsLittleEndianBytes) {
  const std::vector<std::uint32_t> numbers{0x64636261, 0x68676665};
  Hasher hasher;
  hasher.update(std::span<const std::uint32_t>(numbers));
  EXPECT_EQ(hasher.hex(), hash_text("abcdefgh"));
}

TEST(Help, NamesEveryKeyWithUnitRangeDefaultAndSentence) {
  const std::vector<KeyHelp> keys = described_keys<Config>();
  const auto find = [&](const std::string& path) {
    for (const KeyHelp& key : keys)
      if (key.path == path) return key;
    ADD_FAILURE() << "no key " << path;
    return KeyHelp{};
  };
  EXPECT_EQ(find("banks").range, "1 to 64");
  EXPECT_EQ(find("lines").range, "");
  EXPECT_EQ(find("ratio").range, "-1 to 1");
  EXPECT_EQ(find("cache.capacity").range, "64 B to 1 GiB");
  EXPECT_EQ(find("cache.capacity").initial, "1 MiB");
  EXPECT_EQ(find("cache.bandwidth").unit, "bytes/s");
  EXPECT_TRUE(find("cache").is_section);
  EXPECT_EQ(find("colour").choices.at(1).second, "as grass");
  EXPECT_EQ(find("sizes[]").initial, "[1,2]");
  EXPECT_EQ(find("weights.<name>").initial, "{\"a\":1.5}");
  EXPECT_EQ(find("devices[].cores").range, "at least 1");
  EXPECT_EQ(find("named.<name>.kind").initial, "cpu");
}

TEST(Help, TableIsReadable) {
  const std::string table = help_config<Cache>();
  EXPECT_EQ(table,
            "key        unit     range           default   meaning\n"
            "capacity   bytes    64 B to 1 GiB   1 MiB     what fits\n"
            "bandwidth  bytes/s  at least 1 B/s  128 GB/s  what flows\n"
            "clock      Hz       any             1 GHz     how often\n");
  EXPECT_NE(help_config<Config>().find("    green"), std::string::npos);
}

}  // namespace
}  // namespace heddle::sample
