#include "sim/base/hash.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace heddle {
namespace {

static_assert(std::endian::native == std::endian::little, "words are taken from memory as they lie");

constexpr std::uint64_t kC1 = 0x87c37b91114253d5;
constexpr std::uint64_t kC2 = 0x4cf5ad432745937f;

std::uint64_t scramble_low(std::uint64_t k) {
  return std::rotl(k * kC1, 31) * kC2;
}
std::uint64_t scramble_high(std::uint64_t k) {
  return std::rotl(k * kC2, 33) * kC1;
}

std::uint64_t avalanche(std::uint64_t k) {
  k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
  k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
  return k ^ (k >> 33);
}

std::uint64_t word_at(const std::byte* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

void Hasher::mix(std::uint64_t low, std::uint64_t high) {
  h1_ = (std::rotl(h1_ ^ scramble_low(low), 27) + h2_) * 5 + 0x52dce729;
  h2_ = (std::rotl(h2_ ^ scramble_high(high), 31) + h1_) * 5 + 0x38495ab5;
}

void Hasher::update(std::span<const std::byte> bytes) {
  const std::size_t held = length_ % 16;
  length_ += bytes.size();
  if (held != 0) {
    const std::size_t taken = std::min(16 - held, bytes.size());
    std::copy_n(bytes.begin(), taken, pending_.begin() + static_cast<std::ptrdiff_t>(held));
    bytes = bytes.subspan(taken);
    if (held + taken < 16) return;
    mix(word_at(pending_.data()), word_at(pending_.data() + 8));
  }
  for (; bytes.size() >= 16; bytes = bytes.subspan(16)) mix(word_at(bytes.data()), word_at(bytes.data() + 8));
  std::copy(bytes.begin(), bytes.end(), pending_.begin());
}

std::array<std::uint64_t, 2> Hasher::value() const {
  std::array<std::byte, 16> tail{};
  std::copy_n(pending_.begin(), length_ % 16, tail.begin());
  std::uint64_t h1 = h1_ ^ scramble_low(word_at(tail.data())) ^ length_;
  std::uint64_t h2 = h2_ ^ scramble_high(word_at(tail.data() + 8)) ^ length_;
  h1 += h2;
  h2 += h1;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

std::string Hasher::hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t word : value())
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(word >> shift) & 15];
  return text;
}

std::string hash_text(std::string_view text) {
  Hasher hasher;
  hasher.update(text);
  return hasher.hex();
}

}  // namespace heddle
