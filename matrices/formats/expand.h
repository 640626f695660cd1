// Fast decompression of 16-bit values to a dense matrix: bitmap words times packed values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "matrices/formats/format.h"

namespace heddle {

/// For each word, 64 elements: the next of `values` where a bit is set (highest bit first), 0 elsewhere. `values` must
/// hold as many as bits are set; no byte beyond is read. Returns how many were consumed.
std::uint64_t expand_words(std::span<const std::uint64_t> words, std::span<const std::uint16_t> values,
                           std::uint16_t* out);
/// The variant that this processor runs: "avx512vbmi2", "ssse3" or "scalar".
std::string_view expand_variant();

/// The dense matrix, row by row, of a bitmap or tile_bitmap encoding of 16-bit values, unchecked but for lengths: for
/// data that decode() accepts. `out` has rows x cols elements. Throws InputError for anything else.
void decode_dense(const Encoded& encoded, std::span<std::uint16_t> out);

namespace formats {
/// All variants, the portable one last; for tests and benchmarks.
struct ExpandVariant {
  std::string_view name;
  bool (*usable)();
  std::uint64_t (*expand)(std::span<const std::uint64_t>, std::span<const std::uint16_t>, std::uint16_t*);
};
std::span<const ExpandVariant> expand_variants();
}  // namespace formats

}  // namespace heddle
