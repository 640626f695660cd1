// Encoded matrices as files. Version 1, all numbers little-endian, nothing between the parts:
//
//   offset  bytes  what
//        0      8  "HEDDLEFM"
//        8      4  version = 1
//       12      4  format (Format)             16  4  value type (ValueType)
//       20      4  number of sections
//       24      8  rows                        32  8  columns        40  8  nonzeros
//       48      8  scale, binary64
//       56     20  options: tile_order, block, offset_every, offset_pad, median_offsets, 4 bytes each
//       76         per section 24 bytes: name padded with NUL to 16, number of bytes (8)
//                  then the bytes of the sections in the same order
//
// The same matrix, format and options give the same bytes on every platform.
#pragma once

#include <string>
#include <string_view>

#include "matrices/formats/format.h"
#include "matrices/loaded_matrix.h"

namespace heddle {

inline constexpr std::string_view kFormatMagic = "HEDDLEFM";

std::string to_file(const Encoded& encoded);

/// Header and lengths checked; the sections only as far as decode() checks them. The result's size has sections by
/// their bytes only: values = all. Memory is in proportion to `text`. Throws InputError "name: what is wrong; expected
/// ...".
Encoded from_file(std::string_view text, const std::string& name, const ReadLimits& limits = {});

/// decode(), with `name` in front of what it throws.
NarrowMatrix decode_file(std::string_view text, const std::string& name, const ReadLimits& limits = {});

}  // namespace heddle
