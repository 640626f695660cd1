// Numbers of matrix files, read from a line.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace heddle {

enum class NumberError { none, malformed, out_of_range, not_finite, inexact };

/// The whole of `word` as a finite double: decimal, exponent by e, E, d or D, a leading + allowed. Underflow gives the
/// nearest double, overflow, nan and inf are errors.
NumberError parse_real(std::string_view word, double& value);

/// The whole of `word` as an integer that a double holds exactly (magnitude up to 2^53).
NumberError parse_integer(std::string_view word, double& value);

/// A line taken apart word by word.
class LineCursor {
 public:
  explicit LineCursor(std::string_view line) : at_(line.data()), end_(line.data() + line.size()) {}

  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }
  bool at_end() const { return at_ == end_; }

  /// A decimal number followed by a blank or the end of the line.
  bool unsigned_number(std::uint64_t& value) {
    skip_blanks();
    const auto [next, error] = std::from_chars(at_, end_, value);
    if (error != std::errc() || (next != end_ && *next != ' ' && *next != '\t')) return false;
    at_ = next;
    return true;
  }

  /// The next word; empty at the end of the line.
  std::string_view word() {
    skip_blanks();
    const char* const begin = at_;
    while (at_ != end_ && *at_ != ' ' && *at_ != '\t') ++at_;
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace heddle
