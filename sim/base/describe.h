// One list of fields per struct: `describe(visitor, struct)`. The same list reads strict YAML, writes the effective
// config, hashes it, prints --help-config, writes JSON results and the table of statistics.
//
//   template <class V> void describe(V& v, DramConfig& c) {
//     v.field("channels", c.channels, "count", "independent channels", in_range(1, 64));
//     v.section("timing", c.timing, "timing constraints of one channel");
//   }
//
// A visitor offers
//   field(name, value, unit, text [, Range])   value: bool, std::uint32_t, std::uint64_t, double, std::string, Bytes,
//                                              Bandwidth, Frequency, an enum with an `enum_names(E)` table,
//                                              std::vector or std::map<std::string, .> of those or of structs with a
//                                              describe() of their own
//   section(name, nested, text)                a struct that has a describe() of its own
// Fields that came later are described by option(v, ...), below.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

namespace heddle {

/// Accepted values of a number (of bytes, hertz, bytes per second for quantities), both ends included.
struct Range {
  double low = 0;
  double high = std::numeric_limits<double>::max();
};
inline constexpr Range any_value{};
constexpr Range in_range(double low, double high) {
  return {low, high};
}
constexpr Range at_least(double low) {
  return {low, std::numeric_limits<double>::max()};
}

/// An enumerator and its spelling in configs and reports. Each described enum has, beside it,
///   constexpr std::span<const EnumName<E>> enum_names(E);
template <class E>
struct EnumName {
  E value;
  std::string_view name;
  std::string_view text;  ///< one sentence
};

template <class E>
std::string_view enum_name(E value) {
  for (const auto& entry : enum_names(value))
    if (entry.value == value) return entry.name;
  return "?";
}

/// A field added to a struct whose configs have been hashed before. While it is `off` it is no part of a config's
/// identity, so that results stored without it stay those of the same machine.
template <class V, class T>
void option(V& v, std::string_view name, T& value, const std::type_identity_t<std::remove_const_t<T>>& off,
            std::string_view unit, std::string_view text, Range range = any_value) {
  if constexpr (requires { v.omits_options(); }) {
    if (v.omits_options() && value == off) return;
  }
  v.field(name, value, unit, text, range);
}

}  // namespace heddle
