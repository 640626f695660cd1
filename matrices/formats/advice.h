// Which format for which matrix: exact bytes of the matrix at hand, and what random elements would need.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "matrices/csr.h"
#include "matrices/formats/format.h"

namespace heddle {

/// Expected bytes of rows x cols independent elements, each nonzero with probability `density`, relative to dense.
/// Closed form, without samples; tca_tbe is not covered (its size depends on values): none. two_four: 0.5625 at 16
/// bits, whatever the density. Ragged edges are left out: rows and cols count as multiples of every tile.
std::optional<double> expected_ratio(Format format, double density, ValueType type, std::uint32_t rows,
                                     std::uint32_t cols, const FormatOptions& options = {});

/// Smallest sparsity (1 - density) at which random elements need at most as much in `format` as in `other`; none if
/// that is so nowhere, 0 if everywhere. Found by bisection to 1e-9: ratios rise with density.
std::optional<double> crossover_sparsity(Format format, Format other, ValueType type, std::uint32_t rows,
                                         std::uint32_t cols, const FormatOptions& options = {});

struct FormatAdvice {
  Format format = Format::dense;
  std::optional<FormatSize> size;   ///< none when the format cannot hold the matrix
  std::string refused;              ///< why
  std::optional<double> crossover;  ///< with dense, see crossover_sparsity
};

/// One line per format, in the order of their numbers. Values matter to tca_tbe only; for it they are rounded to bf16.
std::vector<FormatAdvice> advise_formats(const Csr& matrix, ValueType type, const FormatOptions& options = {});

/// The matrix's nonzeros with a code of no meaning: enough for sizes of all formats but tca_tbe.
NarrowMatrix pattern_of(const Csr& matrix, ValueType type);

}  // namespace heddle
