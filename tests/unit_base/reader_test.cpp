// What read_config accepts, and one test for each way a value can be wrong.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/unit_base/sample.h"

namespace heddle::sample {
namespace {

TEST(Reader, ReadsEveryKindOfField) {
  const Config config = read(
      "name: loom\nenabled: false\nbanks: 16\nlines: 1e8\nratio: -0.25\ncolour: green\n"
      "cache: {capacity: 3 MiB, bandwidth: 68.256 GB/s, clock: 800 MHz}\n"
      "sizes: [3, 4, 5]\nweights: {x: 0.5, y: 2}\n"
      "devices: [{kind: gpu, cores: 4}, {}]\nnamed:\n  left: {cores: 2}\n");
  EXPECT_EQ(config.name, "loom");
  EXPECT_FALSE(config.enabled);
  EXPECT_EQ(config.banks, 16U);
  EXPECT_EQ(config.lines, 100'000'000U);
  EXPECT_EQ(config.ratio, -0.25);
  EXPECT_EQ(config.colour, Colour::green);
  EXPECT_EQ(config.cache.capacity, Bytes{3 << 20});
  EXPECT_EQ(config.cache.bandwidth, Bandwidth{68'256'000'000});
  EXPECT_EQ(config.cache.clock, Frequency{800'000'000});
  EXPECT_EQ(config.sizes, (std::vector<std::uint32_t>{3, 4, 5}));
  EXPECT_EQ(config.weights, (std::map<std::string, double>{{"x", 0.5}, {"y", 2}}));
  EXPECT_EQ(config.devices, (std::vector<Device>{{"gpu", 4}, {"cpu", 1}}));
  EXPECT_EQ(config.named.at("left").cores, 2U);
}

TEST(Reader, MissingKeysKeepTheirDefault) {
  EXPECT_EQ(read("{}"), Config{});
  Config expected;
  expected.cache.clock = {5};
  EXPECT_EQ(read("cache:\n  clock: 5 Hz"), expected);
}

TEST(Reader, TextsMayBeQuotedOrLookLikeAnything) {
  EXPECT_EQ(read("name: \"a: b\\n\"").name, "a: b\n");
  EXPECT_EQ(read("name: 17").name, "17");
  EXPECT_EQ(read("name: true").name, "true");
  EXPECT_EQ(read("name: \"\"").name, "");
  EXPECT_EQ(read("cache: {capacity: \"64 kB\"}").cache.capacity, Bytes{64000});
}

TEST(Reader, AliasesAreCopies) {
  const Config config = read("devices: [&d {kind: gpu, cores: 3}]\nnamed: {x: *d}\nbanks: &n 5\nlines: *n\n");
  EXPECT_EQ(config.named.at("x"), (Device{"gpu", 3}));
  EXPECT_EQ(config.lines, 5U);
}

struct Wrong {
  const char* text;
  const char* message;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.text;
}

class ReaderRefuses : public ::testing::TestWithParam<Wrong> {};

TEST_P(ReaderRefuses, WithPlaceKeyAndExpectation) {
  EXPECT_EQ(message_of_reading(GetParam().text), GetParam().message);
}

const Wrong kWrongValues[] = {
    {"name: x\nbanks: many", "test.yaml:2: banks: expected a whole number, 1 to 64, got \"many\""},
    {"banks: \"8\"", "test.yaml:1: banks: expected a whole number, 1 to 64 (without quotes), got the text \"8\""},
    {"banks: -1", "test.yaml:1: banks: expected a whole number, 1 to 64, got \"-1\""},
    {"banks: 0", "test.yaml:1: banks: expected a whole number, 1 to 64, got \"0\""},
    {"banks: 65", "test.yaml:1: banks: expected a whole number, 1 to 64, got \"65\""},
    {"banks: 2.5", "test.yaml:1: banks: expected a whole number, 1 to 64, got \"2.5\""},
    {"banks: 4294967297", "test.yaml:1: banks: expected a whole number, 1 to 64, got \"4294967297\""},
    {"banks:", "test.yaml:1: banks: expected a whole number, 1 to 64, got nothing"},
    {"banks: {a: 1}", "test.yaml:1: banks: expected a whole number, 1 to 64, got a section of keys"},
    {"banks: [4, 8]",
     "test.yaml:1: banks: expected a whole number, 1 to 64; a list here makes a sweep axis, which only `heddle sweep` "
     "accepts"},
    {"lines: -5", "test.yaml:1: lines: expected a whole number, got \"-5\""},
    {"lines: 18446744073709551616", "test.yaml:1: lines: expected a whole number, got \"18446744073709551616\""},
    {"ratio: .nan", "test.yaml:1: ratio: expected a number, -1 to 1, got \".nan\""},
    {"ratio: nan", "test.yaml:1: ratio: expected a number, -1 to 1, got \"nan\""},
    {"ratio: .inf", "test.yaml:1: ratio: expected a number, -1 to 1, got \".inf\""},
    {"ratio: 1e999", "test.yaml:1: ratio: expected a number, -1 to 1, got \"1e999\""},
    {"ratio: 1.01", "test.yaml:1: ratio: expected a number, -1 to 1, got \"1.01\""},
    {"enabled: yes", "test.yaml:1: enabled: expected true or false, got \"yes\""},
    {"enabled: [true, false]",
     "test.yaml:1: enabled: expected true or false; a list here makes a sweep axis, which only `heddle sweep` accepts"},
    {"colour: gren", "test.yaml:1: colour: expected one of red, green, got \"gren\"; did you mean \"green\"?"},
    {"colour: blue", "test.yaml:1: colour: expected one of red, green, got \"blue\""},
    {"name: {a: b}", "test.yaml:1: name: expected a text, got a section of keys"},
    {"name:", "test.yaml:1: name: expected a text, got nothing"},
    {"cache:\n  capacity: 3 mib",
     "test.yaml:2: cache.capacity: expected a number of bytes such as \"3 MiB\", got \"3 mib\": unknown unit \"mib\"; "
     "units: B, KB, kB, KiB, MB, MiB, GB, GiB, TB, TiB"},
    {"cache:\n  capacity: 32",
     "test.yaml:2: cache.capacity: expected a number of bytes such as 3 MiB, 64 B to 1 GiB, got \"32\""},
    {"cache:\n  bandwidth: 0 B/s",
     "test.yaml:2: cache.bandwidth: expected a bandwidth such as 128 GB/s, at least 1 B/s, got \"0 B/s\""},
    {"cache:\n  clock: 3 GB",
     "test.yaml:2: cache.clock: expected a frequency such as \"1 GHz\", got \"3 GB\": unknown unit \"GB\"; units: Hz, "
     "kHz, MHz, GHz"},
    {"cache: 5", "test.yaml:1: cache: expected a section (keys below it), got \"5\""},
    {"cache:", "test.yaml:1: cache: expected a section (keys below it), got nothing"},
    {"sizes: 5", "test.yaml:1: sizes: expected a list, got \"5\""},
    {"sizes:\n  - 5\n  - 500", "test.yaml:3: sizes[1]: expected a whole number, 1 to 100, got \"500\""},
    {"weights: [1]", "test.yaml:1: weights: expected a map of names to values, got a list"},
    {"weights:\n  x: heavy", "test.yaml:2: weights.x: expected a number, at least 0, got \"heavy\""},
    {"devices:\n  - kind: gpu\n    core: 3",
     "test.yaml:3: devices[0].core: unknown key \"core\"; did you mean \"cores\"? Accepted here: kind, cores"},
    {"name: x\ncache:\n  capcity: 64",
     "test.yaml:3: cache.capcity: unknown key \"capcity\"; did you mean \"capacity\"? Accepted here: capacity, "
     "bandwidth, clock"},
    {"zzz: 1",
     "test.yaml:1: zzz: unknown key \"zzz\". Accepted here: name, enabled, banks, lines, ratio, colour, cache, sizes, "
     "weights, devices, named"},
    {"cache: {<<: {clock: 1 Hz}}",
     "test.yaml:1: cache.<<: unknown key \"<<\". Accepted here: capacity, bandwidth, clock"},
};
INSTANTIATE_TEST_SUITE_P(Values, ReaderRefuses, ::testing::ValuesIn(kWrongValues));

const Wrong kWrongFiles[] = {
    {"banks: 1\nname: x\nbanks: 2", "test.yaml:3: key \"banks\" was given in line 1 already"},
    {"", "test.yaml:1: the file is empty; expected a map of keys"},
    {"# nothing\n\n", "test.yaml:1: the file is empty; expected a map of keys"},
    {"~", "test.yaml:1: the file is empty; expected a map of keys"},
    {"\n- a\n- b", "test.yaml:2: expected a map of keys (`key: value`), got a list"},
    {"just words", "test.yaml:1: expected a map of keys (`key: value`), got a single value"},
    {"banks: 1\n---\nbanks: 2", "test.yaml:2: expected one YAML document, a second one begins here"},
    {"a: &a [*a]", "test.yaml:1: an alias inside its own anchor"},
    {"banks: !!int 3", "test.yaml:1: tags are not supported, got \"tag:yaml.org,2002:int\""},
    {"[a]: 1", "test.yaml:1: expected a key (a word), got something else"},
    {"~: 1", "test.yaml:1: expected a key (a word), got something else"},
    {"name: x\nx: \x01", "test.yaml:2: expected YAML text, got a control character (is this a binary file?)"},
    {"name: x\nx: \xff\xfe", "test.yaml:2: expected UTF-8 text, got other bytes (is this a binary file?)"},
};
INSTANTIATE_TEST_SUITE_P(Files, ReaderRefuses, ::testing::ValuesIn(kWrongFiles));

TEST(Reader, InvalidYamlIsRefusedWithItsLine) {  // the rest of the sentence is yaml-cpp's own
  const Wrong cases[] = {{"a: b: c", "test.yaml:1: not valid YAML: "},
                         {"a: [1, 2", "test.yaml:1: not valid YAML: "},
                         {"banks: 1\n\tname: x", "test.yaml:2: not valid YAML: "},
                         {"banks: 1\nname: 'x", "test.yaml:2: not valid YAML: "},
                         {"a: *nowhere", "test.yaml:1: not valid YAML: "}};
  for (const auto& [text, beginning] : cases) {
    const std::string message = message_of_reading(text);
    EXPECT_EQ(message.substr(0, std::string(beginning).size()), beginning);
    EXPECT_GT(message.size(), std::string(beginning).size());
  }
}

TEST(Reader, RefusesNulBytes) {
  EXPECT_EQ(message_of_reading(std::string("a\0b", 3)),
            "test.yaml:1: expected YAML text, got a control character (is this a binary file?)");
}

TEST(Reader, ForeignTextInMessagesIsShortenedAndEscaped) {
  const std::string message = message_of_reading("banks: " + std::string(60'000, 'x'));
  EXPECT_LT(message.size(), 200U);
  EXPECT_NE(message.find("xxx\"..."), std::string::npos);
  EXPECT_LT(message_of_reading(std::string(1000, 'k') + ": 1").size(), 600U);
  EXPECT_NE(message_of_reading("banks: \"\\e[31m\"").find("\\x1b[31m"), std::string::npos);
}

}  // namespace
}  // namespace heddle::sample
