// Banner and size line of a Matrix Market file.
#pragma once

#include <cstdint>

#include "matrices/coo.h"
#include "matrices/text_scanner.h"

namespace heddle {

enum class MarketNumber { real, integer, pattern };

struct MarketHeader {
  bool array = false;
  MarketNumber number = MarketNumber::real;
  Symmetry symmetry = Symmetry::general;
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  std::uint64_t entries = 0;  ///< announced (coordinate) or implied by the shape (array); nothing to allocate by
};

/// Leaves the scanner behind the size line. Throws InputError.
MarketHeader read_market_header(TextScanner& scanner);

/// The next line that is neither blank nor a comment.
bool next_market_line(TextScanner& scanner, std::string_view& line);

}  // namespace heddle
