// decode(encode(X)) == X bit for bit, and the sizes that encode() announces are those of its sections.
#include <gtest/gtest.h>

#include "matrices/formats/expand.h"
#include "matrices/formats/file.h"
#include "sim/base/errors.h"
#include "tests/unit_formats/format_helpers.h"

namespace heddle {
namespace {

std::vector<FormatOptions> variants(Format format) {
  FormatOptions plain, other;
  other.tile_order = TileOrder::rows;
  other.block = 3;
  other.median_offsets = true;
  FormatOptions grouped = other;
  grouped.offset_every = 128;
  grouped.offset_pad = 8;
  if (format == Format::bitmap) return {plain, grouped};
  return {plain, other};
}

void expect_round_trip(const NarrowMatrix& matrix, Format format, const FormatOptions& options) {
  const Encoded encoded = encode(matrix, format, options);
  EXPECT_EQ(section_bytes(encoded), encoded.size.total());
  EXPECT_EQ(exact_size(matrix, format, options), encoded.size);
  std::vector<std::string_view> names;
  for (const Section& section : encoded.sections) names.push_back(section.name);
  EXPECT_EQ(names, section_names(format, options));
  EXPECT_TRUE(decode(encoded) == matrix);
  const std::string file = to_file(encoded);
  EXPECT_EQ(file.size(), 76 + 24 * encoded.sections.size() + encoded.size.total());
  EXPECT_TRUE(decode_file(file, "x") == matrix);
}

void expect_all_formats(const NarrowMatrix& matrix, bool fits_two_four) {
  for (const auto& entry : enum_names(Format{})) {
    if (entry.value == Format::tca_tbe && matrix.type != ValueType::bf16) continue;
    if (entry.value == Format::tiled_csl && value_bits(matrix.type) != 16) continue;
    if (entry.value == Format::two_four && !fits_two_four) continue;
    for (const FormatOptions& options : variants(entry.value)) {
      SCOPED_TRACE(std::string(entry.name) + " " + std::to_string(matrix.rows) + " x " + std::to_string(matrix.cols) +
                   " " + std::string(enum_name(matrix.type)));
      expect_round_trip(matrix, entry.value, options);
    }
  }
}

TEST(RoundTrip, EveryFormatTypeAndShape) {
  constexpr std::pair<std::uint32_t, std::uint32_t> kShapes[] = {{0, 0},   {0, 5},   {5, 0},    {1, 1},   {1, 64},
                                                                 {64, 1},  {3, 7},   {64, 64},  {65, 63}, {129, 130},
                                                                 {1, 700}, {700, 1}, {128, 192}};
  std::uint64_t seed = 1;
  for (const auto& [rows, cols] : kShapes)
    for (const ValueType type : kAllTypes)
      for (const double density : {0.0, 0.02, 0.5, 1.0})
        expect_all_formats(random_matrix(rows, cols, density, seed++, type), false);
}

TEST(RoundTrip, TwoOfFour) {
  for (const ValueType type : kAllTypes)
    for (const std::uint32_t cols : {1u, 4u, 6u, 63u, 128u})
      expect_all_formats(two_of_four(37, cols, cols, type), true);
}

TEST(RoundTrip, EveryFp16CodeSurvives) {
  std::vector<std::uint16_t> codes(65536);
  for (std::uint32_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint16_t>(i);
  for (const ValueType type : {ValueType::fp16, ValueType::bf16}) {
    const NarrowMatrix matrix = from_dense(codes, 256, 256, type);
    EXPECT_EQ(matrix.nnz(), 65534u);  // all but the zeros of either sign
    expect_all_formats(matrix, false);
  }
}

TEST(RoundTrip, ScaleIsKept) {
  const Csr csr{2, 2, {0, 1, 2}, {1, 0}, {0.3, -0.7}};
  const NarrowMatrix matrix = narrow(csr, ValueType::int4);
  EXPECT_EQ(decode_file(to_file(encode(matrix, Format::csr)), "x").scale, matrix.scale);
}

TEST(RoundTrip, DenseDecodersAgreeWithTheCheckedOne) {
  std::uint64_t seed = 100;
  for (const auto& [rows, cols] : {std::pair{64u, 64u}, {128u, 192u}, {65u, 63u}, {1u, 1u}, {200u, 130u}})
    for (const double density : {0.0, 0.1, 0.5, 1.0})
      for (const Format format : {Format::bitmap, Format::tile_bitmap})
        for (const TileOrder order : {TileOrder::columns, TileOrder::rows}) {
          const NarrowMatrix matrix = random_matrix(rows, cols, density, seed++);
          FormatOptions options;
          options.tile_order = order;
          const Encoded encoded = encode(matrix, format, options);
          std::vector<std::uint16_t> dense(std::size_t{rows} * cols, 0xffff);
          decode_dense(encoded, dense);
          EXPECT_EQ(dense, to_dense(matrix)) << enum_name(format) << rows << "x" << cols << " " << density;
        }
}

TEST(RoundTrip, EveryExpandVariantAgreesAndReadsNothingBeyond) {
  Random random(3);
  for (const std::size_t count : {0u, 1u, 2u, 5u, 40u}) {
    std::vector<std::uint64_t> words(count);
    std::uint64_t set = 0;
    for (std::uint64_t& word : words) {
      word = random.uniform_u64(4) == 0 ? ~std::uint64_t{0} : random.bits() & random.bits();
      set += static_cast<std::uint64_t>(std::popcount(word));
    }
    std::vector<std::uint16_t> values(set);  // a sanitizer sees a load beyond its end
    for (std::size_t i = 0; i < set; ++i) values[i] = static_cast<std::uint16_t>(i + 1);
    std::vector<std::uint16_t> expected(64 * count);
    EXPECT_EQ(formats::expand_variants().back().expand(words, values, expected.data()), set);
    for (const formats::ExpandVariant& variant : formats::expand_variants()) {
      if (!variant.usable()) continue;
      std::vector<std::uint16_t> out(64 * count, 0xffff);
      EXPECT_EQ(variant.expand(words, values, out.data()), set) << variant.name;
      EXPECT_EQ(out, expected) << variant.name;
    }
  }
}

TEST(Refused, WhatAFormatCannotHold) {
  const NarrowMatrix full = random_matrix(8, 8, 1.0, 1);
  EXPECT_THROW(encode(full, Format::two_four), InputError);
  EXPECT_THROW(encode(full, Format::tca_tbe), InputError);
  EXPECT_THROW(encode(random_matrix(8, 8, 1.0, 1, ValueType::int8), Format::tiled_csl), InputError);
  NarrowMatrix wide{ValueType::fp16, 1, 70000, 1, {0, 1}, {69999}, {0x3c00}};
  EXPECT_THROW(encode(wide, Format::csr16), InputError);
  EXPECT_THROW(encode(wide, Format::coo16), InputError);
  FormatOptions options;
  options.offset_every = 65;
  EXPECT_THROW(encode(full, Format::bitmap, options), InputError);
  NarrowMatrix huge{ValueType::fp16, 2, 2'000'000'000, 1, {0, 1, 1}, {5}, {0x3c00}};
  huge.rows = 1'000'000;
  huge.pointers.assign(1'000'001, 1);
  huge.pointers[0] = 0;
  EXPECT_EQ(exact_size(huge, Format::bitmap).positions, 250'000'000'000'000u);  // without making them
  EXPECT_THROW(encode(huge, Format::bitmap), InputError);
}

}  // namespace
}  // namespace heddle
