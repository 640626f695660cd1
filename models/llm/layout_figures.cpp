#include "models/llm/layout_figures.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "matrices/formats/file.h"
#include "models/llm/kv_schedule.h"
#include "sim/base/random.h"

namespace heddle::llm {
namespace {

template <class T>
std::vector<T> numbers(const std::vector<std::uint8_t>& bytes) {
  std::vector<T> result(bytes.size() / sizeof(T));
  if (!result.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

Encoded five_tiles() {
  std::vector<std::uint16_t> codes(5 * 64);
  const std::uint32_t counts[] = {0, 1, 8, 9, 64};
  for (std::size_t t = 0; t < 5; ++t) std::fill_n(codes.begin() + static_cast<std::ptrdiff_t>(t * 64), counts[t], 1);
  return encode(from_dense(codes, 5 * 64, 1, ValueType::fp16), Format::tile_bitmap);
}

/// Number of the bit that stands for element (0, 0), from the lowest.
int first_bit(Format format) {
  std::vector<std::uint16_t> codes(64 * 64);
  codes[0] = 1;
  const Encoded encoded = encode(from_dense(codes, 64, 64, ValueType::fp16), format);
  return std::countr_zero(numbers<std::uint64_t>(encoded.section("bitmap")).front());
}

/// tile_bitmap of 256 tokens x 128 channels with `kept` nonzeros in every tile.
std::uint64_t tile_bytes(std::uint32_t kept) {
  std::vector<std::uint16_t> codes(256 * 128);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = i / 128 % 64 < kept ? 1 : 0;
  return encode(from_dense(codes, 256, 128, ValueType::fp16), Format::tile_bitmap).size.total();
}

/// Random codes, infinities and subnormals among them; at most two of four.
NarrowMatrix random_codes(ValueType type) {
  constexpr std::uint32_t kRows = 150, kCols = 140;
  Random random(11);
  std::vector<std::uint16_t> codes(kRows * kCols);
  for (std::size_t i = 0; i < codes.size(); i += 4) {
    codes[i + random.uniform_u64(2)] = static_cast<std::uint16_t>(random.bits());
    codes[i + 2 + random.uniform_u64(2)] = static_cast<std::uint16_t>(random.bits());
  }
  return from_dense(codes, kRows, kCols, type);
}

bool round_trips(Format format) {
  const NarrowMatrix matrix = random_codes(format == Format::tca_tbe ? ValueType::bf16 : ValueType::fp16);
  return decode_file(to_file(encode(matrix, format)), "memory") == matrix;
}

DenseMatrix in_fp16(DenseMatrix matrix) {
  for (float& x : matrix.values) x = static_cast<float>(from_code(to_code(x, ValueType::fp16), ValueType::fp16));
  return matrix;
}

}  // namespace

Json layout_figures() {
  const Encoded tiles = five_tiles();
  Json json;
  json["offsets"] = numbers<std::uint32_t>(tiles.section("offsets"));
  json["stored_values"] = tiles.section("values").size() / 2;
  for (const Format format : {Format::bitmap, Format::tile_bitmap, Format::tca_bme})
    json["first_bit"][std::string(enum_name(format))] = first_bit(format);
  for (const std::uint32_t kept : {0u, 32u, 33u, 64u}) json["tile_bytes"][std::to_string(kept)] = tile_bytes(kept);
  std::uint32_t formats = 0, held = 0;
  for (const auto& entry : enum_names(Format{})) ++formats, held += round_trips(entry.value) ? 1 : 0;
  json["formats"] = formats;
  json["round_trips"] = held;
  return json;
}

double attention_difference() {
  constexpr std::uint32_t kTokens = 300, kChannels = 128;
  const KvSchedule schedule;
  const std::uint32_t compressed = schedule.after_prefill(kTokens);
  DenseMatrix keys = in_fp16(generate_kv(kTokens, kChannels, 2, 1)),
              values = in_fp16(generate_kv(kTokens, kChannels, 0, 2));
  for (DenseMatrix* const matrix : {&keys, &values}) {
    DenseMatrix old(compressed, kChannels);
    std::copy_n(matrix->values.begin(), old.values.size(), old.values.begin());
    prune(old, magnitudes(old), 1, kChannels, KeepRule::released, 0.7);
    std::copy(old.values.begin(), old.values.end(), matrix->values.begin());
  }
  const std::vector<float> query = generate_kv(1, kChannels, 0, 3).values;
  const std::vector<double> reference = attend(query, keys, values);
  const std::vector<double> ours = attend_compressed(query, keys, values, compressed);
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    largest = std::max(largest, std::fabs(reference[i]));
    difference = std::max(difference, std::fabs(reference[i] - ours[i]));
  }
  return difference / largest;
}

}  // namespace heddle::llm
