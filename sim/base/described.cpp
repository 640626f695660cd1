#include "sim/base/described.h"

#include <array>
#include <charconv>

namespace heddle {
namespace {

/// 2^64, where every 64-bit number is below.
constexpr double kBeyondWhole = 0x1p64;

std::string plain(double value) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::uint64_t whole(double value) {
  if (value <= 0) return 0;
  return value < kBeyondWhole ? static_cast<std::uint64_t>(value) : ~std::uint64_t{0};
}

std::string bound_text(double value, Notation notation) {
  switch (notation) {
    case Notation::bytes:
      return to_text(Bytes{whole(value)});
    case Notation::bandwidth:
      return to_text(Bandwidth{whole(value)});
    case Notation::frequency:
      return to_text(Frequency{whole(value)});
    case Notation::whole_32:
    case Notation::whole_64:
      return std::to_string(whole(value));
    default:
      return plain(value);
  }
}

bool has_no_top(double high, Notation notation) {
  if (notation == Notation::real) return high == any_value.high;
  return high >= (notation == Notation::whole_32 ? double{0xFFFFFFFF} : kBeyondWhole);
}

}  // namespace

std::string range_text(Range range, Notation notation) {
  if (notation == Notation::text || notation == Notation::boolean || notation == Notation::choice) return "";
  const std::string low = bound_text(range.low, notation);
  if (!has_no_top(range.high, notation)) return low + " to " + bound_text(range.high, notation);
  const bool every_value = range.low <= 0 && notation != Notation::real;
  return every_value ? "" : "at least " + low;
}

}  // namespace heddle
