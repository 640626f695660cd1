// How many of a bounded number of requests are in flight: issued and their reply's `at` not yet reached.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/base/units.h"

namespace heddle {

class InFlight {
 public:
  /// A request was issued whose reply says `at`; kNever if that is not decided.
  void add(Cycle at) {
    if (at == kNever)
      ++undecided_;
    else
      push(at);
  }
  /// One of the undecided has been decided.
  void decide(Cycle at) {
    --undecided_;
    push(at);
  }
  /// Forget those that are over by `now`.
  void settle(Cycle now) {
    while (!ends_.empty() && ends_.front() <= now) {
      std::pop_heap(ends_.begin(), ends_.end(), std::greater<>{});
      ends_.pop_back();
    }
  }
  /// In flight after the last settle(), those over since then included.
  std::size_t count() const { return ends_.size() + undecided_; }
  std::size_t undecided() const { return undecided_; }
  /// The earliest end known; kNever if none is.
  Cycle first_end() const { return ends_.empty() ? kNever : ends_.front(); }
  /// The n-th end known, n >= 1; kNever if fewer are.
  Cycle end(std::size_t n) const {
    if (n == 1) return first_end();
    if (n > ends_.size()) return kNever;
    std::vector<Cycle> sorted(ends_);
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(n - 1), sorted.end());
    return sorted[n - 1];
  }
  /// The first cycle, `from` at the earliest, with fewer than `limit` in flight, as far as known.
  Cycle below(std::size_t limit, Cycle from) {
    if (count() < limit) return from;
    settle(from);
    return count() < limit ? from : first_end();
  }

 private:
  void push(Cycle at) {
    ends_.push_back(at);
    std::push_heap(ends_.begin(), ends_.end(), std::greater<>{});
  }

  std::vector<Cycle> ends_;  // a heap, the earliest first
  std::size_t undecided_ = 0;
};

/// Places with stable addresses that are handed out and given back; as many are made as are out at once.
template <class T>
class Pool {
 public:
  std::uint32_t take() {
    if (free_.empty()) {
      if (made_ % kChunk == 0) chunks_.push_back(std::make_unique<T[]>(kChunk));
      return made_++;
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  void give_back(std::uint32_t index) { free_.push_back(index); }
  T& operator[](std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }

 private:
  static constexpr std::uint32_t kChunk = 16;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t made_ = 0;
};

}  // namespace heddle
