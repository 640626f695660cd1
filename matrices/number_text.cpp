#include "matrices/number_text.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <system_error>

namespace heddle {
namespace {

std::string_view without_plus(std::string_view word) {
  const bool plus = word.size() > 1 && word[0] == '+' && word[1] != '-' && word[1] != '+';
  return plus ? word.substr(1) : word;
}

/// Beyond the normal range of a double: subnormal and zero results are fine, overflow is not.
NumberError parse_extreme(std::string_view word, double& value) {
  long double wide = 0;
  const auto [next, error] = std::from_chars(word.data(), word.data() + word.size(), wide);
  if (error != std::errc() || next != word.data() + word.size()) return NumberError::out_of_range;
  value = static_cast<double>(wide);
  return std::isfinite(value) ? NumberError::none : NumberError::out_of_range;
}

/// Fortran writes double precision exponents as 1.5D+03.
NumberError parse_fortran(std::string_view word, double& value) {
  std::string text(word);
  const auto exponent = std::find_if(text.begin(), text.end(), [](char c) { return c == 'd' || c == 'D'; });
  if (exponent == text.begin() || exponent == text.end()) return NumberError::malformed;
  *exponent = 'e';
  return parse_real(text, value);
}

}  // namespace

NumberError parse_real(std::string_view word, double& value) {
  const std::string_view digits = without_plus(word);
  const char* const end = digits.data() + digits.size();
  const auto [next, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc::result_out_of_range && next == end) return parse_extreme(digits, value);
  if (next != end || digits.empty()) return parse_fortran(digits, value);
  if (error != std::errc()) return NumberError::malformed;
  return std::isfinite(value) ? NumberError::none : NumberError::not_finite;
}

NumberError parse_integer(std::string_view word, double& value) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const std::string_view digits = without_plus(word);
  const char* const end = digits.data() + digits.size();
  std::int64_t number = 0;
  const auto [next, error] = std::from_chars(digits.data(), end, number);
  if (next != end || digits.empty() || error == std::errc::invalid_argument) return NumberError::malformed;
  if (error != std::errc() || number > kExact || number < -kExact) return NumberError::inexact;
  value = static_cast<double>(number);
  return NumberError::none;
}

}  // namespace heddle
