// Seeded random numbers that are the same on every platform: the sequence of std::mt19937_64 is fixed by the standard,
// the std distributions are not, so they are not used.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {

class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}

  std::uint64_t bits() { return generator_(); }

  /// Uniform in [0, n), unbiased; n > 0.
  std::uint64_t uniform_u64(std::uint64_t n) {
    HEDDLE_CHECK(n > 0);
    const std::uint64_t rejected = (0 - n) % n;  // 2^64 mod n values would favour the small results
    std::uint64_t drawn = generator_();
    while (drawn < rejected) drawn = generator_();
    return drawn % n;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform_real() { return static_cast<double>(generator_() >> 11) * 0x1p-53; }

  /// Fisher-Yates, every order equally likely.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t n = items.size(); n > 1; --n) std::swap(items[n - 1], items[uniform_u64(n)]);
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace heddle
