// A link or port of a given bandwidth: serves requests in order, with the fraction of a cycle carried from one to the
// next, so that nothing is lost over a long run.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/base/errors.h"
#include "sim/base/units.h"

namespace heddle {

class RateServer {
 public:
  struct Grant {
    Cycle start = 0, finish = 0;  ///< finish: the first cycle in which everything has passed
  };

  RateServer(Frequency clock, Bandwidth bandwidth) : clock_(clock.hertz), bandwidth_(bandwidth.bytes_per_second) {
    HEDDLE_CHECK(clock_ > 0 && bandwidth_ > 0);
  }

  /// Requests are served one after another, none before `ready`.
  Grant serve(Cycle ready, std::uint64_t bytes) {
    if (ready > free_ || (ready == free_ && fraction_ == 0)) free_ = ready, fraction_ = 0;
    const Cycle start = free_;
    const unsigned __int128 work = static_cast<unsigned __int128>(bytes) * clock_ + fraction_;
    free_ += static_cast<Cycle>(work / bandwidth_);
    fraction_ = static_cast<std::uint64_t>(work % bandwidth_);
    return {start, free_ + (fraction_ > 0 ? 1 : 0)};
  }

 private:
  std::uint64_t clock_, bandwidth_;
  Cycle free_ = 0;              ///< whole cycles until which it is taken
  std::uint64_t fraction_ = 0;  ///< and a fraction of a cycle, in 1 / bandwidth
};

}  // namespace heddle
