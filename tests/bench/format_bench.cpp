// Decoded fp16 bytes per second of the bitmap formats, one core, beside memcpy of the same output.
//   format_bench [--benchmark_filter=...]
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "matrices/formats/expand.h"
#include "models/llm/pruners.h"

namespace heddle {
namespace {

constexpr std::uint32_t kSide = 2048;  // 8 MiB dense: beyond a core's private caches

NarrowMatrix weights(double sparsity) {
  llm::DenseMatrix dense = llm::generate_weights(kSide, kSide, 0.3, 1);
  prune(dense, llm::magnitudes(dense), 1, kSide, llm::KeepRule::drop_lowest, sparsity);
  return llm::to_fp16(dense);
}

void report_decoded(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * kSide * kSide * 2);
}

void copy(benchmark::State& state) {
  std::vector<std::uint16_t> from(std::size_t{kSide} * kSide, 1), to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), to.size() * 2);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  report_decoded(state);
}

void decode_to_dense(benchmark::State& state, Format format, TileOrder order) {
  FormatOptions options;
  options.tile_order = order;
  const Encoded encoded = encode(weights(static_cast<double>(state.range(0)) / 100), format, options);
  std::vector<std::uint16_t> out(std::size_t{kSide} * kSide);
  for (auto _ : state) {
    decode_dense(encoded, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  report_decoded(state);
  state.SetLabel(std::string(expand_variant()));
}

void expand_with(benchmark::State& state, const formats::ExpandVariant& variant) {
  if (!variant.usable()) return state.SkipWithError("not on this processor");
  const Encoded encoded = encode(weights(0.5), Format::bitmap);
  std::vector<std::uint64_t> words(encoded.section("bitmap").size() / 8);
  std::vector<std::uint16_t> values(encoded.section("values").size() / 2), out(words.size() * 64);
  std::memcpy(words.data(), encoded.section("bitmap").data(), words.size() * 8);
  std::memcpy(values.data(), encoded.section("values").data(), values.size() * 2);
  for (auto _ : state) {
    benchmark::DoNotOptimize(variant.expand(words, values, out.data()));
    benchmark::ClobberMemory();
  }
  report_decoded(state);
}

BENCHMARK(copy);
BENCHMARK_CAPTURE(decode_to_dense, bitmap, Format::bitmap, TileOrder::columns)->Arg(50)->Arg(70);
BENCHMARK_CAPTURE(decode_to_dense, tile_bitmap_rows, Format::tile_bitmap, TileOrder::rows)->Arg(50)->Arg(70);
BENCHMARK_CAPTURE(decode_to_dense, tile_bitmap_columns, Format::tile_bitmap, TileOrder::columns)->Arg(50)->Arg(70);

}  // namespace
}  // namespace heddle

int main(int argc, char** argv) {
  for (const heddle::formats::ExpandVariant& variant : heddle::formats::expand_variants())
    benchmark::RegisterBenchmark(("expand/" + std::string(variant.name)).c_str(), heddle::expand_with, variant);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
