// Matrices of narrow values (fp16, bf16, int8, int4), as LLM formats store them: a pattern and one code per nonzero.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "matrices/csr.h"
#include "sim/base/describe.h"

namespace heddle {

/// The numbers are part of the file format.
enum class ValueType : std::uint32_t { fp16 = 1, bf16 = 2, int8 = 3, int4 = 4 };
constexpr EnumName<ValueType> kValueTypeNames[] = {
    {ValueType::fp16, "fp16", "IEEE 754 binary16"},
    {ValueType::bf16, "bf16", "the upper half of IEEE 754 binary32"},
    {ValueType::int8, "int8", "two's complement, times a scale of the matrix"},
    {ValueType::int4, "int4",
     "two's complement, times a scale of the matrix; two in a byte, the first in the low half"}};
constexpr std::span<const EnumName<ValueType>> enum_names(ValueType) {
  return kValueTypeNames;
}

constexpr std::uint32_t value_bits(ValueType type) {
  return type == ValueType::int4 ? 4 : type == ValueType::int8 ? 8 : 16;
}
/// Bytes of an array of `count` values.
constexpr std::uint64_t value_bytes(ValueType type, std::uint64_t count) {
  return (count * value_bits(type) + 7) / 8;
}

/// The nearest code, ties to even. Integers: of `value` itself, without a scale. Throws InputError beyond the range
/// (an infinity or NaN has a code in fp16 and bf16 only).
std::uint16_t to_code(double value, ValueType type);
/// Exact.
double from_code(std::uint16_t code, ValueType type);
/// 0 of either sign: what no sparse format stores ("value != 0" is the rule of all of them).
constexpr bool is_zero_code(std::uint16_t code, ValueType type) {
  return (type == ValueType::fp16 || type == ValueType::bf16 ? code & 0x7fff : code) == 0;
}

/// Codes fill their low value_bits(type); none is a zero.
struct NarrowMatrix {
  ValueType type = ValueType::fp16;
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  double scale = 1;                           ///< value = scale x from_code(code); 1 but for integer types
  std::vector<std::uint64_t> pointers = {0};  ///< rows + 1
  std::vector<Coordinate> coordinates;        ///< ascending and unique within a row
  std::vector<std::uint16_t> codes;

  std::uint64_t nnz() const { return codes.size(); }
  friend bool operator==(const NarrowMatrix&, const NarrowMatrix&) = default;
};

/// Values rounded to the nearest code; those whose code is a zero are left out. Integer types: scale 1 if all values
/// are integers in range, else largest magnitude / 127 (int4: / 7). Throws InputError naming row and column of a value
/// out of fp16's or bf16's range.
NarrowMatrix narrow(const Csr& matrix, ValueType type);
/// Throws InputError naming row and column of an infinity or NaN.
Csr widen(const NarrowMatrix& matrix);

/// From codes of a dense matrix, row by row; zeros of either sign are left out.
NarrowMatrix from_dense(std::span<const std::uint16_t> codes, std::uint32_t rows, std::uint32_t cols, ValueType type);
/// rows x cols codes, row by row, 0 where nothing is stored.
std::vector<std::uint16_t> to_dense(const NarrowMatrix& matrix);

}  // namespace heddle
