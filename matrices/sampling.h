// Random sets of positions for the generators.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/random.h"

namespace heddle {

/// `count` different numbers below `universe` in ascending order, every such set equally likely, into `chosen` (what it
/// held is lost). count <= universe. O(count log count).
void sample_distinct(Random& random, std::uint64_t universe, std::uint64_t count, std::vector<std::uint64_t>& chosen);

/// total * weight / weights without overflow; weights > 0.
std::uint64_t share(std::uint64_t total, std::uint64_t weight, std::uint64_t weights);

/// The whole number nearest to fraction x count; 0 <= fraction <= 1.
std::uint64_t nearest_count(double fraction, std::uint64_t count);

/// x^exponent for x > 0 and exponent >= 0 in steps of 2^-16, from multiplications and square roots alone: these are
/// exactly rounded everywhere, std::pow is not.
double portable_power(double x, double exponent);

}  // namespace heddle
