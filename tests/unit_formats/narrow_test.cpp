// Conversions against Eigen's half and bfloat16, an independent implementation.
#include "matrices/formats/narrow.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <bit>
#include <cmath>

#include "sim/base/errors.h"
#include "sim/base/random.h"

namespace heddle {
namespace {

TEST(Narrow, EveryFp16AndBf16CodeHasEigensValueAndComesBack) {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto code = static_cast<std::uint16_t>(i);
    const double half = static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(code));
    const double brain = static_cast<float>(Eigen::numext::bit_cast<Eigen::bfloat16>(code));
    for (const auto& [type, value] : {std::pair{ValueType::fp16, half}, std::pair{ValueType::bf16, brain}}) {
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(from_code(code, type)));
        continue;
      }
      ASSERT_EQ(from_code(code, type), value) << i;
      ASSERT_EQ(to_code(value, type), code) << i;
    }
  }
}

TEST(Narrow, RandomFloatsRoundAsEigenRounds) {
  Random random(7);
  for (int i = 0; i < 200'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random.bits()));
    if (!std::isfinite(value)) continue;
    const Eigen::half half(value);
    if (Eigen::numext::isfinite(half)) {
      EXPECT_EQ(to_code(value, ValueType::fp16), Eigen::numext::bit_cast<std::uint16_t>(half)) << value;
    } else {
      EXPECT_THROW(to_code(value, ValueType::fp16), InputError) << value;
    }
    const Eigen::bfloat16 brain(value);
    if (std::isfinite(static_cast<float>(brain))) {
      EXPECT_EQ(to_code(value, ValueType::bf16), Eigen::numext::bit_cast<std::uint16_t>(brain)) << value;
    }
  }
}

TEST(Narrow, TiesGoToEvenAndSubnormalsAreKept) {
  EXPECT_EQ(to_code(0x1p-24, ValueType::fp16), 1);            // the smallest subnormal
  EXPECT_EQ(to_code(0x1p-25, ValueType::fp16), 0);            // a tie, to even
  EXPECT_EQ(to_code(0x1.8p-24, ValueType::fp16), 2);          // a tie, to even
  EXPECT_EQ(to_code(-0x1.ff8p-15, ValueType::fp16), 0x83ff);  // the largest subnormal
  EXPECT_EQ(to_code(65519, ValueType::fp16), 0x7bff);
  EXPECT_THROW(to_code(65520, ValueType::fp16), InputError);
  EXPECT_EQ(to_code(-7, ValueType::int4), 9);
  EXPECT_EQ(from_code(9, ValueType::int4), -7);
  EXPECT_EQ(to_code(-128, ValueType::int8), 0x80);
  EXPECT_THROW(to_code(128, ValueType::int8), InputError);
  EXPECT_THROW(to_code(std::nan(""), ValueType::int8), InputError);
}

TEST(Narrow, ZerosOfEitherSignAreNotStored) {
  const Csr csr{2, 3, {0, 3, 5}, {0, 1, 2, 0, 2}, {0.0, -0.0, 1.5, 1e-9, -2.0}};
  const NarrowMatrix narrowed = narrow(csr, ValueType::fp16);
  EXPECT_EQ(narrowed.coordinates, (std::vector<Coordinate>{2, 2}));
  EXPECT_EQ(widen(narrowed).values, (std::vector<double>{1.5, -2.0}));
  const std::vector<std::uint16_t> dense = {0x8000, 0x3c00, 0x0000, 0x0001};
  EXPECT_EQ(from_dense(dense, 2, 2, ValueType::fp16).coordinates, (std::vector<Coordinate>{1, 1}));
}

TEST(Narrow, IntegersAreKeptOrScaled) {
  const Csr whole{1, 3, {0, 3}, {0, 1, 2}, {-7, 3, 7}};
  EXPECT_EQ(narrow(whole, ValueType::int4).scale, 1);
  EXPECT_EQ(widen(narrow(whole, ValueType::int4)), whole);
  const Csr real{1, 3, {0, 3}, {0, 1, 2}, {-12.7, 0.1, 0.001}};
  const NarrowMatrix scaled = narrow(real, ValueType::int8);
  EXPECT_DOUBLE_EQ(scaled.scale, 0.1);
  EXPECT_EQ(scaled.nnz(), 2u);
  EXPECT_DOUBLE_EQ(widen(scaled).values[0], -12.7);
}

TEST(Narrow, WhatDoesNotFitIsNamed) {
  const Csr csr{1, 9, {0, 1}, {8}, {1e6}};
  try {
    narrow(csr, ValueType::fp16);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("row 1, column 9"), std::string::npos) << error.what();
  }
  EXPECT_THROW(widen(from_dense(std::vector<std::uint16_t>{0x7c00}, 1, 1, ValueType::fp16)), InputError);
}

}  // namespace
}  // namespace heddle
