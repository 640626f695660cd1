#include "sim/base/number.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace heddle {
namespace {

constexpr int kMaxExponent = 400;  // beyond it no double and no 64-bit number is left

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Appends `digit` unless 64 bits overflow.
bool append_digit(std::uint64_t& digits, char digit) {
  const auto units = static_cast<std::uint64_t>(digit - '0');
  if (digits > (std::numeric_limits<std::uint64_t>::max() - units) / 10) return false;
  digits = digits * 10 + units;
  return true;
}

/// "e-3" at the front of `text`; none if malformed.
std::optional<int> parse_exponent(std::string_view text) {
  text.remove_prefix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  if (text.empty() || !(is_digit(text.back()))) return std::nullopt;
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (exponent > kMaxExponent || exponent < -kMaxExponent) return std::nullopt;
  return exponent;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal number;
  bool any = false;
  bool fraction = false;
  int zeros = 0;  // trailing zeros not yet known to matter
  for (; !text.empty(); text.remove_prefix(1)) {
    const char c = text.front();
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (!is_digit(c)) break;
    any = true;
    if (fraction) --number.exponent;
    if (c == '0') {
      zeros += number.digits != 0;
      continue;
    }
    for (; zeros > 0; --zeros)
      if (!append_digit(number.digits, '0')) return std::nullopt;
    if (!append_digit(number.digits, c)) return std::nullopt;
  }
  if (!any) return std::nullopt;
  number.exponent += zeros;
  if (text.empty()) return number;
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  const std::optional<int> exponent = parse_exponent(text);
  if (!exponent) return std::nullopt;
  number.exponent += *exponent;
  return number;
}

std::optional<std::uint64_t> scale_exactly(Decimal number, std::uint64_t factor, std::uint64_t limit) {
  __extension__ using Wide = unsigned __int128;
  Wide scaled = static_cast<Wide>(number.digits) * factor;
  if (scaled == 0) return 0;
  for (; number.exponent > 0; --number.exponent) {
    if (scaled > limit) return std::nullopt;
    scaled *= 10;
  }
  for (; number.exponent < 0; ++number.exponent) {
    if (scaled % 10 != 0) return std::nullopt;
    scaled /= 10;
  }
  if (scaled > limit) return std::nullopt;
  return static_cast<std::uint64_t>(scaled);
}

std::optional<double> parse_finite(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace heddle
