#include "matrices/formats/advice.h"

#include <cmath>

#include "matrices/formats/codec.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

/// Mean of round_up(n, multiple) for n binomial(count, p).
double mean_rounded_up(std::uint32_t count, double p, std::uint32_t multiple) {
  if (p <= 0) return 0;
  if (p >= 1) return static_cast<double>(formats::round_up(count, multiple));
  double mean = 0;
  for (std::uint32_t n = 1; n <= count; ++n) {
    const double logarithm = std::lgamma(count + 1.0) - std::lgamma(n + 1.0) - std::lgamma(count - n + 1.0) +
                             n * std::log(p) + (count - n) * std::log1p(-p);
    mean += std::exp(logarithm) * static_cast<double>(formats::round_up(n, multiple));
  }
  return mean;
}

/// Third and fourth nonzeros of a group of four, per element.
double mean_rest(double d) {
  return (4 * d * d * d * (1 - d) + 2 * d * d * d * d) / 4;
}

}  // namespace

std::optional<double> expected_ratio(Format format, double density, ValueType type, std::uint32_t rows,
                                     std::uint32_t cols, const FormatOptions& options) {
  const double b = value_bits(type), d = density;
  const double elements = static_cast<double>(rows) * cols;
  const double row_pointers = 32.0 * (rows + 1.0) / elements;  // bits per element, as all below
  double bits = 0;
  switch (format) {
    case Format::dense:
      return 1;
    case Format::bitmap:
      bits = 1 + b * d;
      if (options.offset_every > 0)
        bits = 1 + (32 + b * mean_rounded_up(options.offset_every, d, options.offset_pad)) / options.offset_every;
      break;
    case Format::tile_bitmap:
      bits = (64 + 32 + b * mean_rounded_up(64, d, 8)) / 64 + 32 / elements;
      break;
    case Format::tca_bme:
      bits = 1 + (32 + (options.median_offsets ? 128 : 0) + b * mean_rounded_up(4096, d, 8)) / 4096 + 32 / elements;
      break;
    case Format::tiled_csl:
      bits = (32 + 32 * mean_rounded_up(8192, d, 4)) / 8192 + 64 / elements;
      break;
    case Format::csr:
      bits = (b + 32) * d + row_pointers;
      break;
    case Format::csr16:
      bits = (b + 16) * d + row_pointers;
      break;
    case Format::coo:
      bits = (b + 64) * d;
      break;
    case Format::coo16:
      bits = (b + 32) * d;
      break;
    case Format::bsr: {
      const double area = static_cast<double>(options.block) * options.block;
      bits = (1 - std::pow(1 - d, area)) * (b + 32 / area) + row_pointers / options.block;
      break;
    }
    case Format::two_four:
      bits = b / 2 + 1;
      break;
    case Format::sparta:
      bits = b / 2 + 1 + (b + 32) * mean_rest(d) + row_pointers;
      break;
    case Format::tca_tbe:
      return std::nullopt;
  }
  return bits / b;
}

std::optional<double> crossover_sparsity(Format format, Format other, ValueType type, std::uint32_t rows,
                                         std::uint32_t cols, const FormatOptions& options) {
  const auto worse = [&](double sparsity) -> std::optional<bool> {
    const auto mine = expected_ratio(format, 1 - sparsity, type, rows, cols, options);
    const auto theirs = expected_ratio(other, 1 - sparsity, type, rows, cols, options);
    if (!mine || !theirs) return std::nullopt;
    return *mine > *theirs;
  };
  double low = 0, high = 1;
  if (!worse(high) || *worse(high)) return std::nullopt;
  if (!*worse(low)) return 0;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (*worse(middle) ? low : high) = middle;
  }
  return high;
}

NarrowMatrix pattern_of(const Csr& matrix, ValueType type) {
  NarrowMatrix pattern{type, matrix.rows, matrix.cols, 1, {0}, {}, {}};
  pattern.pointers.reserve(matrix.pointers.size());
  for (std::uint32_t r = 0; r < matrix.rows; ++r) {
    for (std::uint64_t i = matrix.pointers[r]; i < matrix.pointers[r + std::size_t{1}]; ++i)
      if (matrix.values[i] != 0) pattern.coordinates.push_back(matrix.coordinates[i]);
    pattern.pointers.push_back(pattern.coordinates.size());
  }
  pattern.codes.assign(pattern.coordinates.size(), 1);
  return pattern;
}

std::vector<FormatAdvice> advise_formats(const Csr& matrix, ValueType type, const FormatOptions& options) {
  const NarrowMatrix pattern = pattern_of(matrix, type);
  std::vector<FormatAdvice> advice;
  for (const auto& entry : enum_names(Format{})) {
    FormatAdvice line{entry.value, std::nullopt, "", std::nullopt};
    try {
      const bool by_value = entry.value == Format::tca_tbe && type == ValueType::bf16;
      line.size = exact_size(by_value ? narrow(matrix, type) : pattern, entry.value, options);
    } catch (const InputError& error) {
      line.refused = error.what();
    }
    if (line.size && matrix.rows > 0 && matrix.cols > 0 && entry.value != Format::dense)
      line.crossover = crossover_sparsity(entry.value, Format::dense, type, matrix.rows, matrix.cols, options);
    advice.push_back(std::move(line));
  }
  return advice;
}

}  // namespace heddle
