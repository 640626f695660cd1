#include "matrices/formats/expand.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "matrices/formats/codec.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace heddle {
namespace formats {
namespace {

using Words = std::span<const std::uint64_t>;
using Values = std::span<const std::uint16_t>;

std::uint64_t expand_scalar(Words words, Values values, std::uint16_t* out) {
  const std::uint16_t* next = values.data();
  for (const std::uint64_t word : words) {
    std::memset(out, 0, 64 * sizeof *out);
    for (std::uint64_t left = word; left != 0;) {
      const int element = std::countl_zero(left);
      left &= ~(std::uint64_t{1} << (63 - element));
      out[element] = *next++;
    }
    out += 64;
  }
  return static_cast<std::uint64_t>(next - values.data());
}

bool always() {
  return true;
}

#if defined(__x86_64__)

/// For each byte of a bitmap, highest bit first: where each of eight elements comes from, 0x80 for zero.
constexpr std::array<std::array<std::uint8_t, 16>, 256> make_shuffles() {
  std::array<std::array<std::uint8_t, 16>, 256> table{};
  for (std::uint32_t bits = 0; bits < 256; ++bits) {
    std::uint8_t source = 0;
    for (std::uint32_t element = 0; element < 8; ++element) {
      const bool set = (bits >> (7 - element) & 1) != 0;
      table[bits][2 * element] = set ? source : 0x80;
      table[bits][2 * element + 1] = set ? static_cast<std::uint8_t>(source + 1) : 0x80;
      if (set) source = static_cast<std::uint8_t>(source + 2);
    }
  }
  return table;
}
alignas(64) constexpr auto kShuffles = make_shuffles();

/// Eight elements at a time; a load may take 16 bytes whatever is needed, so the last words go the portable way.
__attribute__((target("ssse3,popcnt"))) std::uint64_t expand_ssse3(Words words, Values values, std::uint16_t* out) {
  const std::uint16_t* next = values.data();
  const std::uint16_t* const safe_end = values.data() + values.size();
  std::size_t w = 0;
  for (; w < words.size() && safe_end - next >= 64 + 8; ++w) {
    const std::uint64_t word = words[w];
    for (int byte = 7; byte >= 0; --byte) {
      const auto bits = static_cast<std::uint32_t>(word >> (8 * byte) & 0xff);
      const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(next));
      const __m128i shuffle = _mm_load_si128(reinterpret_cast<const __m128i*>(kShuffles[bits].data()));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(packed, shuffle));
      next += __builtin_popcount(bits);
      out += 8;
    }
  }
  const auto consumed = static_cast<std::uint64_t>(next - values.data());
  return consumed + expand_scalar(words.subspan(w), values.subspan(consumed), out);
}

bool has_ssse3() {
  return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
}

std::uint64_t reversed_bits(std::uint64_t word) {
  word = __builtin_bswap64(word);
  word = (word >> 4 & 0x0f0f0f0f0f0f0f0f) | (word & 0x0f0f0f0f0f0f0f0f) << 4;
  word = (word >> 2 & 0x3333333333333333) | (word & 0x3333333333333333) << 2;
  return (word >> 1 & 0x5555555555555555) | (word & 0x5555555555555555) << 1;
}

/// 32 elements per instruction.
__attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt"))) std::uint64_t expand_avx512(Words words, Values values,
                                                                                           std::uint16_t* out) {
  const std::uint16_t* next = values.data();
  const std::uint16_t* const safe_end = values.data() + values.size();
  std::size_t w = 0;
  for (; w < words.size() && safe_end - next >= 64 + 32; ++w) {
    const std::uint64_t lsb_first = reversed_bits(words[w]);
    const auto low = static_cast<std::uint32_t>(lsb_first), high = static_cast<std::uint32_t>(lsb_first >> 32);
    _mm512_storeu_si512(out, _mm512_maskz_expand_epi16(low, _mm512_loadu_si512(next)));
    next += __builtin_popcount(low);
    _mm512_storeu_si512(out + 32, _mm512_maskz_expand_epi16(high, _mm512_loadu_si512(next)));
    next += __builtin_popcount(high);
    out += 64;
  }
  const auto consumed = static_cast<std::uint64_t>(next - values.data());
  return consumed + expand_scalar(words.subspan(w), values.subspan(consumed), out);
}

bool has_avx512() {
  return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw");
}

constexpr ExpandVariant kVariants[] = {
    {"avx512vbmi2", has_avx512, expand_avx512}, {"ssse3", has_ssse3, expand_ssse3}, {"scalar", always, expand_scalar}};

/// 8 x 8 elements: column c of the result is row c of `in`, whose rows are `stride_in` apart.
void transpose_8x8(const std::uint16_t* in, std::size_t stride_in, std::uint16_t* out, std::size_t stride_out) {
  __m128i r[8], s[8];
  for (std::size_t i = 0; i < 8; ++i) r[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i * stride_in));
  for (int i = 0; i < 4; ++i) {
    s[2 * i] = _mm_unpacklo_epi16(r[i], r[i + 4]);
    s[2 * i + 1] = _mm_unpackhi_epi16(r[i], r[i + 4]);
  }
  for (int i = 0; i < 4; ++i) {
    r[2 * i] = _mm_unpacklo_epi16(s[i], s[i + 4]);
    r[2 * i + 1] = _mm_unpackhi_epi16(s[i], s[i + 4]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 2 * i * stride_out), _mm_unpacklo_epi16(r[i], r[i + 4]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + (2 * i + 1) * stride_out), _mm_unpackhi_epi16(r[i], r[i + 4]));
  }
}

#else

