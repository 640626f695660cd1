// Partial fibers as chunks of linked lists: when each has been allocated. Rule O3 of dataflows/SEMANTICS.md, after
// OuterSPACE (HPCA 2018).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/units.h"

namespace heddle::outer_product {

class ChunkAllocator {
 public:
  /// `requests` (at least 1) under way at once, each for `latency` cycles; 0: chunks are there at once.
  ChunkAllocator(Cycle latency, std::uint32_t requests) : latency_(latency), ends_(latency == 0 ? 0 : requests) {}

  bool needed() const { return latency_ != 0; }
  /// Of the next fiber of the log, whose element of A' came in cycle `element_in`: the first cycle with its chunk, not
  /// before that of the fiber before.
  Cycle allocate(Cycle element_in) {
    Cycle& end = ends_[next_];
    if (++next_ == ends_.size()) next_ = 0;
    requested_ = std::max({requested_, element_in, end});
    return end = requested_ + latency_;
  }

 private:
  Cycle latency_;
  std::vector<Cycle> ends_;  // of the last requests, a ring; the oldest at next_
  std::size_t next_ = 0;
  Cycle requested_ = 0;  // the last one
};

}  // namespace heddle::outer_product
