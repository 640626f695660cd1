// Matrices for the tests of formats.
#pragma once

#include <cstdint>
#include <vector>

#include "matrices/formats/format.h"
#include "sim/base/random.h"

namespace heddle {

inline constexpr ValueType kAllTypes[] = {ValueType::fp16, ValueType::bf16, ValueType::int8, ValueType::int4};

/// Each element nonzero with probability `density`; codes uniform over all nonzero ones, infinities and NaNs included.
inline NarrowMatrix random_matrix(std::uint32_t rows, std::uint32_t cols, double density, std::uint64_t seed,
                                  ValueType type = ValueType::fp16) {
  Random random(seed);
  std::vector<std::uint16_t> codes(std::uint64_t{rows} * cols);
  for (std::uint16_t& code : codes)
    while (random.uniform_real() < density && is_zero_code(code, type))
      code = static_cast<std::uint16_t>(random.uniform_u64(std::uint64_t{1} << value_bits(type)));
  return from_dense(codes, rows, cols, type);
}

/// At most two nonzeros in each aligned group of four.
inline NarrowMatrix two_of_four(std::uint32_t rows, std::uint32_t cols, std::uint64_t seed, ValueType type) {
  Random random(seed);
  std::vector<std::uint16_t> codes(std::uint64_t{rows} * cols);
  for (std::uint32_t r = 0; r < rows; ++r)
    for (std::uint32_t first = 0; first < cols; first += 4)
      for (int i = 0; i < 2; ++i) {
        const auto column = static_cast<std::uint32_t>(first + random.uniform_u64(4));
        if (column < cols) codes[std::uint64_t{r} * cols + column] = static_cast<std::uint16_t>(random.uniform_u64(8));
      }
  return from_dense(codes, rows, cols, type);
}

/// rows x cols fp16 with exactly `kept` nonzeros in each 64-row tile of a column, from the top.
inline NarrowMatrix tiles_with(std::uint32_t rows, std::uint32_t cols, std::uint32_t kept) {
  std::vector<std::uint16_t> codes(std::uint64_t{rows} * cols);
  for (std::uint32_t r = 0; r < rows; ++r)
    for (std::uint32_t c = 0; c < cols; ++c)
      if (r % 64 < kept) codes[std::uint64_t{r} * cols + c] = static_cast<std::uint16_t>(0x3c00 + r + c);
  return from_dense(codes, rows, cols, ValueType::fp16);
}

inline std::uint64_t section_bytes(const Encoded& encoded) {
  std::uint64_t bytes = 0;
  for (const Section& section : encoded.sections) bytes += section.bytes.size();
  return bytes;
}

template <class T>
std::vector<T> numbers_of(const std::vector<std::uint8_t>& bytes) {
  std::vector<T> numbers(bytes.size() / sizeof(T));
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(numbers.data()));
  return numbers;
}

inline double ratio(const NarrowMatrix& matrix, Format format, const FormatOptions& options = {}) {
  return static_cast<double>(exact_size(matrix, format, options).total()) / static_cast<double>(dense_bytes(matrix));
}

}  // namespace heddle
