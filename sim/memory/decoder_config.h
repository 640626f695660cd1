// Keys and counts of the decoder of encoded operands, tile_decoder.h.
#pragma once

#include <cstdint>

#include "sim/base/describe.h"

namespace heddle {

struct DecoderConfig {
  std::uint32_t bits_per_cycle = 512;
  std::uint32_t fifo_lines = 64;
  std::uint32_t line_buffers = 64;
};
template <class V>
void describe(V& v, DecoderConfig& c) {
  v.field("bits_per_cycle", c.bits_per_cycle, "bits", "of bitmaps scanned per cycle", in_range(1, 65536));
  v.field("fifo_lines", c.fifo_lines, "lines", "operand lines being fetched or decoded", in_range(1, 65536));
  v.field("line_buffers", c.line_buffers, "lines", "encoded lines kept for the operand lines that follow",
          in_range(4, 65536));
}

struct DecoderCounts {
  std::uint64_t lines = 0;          ///< operand lines delivered
  std::uint64_t encoded_lines = 0;  ///< read from DRAM for them
  std::uint64_t busy_cycles = 0;    ///< decoding
  std::uint64_t decode_wait = 0;    ///< operand lines x cycles: encoded lines in, decoder busy with others
  std::uint64_t fifo_wait = 0;      ///< operand lines x cycles without a place
};
template <class V>
void describe(V& v, DecoderCounts& s) {
  v.field("lines", s.lines, "lines", "operand lines delivered by the tile decoder; 0 without one");
  v.field("encoded_lines", s.encoded_lines, "lines", "read from DRAM for them");
  v.field("busy_cycles", s.busy_cycles, "cycles", "decoding");
  v.field("decode_wait", s.decode_wait, "cycles", "of all operand lines: encoded lines in, decoder busy with others");
  v.field("fifo_wait", s.fifo_wait, "cycles", "of all operand lines: no place in the decoder");
}

}  // namespace heddle
