// Content identity: MurmurHash3 x64 128 (Appleby, public domain), fed in pieces. The same bytes give the same text on
// every platform. Not for adversaries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace heddle {

class Hasher {
 public:
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
  /// The bytes of an array of numbers, little-endian first.
  template <class T>
  requires std::is_arithmetic_v<T>
  void update(std::span<const T> numbers) { update(std::as_bytes(numbers)); }

  /// Of everything so far; more may follow. 32 hexadecimal digits.
  std::string hex() const;
  std::array<std::uint64_t, 2> value() const;

 private:
  void mix(std::uint64_t low, std::uint64_t high);

  std::uint64_t h1_ = 0, h2_ = 0;
  std::uint64_t length_ = 0;
  std::array<std::byte, 16> pending_{};  ///< the last length_ % 16 bytes
};

/// Hash of one text, 32 hexadecimal digits.
std::string hash_text(std::string_view text);

}  // namespace heddle
