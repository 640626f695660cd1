// Quantities that carry their unit. A config writes them as text ("3 MiB", "128 GB/s", "1 GHz"); GB is 10^9, GiB is
// 2^30.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace heddle {

/// A point in time or a duration, in cycles of the core clock.
using Cycle = std::uint64_t;
inline constexpr Cycle kNever = ~Cycle{0};

struct Bytes {
  std::uint64_t count = 0;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// Bytes per second.
struct Bandwidth {
  std::uint64_t bytes_per_second = 0;
  friend auto operator<=>(const Bandwidth&, const Bandwidth&) = default;
};

struct Frequency {
  std::uint64_t hertz = 0;
  friend auto operator<=>(const Frequency&, const Frequency&) = default;
};

/// Parse "64", "64 B", "3 MiB", "1.5 kB". Throws InputError naming the accepted units; a result that is no whole number
/// of bytes or passes 2^63 is refused.
Bytes parse_bytes(std::string_view text);
/// Parse "128 GB/s", "68.256 GB/s", "119 GiB/s".
Bandwidth parse_bandwidth(std::string_view text);
/// Parse "1 GHz", "800 MHz".
Frequency parse_frequency(std::string_view text);

/// The exact text with the fewest digits, of equals the largest unit ("3 MiB", "128 GB/s", "1.5 kB"); it parses back to
/// the same quantity.
std::string to_text(Bytes bytes);
std::string to_text(Bandwidth bandwidth);
std::string to_text(Frequency frequency);

}  // namespace heddle
