// What the sets of a cache hold: tags, order of use and state of every way. A set's arrays lie together, 10 B a way, so
// that the host finds a set in a few of its own cache lines.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace heddle {

/// Bit i: tags[i] == tag, for eight tags.
inline std::uint32_t equal_mask(const std::uint32_t* tags, std::uint32_t tag) {
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
  const auto* chunk = reinterpret_cast<const __m128i*>(tags);
  const __m128i low = _mm_cmpeq_epi32(_mm_loadu_si128(chunk), wanted);
  const __m128i high = _mm_cmpeq_epi32(_mm_loadu_si128(chunk + 1), wanted);
  return static_cast<std::uint32_t>(
      _mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128())));
#else
  std::uint32_t mask = 0;
  for (std::uint32_t i = 0; i < 8; ++i) mask |= std::uint32_t{tags[i] == tag} << i;
  return mask;
#endif
}

/// The lowest index of the smallest of `count` numbers below 2^31, a multiple of four.
inline std::uint32_t smallest(const std::uint32_t* numbers, std::uint32_t count) {
#ifdef __SSE2__
  const auto* chunk = reinterpret_cast<const __m128i*>(numbers);
  const auto lesser = [](__m128i a, __m128i b) {
    const __m128i greater = _mm_cmpgt_epi32(a, b);
    return _mm_or_si128(_mm_and_si128(greater, b), _mm_andnot_si128(greater, a));
  };
  __m128i least = _mm_loadu_si128(chunk);
  for (std::uint32_t i = 1; i < count / 4; ++i) least = lesser(least, _mm_loadu_si128(chunk + i));
  least = lesser(least, _mm_shuffle_epi32(least, _MM_SHUFFLE(1, 0, 3, 2)));
  least = lesser(least, _mm_shuffle_epi32(least, _MM_SHUFFLE(2, 3, 0, 1)));
  for (std::uint32_t i = 0;; ++i) {
    const int mask = _mm_movemask_epi8(_mm_cmpeq_epi32(_mm_loadu_si128(chunk + i), least));
    if (mask != 0) return 4 * i + static_cast<std::uint32_t>(std::countr_zero(static_cast<unsigned>(mask))) / 4;
  }
#else
  return static_cast<std::uint32_t>(std::min_element(numbers, numbers + count) - numbers);
#endif
}

class CacheSets {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kFreeTag = ~std::uint32_t{0};
  static constexpr std::uint32_t kMaxStamp = 0x7fffffff;
  static constexpr std::uint8_t kNoMshr = 0xff;

  struct Way {
    std::uint8_t mshr = kNoMshr;  ///< of its bank, that brings the line; may have done so already
    std::uint8_t left = 0;        ///< dirty: bytes not yet taken
  };
  /// `ways` entries of each; tags and stamps up to eight or a multiple of sixteen, the rest never free.
  struct Set {
    std::uint32_t* tags;
    std::uint32_t* stamps;  ///< the larger, the later used (or taken), below 2^31; 0: free
    Way* ways;
  };

  CacheSets(std::uint64_t sets, std::uint32_t ways);

  Set set(std::uint64_t index) {
    std::uint32_t* const words = words_.data() + offset_ + index * (2 * stride_);
    return {words, words + stride_, states_.data() + index * ways_};
  }
  std::uint32_t ways() const { return ways_; }
  /// The set after that of `set`.
  Set after(const Set& set) const { return {set.tags + 2 * stride_, set.stamps + 2 * stride_, set.ways + ways_}; }

  /// The way with this tag, or kNone.
  std::uint32_t find(const Set& set, std::uint32_t tag) const {
    for (std::uint32_t first = 0; first < stride_; first += 16) {
      std::uint32_t matches = equal_mask(set.tags + first, tag);
      if (stride_ > 8) matches |= equal_mask(set.tags + first + 8, tag) << 8;  // at once: no guess which half it is
      if (matches != 0) return first + static_cast<std::uint32_t>(std::countr_zero(matches));
    }
    return kNone;
  }
  /// The way with the smallest stamp, the lowest among equals: the first free one if there is any.
  std::uint32_t oldest(const Set& set) const { return smallest(set.stamps, stride_); }
  void release(const Set& set, std::uint32_t way) const {
    set.tags[way] = kFreeTag;
    set.stamps[way] = 0;
    set.ways[way] = Way{};
  }
  /// Number the stamps of sets first, first + step, ..., `count` of them, anew from 1, their order kept.
  void renumber(std::uint64_t first, std::uint64_t step, std::uint64_t count);

 private:
  std::uint32_t ways_, stride_;
  std::size_t offset_;  // to a host cache line
  std::vector<std::uint32_t> words_;
  std::vector<Way> states_;
};

}  // namespace heddle
