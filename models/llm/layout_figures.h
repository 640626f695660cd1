// Layout of encodings on cases small enough to check by hand, and attention over a compressed cache.
#pragma once

#include "sim/base/json.h"

namespace heddle::llm {

/// {"offsets", "stored_values": tiles of 0, 1, 8, 9, 64 nonzeros; "first_bit": by format, that of element (0, 0);
///  "tile_bytes": 256 x 128 with so many nonzeros in each tile;
///  "round_trips": formats of which every one returned a random fp16 (bf16) matrix bit for bit; "formats"}
Json layout_figures();

/// Largest difference, relative to the largest output, between attention over compressed and dense tokens and dense
/// attention over the same pruned cache in fp16.
double attention_difference();

}  // namespace heddle::llm
