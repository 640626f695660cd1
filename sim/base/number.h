// Exact decimal numbers as people write them: "64", "1.5", "1e8".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle {

/// digits x 10^exponent
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

/// The whole of `text`, without sign; none if it is no such number, or has more significant digits than 64 bits hold.
std::optional<Decimal> parse_decimal(std::string_view text);

/// number x factor; none unless whole and at most `limit`.
std::optional<std::uint64_t> scale_exactly(Decimal number, std::uint64_t factor, std::uint64_t limit);

/// As C++'s std::from_chars for the whole of `text`; none if malformed, not finite or out of a double's range.
std::optional<double> parse_finite(std::string_view text);

}  // namespace heddle
