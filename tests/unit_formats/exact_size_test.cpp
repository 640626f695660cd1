// Sizes and layouts as published, without tolerance where the publication allows it.
#include <gtest/gtest.h>

#include <cmath>

#include "matrices/formats/format.h"
#include "tests/unit_formats/format_helpers.h"

namespace heddle {
namespace {

/// One column of five tiles with 0, 1, 8, 9 and 64 nonzeros.
NarrowMatrix five_tiles() {
  std::vector<std::uint16_t> codes(5 * 64);
  const std::uint32_t counts[] = {0, 1, 8, 9, 64};
  for (std::uint32_t t = 0; t < 5; ++t)
    for (std::uint32_t i = 0; i < counts[t]; ++i) codes[t * 64 + i] = static_cast<std::uint16_t>(0x3c00 + i);
  return from_dense(codes, 5 * 64, 1, ValueType::fp16);
}

TEST(ExactSize, TileBitmapOf256TokensAnd128Channels) {
  const auto total = [](std::uint32_t kept) {
    return encode(tiles_with(256, 128, kept), Format::tile_bitmap).size.total();
  };
  const FormatSize size = exact_size(tiles_with(256, 128, 32), Format::tile_bitmap);
  EXPECT_EQ(size, (FormatSize{32768, 4096, 2052, 0}));
  EXPECT_EQ(total(32), 38'916u);
  EXPECT_EQ(total(33), 47'108u);
  EXPECT_EQ(exact_size(tiles_with(256, 128, 33), Format::tile_bitmap), (FormatSize{33792, 4096, 2052, 7168}));
  EXPECT_EQ(total(0), 6'148u);
  EXPECT_EQ(total(64), 71'684u);
  EXPECT_EQ(dense_bytes(tiles_with(256, 128, 0)), 65'536u);
}

TEST(ExactSize, OffsetsAreUnitsOfFourBytes) {
  const Encoded encoded = encode(five_tiles(), Format::tile_bitmap);
  EXPECT_EQ(numbers_of<std::int32_t>(encoded.section("offsets")), (std::vector<std::int32_t>{0, 0, 4, 8, 16, 48}));
  EXPECT_EQ(numbers_of<std::uint16_t>(encoded.section("values")).size(), 96u);
}

TEST(ExactSize, BitOrders) {
  std::vector<std::uint16_t> codes(64 * 64);
  codes[0] = 0x3c00;
  const NarrowMatrix first = from_dense(codes, 64, 64, ValueType::fp16);
  const auto first_word = [&](Format format) {
    return numbers_of<std::uint64_t>(encode(first, format).section("bitmap")).front();
  };
  EXPECT_EQ(first_word(Format::bitmap), 0x8000000000000000u);
  EXPECT_EQ(first_word(Format::tile_bitmap), 0x8000000000000000u);
  EXPECT_EQ(first_word(Format::tca_bme), 0x1u);
}

/// Tile, and bit from the top, of one element of a tokens x channels matrix.
std::pair<std::size_t, int> tile_of(std::uint32_t token, std::uint32_t channel, TileOrder order) {
  std::vector<std::uint16_t> codes(256 * 128);
  codes[token * 128 + channel] = 0x3c00;
  FormatOptions options;
  options.tile_order = order;
  const Encoded encoded = encode(from_dense(codes, 256, 128, ValueType::fp16), Format::tile_bitmap, options);
  const auto words = numbers_of<std::uint64_t>(encoded.section("bitmap"));
  for (std::size_t t = 0; t < words.size(); ++t)
    if (words[t] != 0) return {t, std::countl_zero(words[t])};
  return {words.size(), 64};
}

TEST(ExactSize, TilesOfKeysAndValues) {
  // Mustafar: key tile = token block x 128 + channel; value tile = token block x 128 + channel half x 64 + token in
  // block.
  EXPECT_EQ(tile_of(130, 77, TileOrder::columns), (std::pair<std::size_t, int>(2 * 128 + 77, 2)));
  EXPECT_EQ(tile_of(130, 77, TileOrder::rows), (std::pair<std::size_t, int>(2 * 128 + 64 + 2, 13)));
}

TEST(ExactSize, TcaBmeTilesAreColumnByColumnInBlocksOf16) {
  std::vector<std::uint16_t> codes(64 * 128);
  const auto word_of = [&](std::uint32_t row, std::uint32_t column) {
    std::fill(codes.begin(), codes.end(), std::uint16_t{0});
    codes[row * 128 + column] = 0x3c00;
    const Encoded encoded = encode(from_dense(codes, 64, 128, ValueType::fp16), Format::tca_bme);
    const auto words = numbers_of<std::uint64_t>(encoded.section("bitmap"));
    for (std::size_t t = 0; t < words.size(); ++t)
      if (words[t] != 0) return std::pair(t, std::countr_zero(words[t]));
    return std::pair(words.size(), 64);
  };
  EXPECT_EQ(word_of(8, 0), std::pair(std::size_t{1}, 0));    // below comes before
  EXPECT_EQ(word_of(0, 8), std::pair(std::size_t{2}, 0));    // beside
  EXPECT_EQ(word_of(1, 17), std::pair(std::size_t{4}, 9));   // the next 16 x 16 block
  EXPECT_EQ(word_of(16, 0), std::pair(std::size_t{16}, 0));  // the next strip
  EXPECT_EQ(word_of(0, 64), std::pair(std::size_t{64}, 0));  // the next group
}

TEST(ExactSize, TcaBmeOffsetsCountValues) {
  const Encoded encoded = encode(tiles_with(64, 192, 3), Format::tca_bme);  // 192 values per group
  EXPECT_EQ(numbers_of<std::int32_t>(encoded.section("offsets")), (std::vector<std::int32_t>{0, 192, 384, 576}));
  FormatOptions options;
  options.median_offsets = true;
  const Encoded with_median = encode(tiles_with(64, 64, 64), Format::tca_bme, options);
  EXPECT_EQ(numbers_of<std::int32_t>(with_median.section("median_offsets")),
            (std::vector<std::int32_t>{0, 1024, 2048, 3072}));
}

TEST(ExactSize, TiledCslItemsAreValueAndPermutedPosition) {
  std::vector<std::uint16_t> codes(128 * 64);
  codes[3 * 64 + 5] = 0x4200;
  const Encoded encoded = encode(from_dense(codes, 128, 64, ValueType::fp16), Format::tiled_csl);
  const auto items = numbers_of<std::uint32_t>(encoded.section("items"));
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(std::count(items.begin(), items.end(), (3u * 64 + (5 ^ 24)) << 16 | 0x4200), 1);
  EXPECT_EQ(numbers_of<std::int32_t>(encoded.section("offsets")), (std::vector<std::int32_t>{0, 1, 1}));
}

TEST(ExactSize, TiledCslSpreadsABankOverRounds) {
  // 128 x 64 half full: full rounds of 32 lanes x 4 items; the 32 items scattered at once should rarely share a bank.
  const Encoded encoded = encode(random_matrix(128, 64, 0.5, 9), Format::tiled_csl);
  const auto items = numbers_of<std::uint32_t>(encoded.section("items"));
  std::size_t groups = 0, worst = 0;
  for (std::size_t round = 0; round + 128 <= items.size(); round += 128)
    for (std::size_t v = 0; v < 4; ++v, ++groups) {
      std::array<std::size_t, 32> bank{};
      for (std::size_t lane = 0; lane < 32; ++lane) ++bank[(items[round + lane * 4 + v] >> 16) % 64 / 2];
      worst += *std::max_element(bank.begin(), bank.end());
    }
  EXPECT_LT(static_cast<double>(worst) / static_cast<double>(groups), 2.0);  // in row order: 3.5
}

TEST(ExactSize, TwoFourIndicesAreTwoBitsEach) {
  const std::vector<std::uint16_t> codes = {0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 3, 0};
  const Encoded encoded = encode(from_dense(codes, 1, 12, ValueType::fp16), Format::two_four);
  EXPECT_EQ(numbers_of<std::uint16_t>(encoded.section("values")), (std::vector<std::uint16_t>{1, 2, 0, 0, 0, 3}));
  EXPECT_EQ(encoded.section("indices"), (std::vector<std::uint8_t>{(1 | 3 << 2) | (0 | 1 << 2) << 4, 0 | 2 << 2}));
}

TEST(ExactSize, CrossoversOfBitmapAgainstDense) {
  // Break-even sparsity 1 / b: 6.25 % fp16, 12.5 % int8, 25 % int4, at exact counts.
  const auto size_at = [](ValueType type, std::uint32_t kept_of_64) {
    std::vector<std::uint16_t> codes(64 * 64);
    for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = i % 64 < kept_of_64 ? 1 : 0;
    const NarrowMatrix m = from_dense(codes, 64, 64, type);
    return exact_size(m, Format::bitmap).total() == dense_bytes(m);
  };
  EXPECT_TRUE(size_at(ValueType::fp16, 60));
  EXPECT_TRUE(size_at(ValueType::int8, 56));
  EXPECT_TRUE(size_at(ValueType::int4, 48));
}

}  // namespace
}  // namespace heddle
