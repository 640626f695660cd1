#include "sim/base/units.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/base/errors.h"
#include "sim/base/number.h"
#include "sim/base/random.h"
#include "tests/unit_base/sample.h"

namespace heddle {
namespace {

using sample::message_of;

TEST(Units, ParsesBytes) {
  const std::pair<const char*, std::uint64_t> cases[] = {{"64", 64},
                                                         {"64 B", 64},
                                                         {"64B", 64},
                                                         {"3 MiB", 3 << 20},
                                                         {"1.5 kB", 1500},
                                                         {"1.5KB", 1500},
                                                         {"0.5 KiB", 512},
                                                         {"1 MB", 1000000},
                                                         {"2 GB", 2000000000},
                                                         {"2 GiB", 1ULL << 31},
                                                         {"1 TB", 1000000000000},
                                                         {"1 TiB", 1ULL << 40},
                                                         {" 7  kB ", 7000},
                                                         {"1e3 kB", 1000000},
                                                         {"1.000 B", 1},
                                                         {"0", 0},
                                                         {".5 kB", 500},
                                                         {"1E2", 100},
                                                         {"10e-1 B", 1},
                                                         {"9223372036854775808", 1ULL << 63}};
  for (const auto& [text, count] : cases) EXPECT_EQ(parse_bytes(text).count, count) << text;
}

TEST(Units, ParsesRates) {
  EXPECT_EQ(parse_bandwidth("128 GB/s").bytes_per_second, 128'000'000'000U);
  EXPECT_EQ(parse_bandwidth("68.256GB/s").bytes_per_second, 68'256'000'000U);
  EXPECT_EQ(parse_bandwidth("119 GiB/s").bytes_per_second, 119ULL << 30);
  EXPECT_EQ(parse_frequency("1 GHz").hertz, 1'000'000'000U);
  EXPECT_EQ(parse_frequency("800 MHz").hertz, 800'000'000U);
  EXPECT_EQ(parse_frequency("1.5 kHz").hertz, 1500U);
  EXPECT_EQ(parse_frequency("7 Hz").hertz, 7U);
}

TEST(Units, RefusesWithReason) {
  const std::tuple<const char*, const char*> cases[] = {{"", "begin with a number"},
                                                        {"MiB", "begin with a number"},
                                                        {"-3 MiB", "negative"},
                                                        {"3 mib", "unknown unit \"mib\""},
                                                        {"3 GHz", "unknown unit"},
                                                        {"1.5 B", "not a whole number of bytes"},
                                                        {"0.0001 kB", "not a whole"},
                                                        {"9223372036854775809", "2^63"},
                                                        {"9000000 TiB", "2^63"},
                                                        {"1e400", "2^63"},
                                                        {"1e99999999999 B", "number"},
                                                        {"1.2.3 B", "number"},
                                                        {"nan", "number"},
                                                        {"inf B", "number"},
                                                        {"0x10", "unknown unit"},
                                                        {"99999999999999999999999999 B", "number"},
                                                        {"5 EB", "unknown unit \"EB\""},
                                                        {"5EB", "unknown unit \"EB\""}};
  for (const auto& [text, fragment] : cases) {
    const std::string message = message_of([&] { parse_bytes(text); });
    EXPECT_NE(message.find(fragment), std::string::npos) << text << ": " << message;
    EXPECT_NE(message.find("units: B, KB, kB, KiB, MB, MiB, GB, GiB, TB, TiB"), std::string::npos) << message;
  }
}

TEST(Units, RatesNeedTheirUnit) {
  EXPECT_EQ(message_of([] { parse_bandwidth("128 GB"); }),
            "expected a bandwidth such as \"128 GB/s\", got \"128 GB\": unknown unit \"GB\"; units: B/s, KB/s, kB/s, "
            "KiB/s, MB/s, MiB/s, GB/s, GiB/s, TB/s, TiB/s");
  EXPECT_EQ(message_of([] { parse_frequency("1000"); }),
            "expected a frequency such as \"1 GHz\", got \"1000\": the unit is missing; units: Hz, kHz, MHz, GHz");
}

TEST(Units, PrintsFewestDigits) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0, "0 B"},         {64, "64 B"},      {1000, "1 kB"},        {1024, "1 KiB"},
      {1500, "1.5 kB"},   {1536, "1.5 KiB"}, {1001, "1.001 kB"},    {1 << 20, "1 MiB"},
      {3 << 20, "3 MiB"}, {999, "999 B"},    {100000000, "100 MB"}, {1ULL << 63, "8388608 TiB"}};
  for (const auto& [count, text] : cases) EXPECT_EQ(to_text(Bytes{count}), text);
  EXPECT_EQ(to_text(Bandwidth{68'256'000'000}), "68.256 GB/s");
  EXPECT_EQ(to_text(Bandwidth{119ULL << 30}), "119 GiB/s");
  EXPECT_EQ(to_text(Frequency{800'000'000}), "800 MHz");
  EXPECT_EQ(to_text(Frequency{1}), "1 Hz");
}

/// Numbers of all magnitudes, round ones as often as crooked ones.
std::uint64_t any_quantity(Random& random) {
  const std::uint64_t value = random.bits() >> random.uniform_u64(64);
  const std::uint64_t factors[] = {1, 1, 1000, 1024, 1'000'000, 1 << 20, 1'000'000'000, 1 << 30};
  const std::uint64_t factor = factors[random.uniform_u64(8)];
  const std::uint64_t limit = (std::uint64_t{1} << 63) / factor;
  return std::min(value, limit) * factor;
}

TEST(Units, TextParsesBackToTheSameQuantity) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t value = any_quantity(random);
    const std::string text = to_text(Bytes{value});
    EXPECT_EQ(parse_bytes(text).count, value) << text;
    EXPECT_LE(std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }),
              static_cast<std::ptrdiff_t>(std::to_string(value).size()));
    EXPECT_EQ(parse_bandwidth(to_text(Bandwidth{value})).bytes_per_second, value);
    EXPECT_EQ(parse_frequency(to_text(Frequency{value})).hertz, value);
  }
}

TEST(Number, DecimalIsExact) {
  EXPECT_EQ(scale_exactly(*parse_decimal("18446744073709551615"), 1, ~0ULL), ~0ULL);
  EXPECT_FALSE(parse_decimal("18446744073709551616"));
  EXPECT_EQ(scale_exactly(*parse_decimal("1.8446744073709551615e19"), 1, ~0ULL), ~0ULL);
  EXPECT_EQ(scale_exactly(*parse_decimal("100000000000000000000000e-20"), 1, ~0ULL), 1000U);
  EXPECT_EQ(scale_exactly(*parse_decimal("0e400"), 1, ~0ULL), 0U);
  EXPECT_FALSE(scale_exactly(*parse_decimal("1e400"), 1, ~0ULL));
  EXPECT_FALSE(scale_exactly(*parse_decimal("1e-400"), 1, ~0ULL));
  for (const char* text : {"", ".", "e5", "1e", "1e+", "1e5.0", "+1", "-1", "1 ", " 1", "1e--5", "0x1", "1_000"})
    EXPECT_FALSE(parse_decimal(text)) << text;
}

TEST(Number, FiniteOnly) {
  EXPECT_EQ(parse_finite("-2.5e-3"), -2.5e-3);
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1,5", "1.5x", ".inf", "0x1p3"})
    EXPECT_FALSE(parse_finite(text)) << text;
}

}  // namespace
}  // namespace heddle
