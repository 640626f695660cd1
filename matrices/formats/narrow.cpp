#include "matrices/formats/narrow.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "sim/base/errors.h"

namespace heddle {
namespace {

/// A binary floating-point format with a sign bit above `exponent_bits` and `fraction_bits`, 16 bits in all.
struct FloatFormat {
  int exponent_bits, fraction_bits;
  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  std::uint16_t infinity() const { return static_cast<std::uint16_t>(((1 << exponent_bits) - 1) << fraction_bits); }
};
constexpr FloatFormat format_of(ValueType type) {
  return type == ValueType::fp16 ? FloatFormat{5, 10} : FloatFormat{8, 7};
}
constexpr bool is_integer(ValueType type) {
  return type == ValueType::int8 || type == ValueType::int4;
}
constexpr int largest_integer(ValueType type) {
  return type == ValueType::int8 ? 127 : 7;
}

[[noreturn]] void refuse(double value, ValueType type) {
  throw InputError("the value " + std::to_string(value) + " is out of the range of " + std::string(enum_name(type)));
}

std::uint16_t float_code(double value, ValueType type) {
  const FloatFormat format = format_of(type);
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return static_cast<std::uint16_t>(format.infinity() | (1 << (format.fraction_bits - 1)));
  if (std::isinf(value)) return sign | format.infinity();
  if (value == 0) return sign;
  int exponent = 0;
  std::frexp(value, &exponent);
  const int scale = std::max(exponent - 1, 1 - format.bias());  // of the leading bit; subnormals share the lowest
  const double digits = std::nearbyint(std::ldexp(std::fabs(value), format.fraction_bits - scale));
  const int code = ((scale + format.bias() - 1) << format.fraction_bits) + static_cast<int>(digits);
  if (scale > format.bias() || code >= format.infinity()) refuse(value, type);
  return static_cast<std::uint16_t>(sign | code);
}

double float_value(std::uint16_t code, ValueType type) {
  const FloatFormat format = format_of(type);
  const double sign = (code & 0x8000) != 0 ? -1.0 : 1.0;
  const int fraction = code & ((1 << format.fraction_bits) - 1);
  const int exponent = (code & 0x7fff) >> format.fraction_bits;
  if (exponent == (1 << format.exponent_bits) - 1) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - format.bias() - format.fraction_bits);
  return sign * std::ldexp((1 << format.fraction_bits) + fraction, exponent - format.bias() - format.fraction_bits);
}

double integer_scale(const Csr& matrix, ValueType type) {
  double largest = 0;
  bool whole = true;
  for (const double value : matrix.values) {
    largest = std::max(largest, std::fabs(value));
    whole = whole && value == std::nearbyint(value);
  }
  return whole && largest <= largest_integer(type) ? 1 : largest / largest_integer(type);
}

std::string place(std::uint32_t row, Coordinate column) {
  return "row " + std::to_string(row + std::uint64_t{1}) + ", column " + std::to_string(column + std::uint64_t{1}) +
         ": ";
}

}  // namespace

std::uint16_t to_code(double value, ValueType type) {
  if (!is_integer(type)) return float_code(value, type);
  const double rounded = std::nearbyint(value);
  if (!(rounded >= -largest_integer(type) - 1 && rounded <= largest_integer(type))) refuse(value, type);
  return static_cast<std::uint16_t>(static_cast<int>(rounded) & ((1 << value_bits(type)) - 1));
}

double from_code(std::uint16_t code, ValueType type) {
  if (!is_integer(type)) return float_value(code, type);
  return code > largest_integer(type) ? code - 2 * (largest_integer(type) + 1) : code;
}

NarrowMatrix narrow(const Csr& matrix, ValueType type) {
  NarrowMatrix result{type, matrix.rows, matrix.cols, 1, {0}, {}, {}};
  if (is_integer(type)) result.scale = integer_scale(matrix, type);
  result.pointers.reserve(matrix.pointers.size());
  for (std::uint32_t r = 0; r < matrix.rows; ++r) {
    for (std::uint64_t i = matrix.pointers[r]; i < matrix.pointers[r + 1]; ++i) {
      try {
        const std::uint16_t code = to_code(matrix.values[i] / result.scale, type);
        if (is_zero_code(code, type)) continue;
        result.coordinates.push_back(matrix.coordinates[i]);
        result.codes.push_back(code);
      } catch (const InputError& error) {
        throw InputError(place(r, matrix.coordinates[i]) + error.what());
      }
    }
    result.pointers.push_back(result.codes.size());
  }
  return result;
}

Csr widen(const NarrowMatrix& matrix) {
  Csr result{matrix.rows, matrix.cols, matrix.pointers, matrix.coordinates, {}};
  result.values.reserve(matrix.codes.size());
  for (std::uint32_t r = 0; r < matrix.rows; ++r) {
    for (std::uint64_t i = matrix.pointers[r]; i < matrix.pointers[r + 1]; ++i) {
      const double value = from_code(matrix.codes[i], matrix.type) * matrix.scale;
      if (!std::isfinite(value)) throw InputError(place(r, matrix.coordinates[i]) + "the value is not a finite number");
      result.values.push_back(value);
    }
  }
  return result;
}

NarrowMatrix from_dense(std::span<const std::uint16_t> codes, std::uint32_t rows, std::uint32_t cols, ValueType type) {
  HEDDLE_CHECK(codes.size() == std::uint64_t{rows} * cols);
  NarrowMatrix result{type, rows, cols, 1, {0}, {}, {}};
  for (std::uint32_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < cols; ++c) {
      const std::uint16_t code = codes[std::uint64_t{r} * cols + c];
      if (is_zero_code(code, type)) continue;
      result.coordinates.push_back(c);
      result.codes.push_back(code);
    }
    result.pointers.push_back(result.codes.size());
  }
  return result;
}

std::vector<std::uint16_t> to_dense(const NarrowMatrix& matrix) {
  std::vector<std::uint16_t> dense(std::uint64_t{matrix.rows} * matrix.cols);
  for (std::uint32_t r = 0; r < matrix.rows; ++r)
    for (std::uint64_t i = matrix.pointers[r]; i < matrix.pointers[r + 1]; ++i)
      dense[std::uint64_t{r} * matrix.cols + matrix.coordinates[i]] = matrix.codes[i];
  return dense;
}

}  // namespace heddle
