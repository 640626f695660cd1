// The check that dimensions are in proportion to what a file holds.
#pragma once

#include <cstdint>

#include "matrices/loaded_matrix.h"
#include "matrices/text_scanner.h"

namespace heddle {

/// `entries` were really read. Throws InputError.
void check_dimensions(const TextScanner& scanner, std::uint64_t rows, std::uint64_t cols, std::uint64_t entries,
                      const ReadLimits& limits);

}  // namespace heddle
