// Operands that lie in DRAM as bitmap tiles: the same product, other traffic, a decoder that can be the bottleneck.
#include "dataflows/encoded_operands.h"

#include <gtest/gtest.h>

#include "dataflows/dataflow.h"
#include "dataflows/finish.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

using testing::generated;
using testing::message_of;
using testing::small_machine;
using testing::workload_of;

Config encoded_machine(bool a, bool b) {
  Config config = small_machine();
  config.machine.sram.capacity.count = 8 << 20;  // B is read once
  config.formats.decoder.line_buffers = 65536;   // and so is what encodes it
  if (a) config.formats.a = OperandFormat::tile_bitmap;
  if (b) config.formats.b = OperandFormat::tile_bitmap;
  return config;
}

RunReport run(const Workload& workload, const Config& config) {
  RunOptions options;
  options.carry_values = true;
  RunResult result = find_dataflow("row_wise").run(workload, config, options);
  check_product(reference_product(workload), *result.c);
  return result.report;
}

/// Bytes of the three arrays for 8 B values: tiles of 64 columns of a row.
std::uint64_t encoded_bytes(const Csr& matrix, std::uint32_t value_bytes) {
  std::uint64_t stored = 0;
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    std::vector<std::uint32_t> count((matrix.cols + 63) / 64);
    for (const Coordinate c : matrix.row(row).coordinates) ++count[c / 64];
    for (const std::uint32_t n : count) stored += (n + 7) / 8 * 8;
  }
  return matrix.rows * ((matrix.cols + std::uint64_t{63}) / 64) * 12 + stored * value_bytes;
}

TEST(EncodedOperands, TheProductIsTheSameWhateverTheOperandsLieIn) {
  const Csr a = generated(MatrixFamily::uniform, 128, 1, 0.1), b = generated(MatrixFamily::rmat, 128, 2, 0.1);
  for (const DramKind kind : {DramKind::flat, DramKind::banked})
    for (const bool first : {false, true})
      for (const bool second : {false, true}) {
        Config config = encoded_machine(first, second);
        config.machine.dram.kind = kind;
        config.formats.decoder.fifo_lines = 5;
        config.formats.decoder.line_buffers = 6;
        const RunReport report = run(workload_of(a, b), config);
        EXPECT_EQ(report.decoder.lines > 0, first || second);
      }
}

TEST(EncodedOperands, BIsReadOnceInItsEncodedSize) {
  const Csr b = generated(MatrixFamily::uniform, 512, 3, 0.5);
  const Csr a = testing::full(4, 512);
  const RunReport plain = run(workload_of(a, b), encoded_machine(false, false));
  const RunReport encoded = run(workload_of(a, b), encoded_machine(false, true));
  const std::uint64_t least = encoded_bytes(b, 8) - 512 * 8 * 4;  // an offset is read per row, not per tile
  EXPECT_GE(plain.dram_bytes.b, b.nnz() * 12);
  EXPECT_GE(encoded.dram_bytes.b, least);
  EXPECT_LE(static_cast<double>(encoded.dram_bytes.b), 1.25 * static_cast<double>(least));
  EXPECT_LT(encoded.dram_bytes.b, plain.dram_bytes.b);
  EXPECT_EQ(encoded.decoder.encoded_lines * 64, encoded.dram_bytes.b);
  EXPECT_EQ(encoded.dram_bytes.a, plain.dram_bytes.a);
  EXPECT_EQ(encoded.dram_bytes.c, plain.dram_bytes.c);
}

TEST(EncodedOperands, SparseRowsPayForTheirEmptyTiles) {
  const Csr b = generated(MatrixFamily::uniform, 2048, 3, 0.001);
  const Workload workload = workload_of(generated(MatrixFamily::uniform, 2048, 4, 0.002), b);
  EXPECT_GT(run(workload, encoded_machine(false, true)).dram_bytes.b,
            run(workload, encoded_machine(false, false)).dram_bytes.b);
}

TEST(EncodedOperands, ASlowDecoderIsTheBottleneck) {
  const Workload workload =
      workload_of(generated(MatrixFamily::uniform, 256, 5, 0.2), generated(MatrixFamily::uniform, 256, 6, 0.3));
  Config config = encoded_machine(false, true);
  const RunReport fast = run(workload, config);
  config.formats.decoder.bits_per_cycle = 1;
  const RunReport slow = run(workload, config);
  EXPECT_EQ(slow.decoder.lines, fast.decoder.lines);
  EXPECT_GE(slow.cycles, slow.decoder.busy_cycles);
  EXPECT_LE(static_cast<double>(slow.cycles), 1.2 * static_cast<double>(slow.decoder.busy_cycles));
  EXPECT_GT(slow.cycles, 2 * fast.cycles);
  EXPECT_GT(slow.decoder.decode_wait + slow.decoder.fifo_wait, fast.decoder.decode_wait + fast.decoder.fifo_wait);
}

TEST(EncodedOperands, FewPlacesHideLessLatency) {
  const Workload workload =
      workload_of(generated(MatrixFamily::uniform, 256, 5, 0.2), generated(MatrixFamily::uniform, 256, 6, 0.3));
  Config config = encoded_machine(true, true);
  config.machine.dram.flat.latency = 200;
  const RunReport many = run(workload, config);
  config.formats.decoder.fifo_lines = 1;
  const RunReport one = run(workload, config);
  EXPECT_GT(one.cycles, many.cycles);
  EXPECT_GT(one.decoder.fifo_wait, 0u);
  EXPECT_GE(one.cycles, 200 * one.decoder.lines / 2);
}

TEST(EncodedOperands, OtherDataflowsRefuse) {
  const Workload workload = workload_of(testing::identity(4), testing::identity(4));
  for (const char* const name : {"inner_product", "outer_product"})
    EXPECT_NE(message_of<InputError>([&] {
                find_dataflow(name).run(workload, encoded_machine(false, true), {});
              }).find("formats.b"),
              std::string::npos);
}

}  // namespace
}  // namespace heddle