constexpr ExpandVariant kVariants[] = {{"scalar", always, expand_scalar}};

void transpose_8x8(const std::uint16_t* in, std::size_t stride_in, std::uint16_t* out, std::size_t stride_out) {
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < 8; ++j) out[j * stride_out + i] = in[i * stride_in + j];
}

#endif

const ExpandVariant& best_variant() {
  static const ExpandVariant& best = []() -> const ExpandVariant& {
    for (const ExpandVariant& variant : kVariants)
      if (variant.usable()) return variant;
    throw InternalError("no variant of expand_words");
  }();
  return best;
}

/// A section as an aligned array of T.
template <class T>
std::span<const T> array_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};  // vectors are aligned for any number
}

void decode_bitmap(const Encoded& encoded, std::span<std::uint16_t> out) {
  const auto words = array_of<std::uint64_t>(encoded.section("bitmap"));
  const auto values = array_of<std::uint16_t>(encoded.section("values"));
  if (encoded.options.offset_every != 0) throw InputError("decode_dense: a bitmap with offsets is not supported");
  const std::size_t whole = out.size() / 64;
  const std::uint64_t used = expand_words(words.first(whole), values, out.data());
  if (words.size() == whole) return;
  std::array<std::uint16_t, 64> rest;
  expand_words(words.subspan(whole), values.subspan(used), rest.data());
  std::memcpy(out.data() + whole * 64, rest.data(), (out.size() - whole * 64) * sizeof(std::uint16_t));
}

/// One 64 x 64 block: its tiles expanded, then turned if a tile is a column.
class BlockWriter {
 public:
  BlockWriter(const Encoded& encoded, std::span<std::uint16_t> out) : encoded_(encoded), out_(out) {}

  /// `tiles` of 64 elements each, the first belonging to column `first_column` (tiles are columns) or to row 64
  /// `block_row` (tiles are rows from `first_column` on).
  void write(std::uint64_t block_row, std::uint64_t first_column, const std::uint16_t* tiles, std::uint64_t count) {
    const bool columns = encoded_.options.tile_order == TileOrder::columns;
    const std::uint64_t rows = std::min<std::uint64_t>(64, encoded_.rows - block_row * 64);
    const std::uint64_t across = std::min<std::uint64_t>(columns ? count : 64, encoded_.cols - first_column);
    std::uint16_t* const target = out_.data() + block_row * 64 * encoded_.cols + first_column;
    if (columns && rows == 64 && across == 64) return turn(tiles, target);
    for (std::uint64_t r = 0; r < rows; ++r)
      for (std::uint64_t c = 0; c < across; ++c)
        target[r * encoded_.cols + c] = columns ? tiles[c * 64 + r] : tiles[r * 64 + c];
  }

 private:
  void turn(const std::uint16_t* tiles, std::uint16_t* target) const {
    for (std::size_t r = 0; r < 64; r += 8)
      for (std::size_t c = 0; c < 64; c += 8)
        transpose_8x8(tiles + c * 64 + r, 64, target + r * encoded_.cols + c, encoded_.cols);
  }

  const Encoded& encoded_;
  std::span<std::uint16_t> out_;
};

/// Values of a tile are padded to eight, so each tile begins at its offset.
void expand_padded(Words words, std::span<const std::uint32_t> offsets, Values values, std::uint16_t* out) {
  for (std::size_t t = 0; t < words.size(); ++t)
    expand_words(words.subspan(t, 1), values.subspan(std::size_t{2} * offsets[t]), out + 64 * t);
}

void decode_tile_bitmap(const Encoded& encoded, std::span<std::uint16_t> out) {
  const auto words = array_of<std::uint64_t>(encoded.section("bitmap"));
  const auto offsets = array_of<std::uint32_t>(encoded.section("offsets"));
  const auto values = array_of<std::uint16_t>(encoded.section("values"));
  const bool columns = encoded.options.tile_order == TileOrder::columns;
  const std::uint64_t block_tiles = columns ? encoded.cols : blocks_of(encoded.cols, 64) * 64;
  BlockWriter writer(encoded, out);
  alignas(64) std::array<std::uint16_t, 64 * 64> tiles;
  for (std::uint64_t block = 0; block < blocks_of(encoded.rows, 64); ++block) {
    for (std::uint64_t at = 0; at < block_tiles; at += 64) {
      const std::uint64_t first = block * block_tiles + at, count = std::min<std::uint64_t>(64, block_tiles - at);
      expand_padded(words.subspan(first, count), offsets.subspan(first, count), values, tiles.data());
      writer.write(block, at, tiles.data(), count);
    }
  }
}

}  // namespace

std::span<const ExpandVariant> expand_variants() {
  return kVariants;
}

}  // namespace formats

std::uint64_t expand_words(std::span<const std::uint64_t> words, std::span<const std::uint16_t> values,
                           std::uint16_t* out) {
  return formats::best_variant().expand(words, values, out);
}

std::string_view expand_variant() {
  return formats::best_variant().name;
}

void decode_dense(const Encoded& encoded, std::span<std::uint16_t> out) {
  if (value_bits(encoded.type) != 16 || out.size() != std::uint64_t{encoded.rows} * encoded.cols)
    throw InputError("decode_dense: expected 16-bit values and room for every element");
  if (encoded.format == Format::bitmap) return formats::decode_bitmap(encoded, out);
  if (encoded.format == Format::tile_bitmap) return formats::decode_tile_bitmap(encoded, out);
  throw InputError("decode_dense: expected bitmap or tile_bitmap, got " + std::string(enum_name(encoded.format)));
}

}  // namespace heddle
