// The hardware all dataflows share. Numbers come from configs/machines/*.yaml, each with its source there.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/describe.h"
#include "sim/base/units.h"
#include "sim/memory/dram_config.h"

namespace heddle {

enum class Replacement : std::uint8_t { lru, fifo, random, next_use };
constexpr EnumName<Replacement> kReplacementNames[] = {
    {Replacement::lru, "lru", "evict the least recently accessed line"},
    {Replacement::fifo, "fifo", "evict the line allocated first"},
    {Replacement::random, "random", "evict a line drawn by a seeded generator"},
    {Replacement::next_use, "next_use",
     "evict the line that the fewest tasks at hand will read; the least recent of equals"}};
constexpr std::span<const EnumName<Replacement>> enum_names(Replacement) {
  return kReplacementNames;
}

/// Banked on-chip memory: row-wise uses all of it as a cache of B and partials, outer product as the partial-sum buffer
/// (a cache of partials), inner product cuts it into pinned B, stream tiles and partial sums.
struct SramConfig {
  Bytes capacity{2 << 20};
  std::uint32_t banks = 32;
  std::uint32_t ways = 16;
  std::uint32_t latency = 4;
  std::uint32_t mshrs = 256;
  Replacement replacement = Replacement::lru;
  std::uint32_t clusters = 1;
};
template <class V>
void describe(V& v, SramConfig& c) {
  v.field("capacity", c.capacity, "bytes", "on-chip memory, all banks together", at_least(64));
  v.field("banks", c.banks, "count", "banks, one 64 B access per cycle each; line n is in bank n mod banks",
          in_range(1, 4096));
  v.field("ways", c.ways, "count", "lines per set", in_range(1, 256));
  v.field("latency", c.latency, "cycles", "access granted by a bank to data at the requester", in_range(1, 10000));
  v.field("mshrs", c.mshrs, "count", "misses and evictions in flight, split evenly over the banks", in_range(1, 65536));
  v.field("replacement", c.replacement, "name", "which line of a full set is evicted");
  option(v, "clusters", c.clusters, 1, "count",
         "parts of the banks, each a cache of B for its share of the PEs (row_wise, merge tree)", in_range(1, 4096));
}

struct PeConfig {
  std::uint32_t count = 32;
  std::uint32_t multipliers = 8;
  std::uint32_t radix = 64;
  std::uint32_t line_buffers = 16;
  std::uint32_t burst_lines = 8;
  std::uint32_t operand_lines = 512;
  std::uint32_t fetch_ahead = 4;
  std::uint32_t write_lines = 32;
  std::uint32_t latency = 12;
  std::uint32_t merge_width = 1;
  std::uint32_t merge_interval = 1;
  std::uint64_t all_multipliers() const { return std::uint64_t{count} * multipliers; }  ///< of all PEs
};
template <class V>
void describe(V& v, PeConfig& c) {
  v.field("count", c.count, "count", "processing elements, one merger each", in_range(1, 4096));
  v.field("multipliers", c.multipliers, "count", "multipliers per PE", in_range(1, 4096));
  v.field("radix", c.radix, "count", "fibers one merger takes at once", in_range(2, 4096));
  v.field("line_buffers", c.line_buffers, "count", "requests in flight per PE, refills apart", in_range(1, 65536));
  v.field("burst_lines", c.burst_lines, "lines",
          "at most so many consecutive lines are read into half an operand buffer, or written, at once",
          in_range(1, 64));
  v.field("operand_lines", c.operand_lines, "lines", "operand buffers per PE; at least two lines per merger input",
          in_range(4, 1 << 20));
  v.field("fetch_ahead", c.fetch_ahead, "tasks", "tasks whose operands are requested before the current one ends",
          in_range(0, 64));
  v.field("write_lines", c.write_lines, "lines", "result lines per PE being filled or waiting for memory",
          in_range(2, 4096));
  v.field("latency", c.latency, "cycles", "element consumed to result in its output line: multiply, merge tree, add",
          in_range(1, 10000));
  v.field("merge_width", c.merge_width, "elements",
          "inputs a merger consumes per cycle (an array merger); 1 with an interval", in_range(1, 256));
  v.field("merge_interval", c.merge_interval, "cycles", "a merger works on one input so long; 1 with a width",
          in_range(1, 10000));
}

struct Machine {
  std::string name = "unnamed";
  std::string source;
  Frequency clock{1'000'000'000};
  PeConfig pe;
  SramConfig sram;
  DramConfig dram;
  std::uint32_t stream_lines = 128;
  std::uint32_t combining_lines = 64;
};
template <class V>
void describe(V& v, Machine& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("source", c.source, "text", "where the numbers come from");
  v.field("clock", c.clock, "Hz", "core clock; one cycle of every figure", at_least(1));
  v.section("pe", c.pe, "processing elements");
  v.section("sram", c.sram, "shared on-chip memory");
  v.section("dram", c.dram, "off-chip memory");
  v.field("stream_lines", c.stream_lines, "lines", "buffer of each sequential operand stream", in_range(2, 1 << 20));
  v.field("combining_lines", c.combining_lines, "lines", "shared buffer where ends of rows of C meet in one line",
          in_range(1, 1 << 20));
}

}  // namespace heddle
