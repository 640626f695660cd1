#include "sim/memory/cache_sets.h"

#include <algorithm>
#include <numeric>

namespace heddle {
namespace {

constexpr std::size_t kHostLine = 64;

}  // namespace

CacheSets::CacheSets(std::uint64_t sets, std::uint32_t ways)
    : ways_(ways),
      stride_(ways <= 8 ? 8 : (ways + 15) / 16 * 16),
      words_(sets * 2 * stride_ + kHostLine / 4),
      states_(sets * ways) {
  const auto misalignment = reinterpret_cast<std::uintptr_t>(words_.data()) % kHostLine;
  offset_ = (kHostLine - misalignment) % kHostLine / sizeof(std::uint32_t);
  for (std::uint64_t s = 0; s < sets; ++s) {
    std::fill_n(set(s).tags, stride_, kFreeTag);
    std::fill(set(s).stamps + ways_, set(s).stamps + stride_, kMaxStamp);
  }
}

void CacheSets::renumber(std::uint64_t first, std::uint64_t step, std::uint64_t count) {
  std::vector<std::uint32_t> order(ways_);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Set place = set(first + i * step);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return place.stamps[a] < place.stamps[b]; });
    std::uint32_t next = 1;
    for (const std::uint32_t way : order)
      if (place.stamps[way] != 0) place.stamps[way] = next++;
  }
}

}  // namespace heddle
