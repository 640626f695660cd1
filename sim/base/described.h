// What the visitors of describe() have in common: which types a field may have, and its range in words.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/base/describe.h"
#include "sim/base/units.h"

namespace heddle {

/// How a field is written; decides how its range is printed.
enum class Notation : std::uint8_t { text, boolean, choice, whole_32, whole_64, real, bytes, bandwidth, frequency };

template <class T>
concept DescribedEnum = std::is_enum_v<T> && requires(T value) {
  enum_names(value);
};

template <class T>
concept PlainField = std::same_as<T, bool> || std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t> ||
    std::same_as<T, double> || std::same_as<T, std::string> || std::same_as<T, Bytes> || std::same_as<T, Bandwidth> ||
    std::same_as<T, Frequency>;

template <class T>
inline constexpr Notation kNotation = DescribedEnum<T>                 ? Notation::choice
                                      : std::same_as<T, bool>          ? Notation::boolean
                                      : std::same_as<T, std::uint32_t> ? Notation::whole_32
                                      : std::same_as<T, std::uint64_t> ? Notation::whole_64
                                      : std::same_as<T, double>        ? Notation::real
                                      : std::same_as<T, Bytes>         ? Notation::bytes
                                      : std::same_as<T, Bandwidth>     ? Notation::bandwidth
                                      : std::same_as<T, Frequency>     ? Notation::frequency
                                                                       : Notation::text;
template <class T>
inline constexpr Notation kNotation<std::vector<T>> = kNotation<T>;
template <class T>
inline constexpr Notation kNotation<std::map<std::string, T>> = kNotation<T>;

/// describe() takes what it describes by non-const reference because a reader fills it in; visitors that only look
/// come through here.
template <class V, class T>
void describe_constant(V& visitor, const T& value) {
  describe(visitor, const_cast<T&>(value));
}

/// "1 to 4096", "at least 64 B"; "" when every value of the type is in the range.
std::string range_text(Range range, Notation notation);

inline bool contains(Range range, double value) {
  return value >= range.low && value <= range.high;
}

}  // namespace heddle
