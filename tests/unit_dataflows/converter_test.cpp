// Rule O1 of dataflows/SEMANTICS.md, followed by hand on one channel of one line per cycle.
#include "dataflows/converter.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/memory/flat_dram.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

struct Request {
  bool write;
  LineAddr line;
  Cycle cycle;
  friend bool operator==(const Request&, const Request&) = default;
};

/// Flat DRAM that remembers what it was asked.
class Recorder final : public Memory {
 public:
  explicit Recorder(Dram& dram) : dram_(dram) {}
  void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    requests.push_back({false, line, now});
    dram_.read(line, tensor, now, reply);
  }
  void write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    requests.push_back({true, line, now});
    dram_.write(line, tensor, now, reply);
  }
  void read_block(LineAddr, std::uint64_t, Tensor, Cycle, Reply&) override { FAIL(); }
  void write_block(LineAddr, std::uint64_t, Tensor, Cycle, Reply&) override { FAIL(); }
  std::vector<Request> requests;

 private:
  Dram& dram_;
};

struct Outcome {
  std::vector<Request> requests;
  Cycle end = 0;
  DramTraffic traffic;
};

Outcome convert(const Conversion& conversion) {
  const Config config = testing::small_machine();
  Kernel kernel;
  FlatDram dram(config.machine.dram.flat, config.machine.clock);
  Recorder recorder(dram);
  Converter converter(conversion, recorder, kernel);
  kernel.run();
  EXPECT_TRUE(converter.done());
  return {recorder.requests, converter.end(), dram.traffic()};
}

Conversion small_conversion() {
  Conversion conversion;
  conversion.pointers = 100;
  conversion.elements = 200;
  conversion.converted_pointers = 300;
  conversion.converted = 400;
  conversion.pointer_lines = 1;
  conversion.element_lines = 2;
  conversion.converted_pointer_lines = 1;
  conversion.stream_lines = 8;
  return conversion;
}

TEST(Converter, OnePassFollowedByHand) {
  // Reads in cycles 0, 1, 2 arrive in 10, 11, 12; each element line is written when it is in, the pointers after the
  // last of both. A write is accepted one cycle after its start.
  const Outcome outcome = convert(small_conversion());
  const std::vector<Request> expected = {{false, 100, 0}, {false, 200, 1}, {false, 201, 2},
                                         {true, 400, 11}, {true, 401, 12}, {true, 300, 13}};
  EXPECT_EQ(outcome.requests, expected);
  EXPECT_EQ(outcome.end, 14U);
}

TEST(Converter, SecondPassReadsTheConvertedArray) {
  Conversion conversion = small_conversion();
  conversion.passes = 2;
  const Outcome outcome = convert(conversion);
  // The last write of pass 1 is issued in 12 and accepted in 13; pass 2 begins in 14.
  const std::vector<Request> expected = {{false, 100, 0}, {false, 200, 1},  {false, 201, 2},  {true, 400, 11},
                                         {true, 401, 12}, {false, 400, 14}, {false, 401, 15}, {true, 400, 24},
                                         {true, 401, 25}, {true, 300, 26}};
  EXPECT_EQ(outcome.requests, expected);
  EXPECT_EQ(outcome.end, 27U);
}

TEST(Converter, StreamLinesBoundWhatIsReadAndNotYetWritten) {
  Conversion conversion = small_conversion();
  conversion.pointer_lines = 0;
  conversion.element_lines = 5;
  conversion.converted_pointer_lines = 0;
  conversion.stream_lines = 2;
  const Outcome outcome = convert(conversion);
  // Lines 0 and 1 are read in 0 and 1, in 10 the first is written and its place read into again.
  const std::vector<Request> expected = {{false, 200, 0},  {false, 201, 1}, {true, 400, 10},
                                         {false, 202, 10}, {true, 401, 11}, {false, 203, 11}};
  ASSERT_GE(outcome.requests.size(), expected.size());
  EXPECT_EQ(std::vector<Request>(outcome.requests.begin(), outcome.requests.begin() + 6), expected);
  EXPECT_EQ(outcome.requests.size(), 10U);
}

TEST(Converter, NothingButPointers) {
  Conversion conversion = small_conversion();
  conversion.element_lines = 0;
  const Outcome outcome = convert(conversion);
  const std::vector<Request> expected = {{false, 100, 0}, {true, 300, 10}};
  EXPECT_EQ(outcome.requests, expected);
  EXPECT_EQ(outcome.end, 11U);
}

TEST(Converter, TrafficIsTwoMovesPerPassAndPointersOnce) {
  for (std::uint32_t passes = 1; passes <= 3; ++passes) {
    Conversion conversion = small_conversion();
    conversion.pointer_lines = 7;
    conversion.element_lines = 50;
    conversion.converted_pointer_lines = 9;
    conversion.passes = passes;
    const DramTraffic traffic = convert(conversion).traffic;
    EXPECT_EQ(traffic.read[std::size_t(Tensor::a)], 64U * 50 * passes);
    EXPECT_EQ(traffic.written[std::size_t(Tensor::a)], 64U * 50 * passes);
    EXPECT_EQ(traffic.read[std::size_t(Tensor::pointers)], 64U * 7);
    EXPECT_EQ(traffic.written[std::size_t(Tensor::pointers)], 64U * 9);
  }
}

TEST(Converter, PassesGrowWithTheColumns) {
  Config config;
  config.machine.sram.capacity.count = 16 * 64;  // 8 partitions
  EXPECT_EQ(conversion_passes(config, 0, 1), 1U);
  EXPECT_EQ(conversion_passes(config, 8, 1), 1U);
  EXPECT_EQ(conversion_passes(config, 9, 1), 2U);
  EXPECT_EQ(conversion_passes(config, 64, 1), 2U);
  EXPECT_EQ(conversion_passes(config, 65, 1), 3U);
  EXPECT_EQ(conversion_passes(config, 65, 0), 1U);
  config.machine.sram.capacity.count = 64;
  EXPECT_EQ(conversion_passes(config, 8, 1), 3U);
}

TEST(Converter, LinesOfAMatrix) {
  const Workload w = testing::workload_of(testing::full(20, 30), testing::full(30, 2));
  const Config config;
  const Layout layout = make_layout(w, config.layout, 30, 600);
  const Conversion c = make_conversion(config, *w.a, layout.a_pointers, layout.a, layout, Tensor::a);
  EXPECT_EQ(c.pointer_lines, 2U);            // 21 x 4 B
  EXPECT_EQ(c.element_lines, 113U);          // 7200 B
  EXPECT_EQ(c.converted_pointer_lines, 2U);  // 31 x 4 B
  EXPECT_EQ(c.elements, line_of(layout.a.base));
  EXPECT_EQ(c.converted, line_of(layout.converted.base));
}

}  // namespace
}  // namespace heddle
