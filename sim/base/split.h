// Division of addresses by a constant known at construction: shifts when it is a power of two.
#pragma once

#include <bit>
#include <cstdint>

namespace heddle {

class Splitter {
 public:
  explicit Splitter(std::uint64_t divisor)
      : divisor_(divisor), shift_(std::has_single_bit(divisor) ? std::countr_zero(divisor) : kNoShift) {}

  struct Parts {
    std::uint64_t quotient, remainder;
  };
  Parts split(std::uint64_t n) const {
    if (shift_ != kNoShift) return {n >> shift_, n & (divisor_ - 1)};
    return {n / divisor_, n % divisor_};
  }
  std::uint64_t divisor() const { return divisor_; }

 private:
  static constexpr int kNoShift = -1;
  std::uint64_t divisor_;
  int shift_;
};

}  // namespace heddle
