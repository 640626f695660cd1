// Where an access (dram_access.h) lies. Accesses are numbered y = line * per_line + part. Fields of y, low to high (g
// groups and the like stand for their bits; `unit` is the pseudo-channel behind a shared queue; `group` and `column`
// count sets and accesses where these are more than one bank or burst):
//   bank_group_interleaved   channel, unit, group, column, bank, row; then bank += row, modulo banks: the first row of
//                            a round through the banks is not in the bank of the last (with xor it would be)
//   ro_ba_ra_co_ch           channel, column, unit, group, bank, row
//   mop                      channel, 2 bits of column, unit, group, bank, rest of column, row; then unit, group, bank
//                            and row ^= the column's bits, in this order from its lowest
// Rows are not bounded: the capacity of the part is not enforced.
#pragma once

#include <cstdint>

#include "sim/memory/dram_access.h"
#include "sim/memory/dram_part.h"

namespace heddle {

struct DramPlace {
  std::uint32_t bank = 0;  ///< set of banks: (unit * groups + group) * banks + bank
  std::uint64_t row = 0;
};

class DramMapper {
 public:
  DramMapper(DramMap map, const DramPart& part, std::uint32_t units);

  /// Queues (controllers); the accesses of one lie so far apart.
  std::uint32_t queues() const { return queues_; }
  /// Queue of an access.
  std::uint32_t queue_of(std::uint64_t y) const { return static_cast<std::uint32_t>(y) & (queues_ - 1); }

  DramPlace place(std::uint64_t y) const {
    std::uint64_t group = y >> group_shift_ & group_mask_;
    std::uint64_t bank = y >> bank_shift_ & bank_mask_;
    std::uint64_t row = y >> row_shift_;
    if (map_ == DramMap::bank_group_interleaved) [[likely]] {
      bank = (bank + row) & bank_mask_;
      if (unit_bits_ == 0) [[likely]]
        return {static_cast<std::uint32_t>(group << bank_bits_ | bank), row};
    }
    std::uint64_t unit = y >> unit_shift_ & unit_mask_;
    if (map_ == DramMap::mop) {
      std::uint64_t column = (y >> column0_shift_ & 3) | (y >> column1_shift_ & column1_mask_) << 2;
      unit ^= column & unit_mask_, column >>= unit_bits_;
      group ^= column & group_mask_, column >>= group_bits_;
      bank ^= column & bank_mask_, column >>= bank_bits_;
      row ^= column;
    }
    return {static_cast<std::uint32_t>(((unit << group_bits_ | group) << bank_bits_) | bank), row};
  }

 private:
  DramMap map_;
  std::uint32_t queues_;
  std::uint32_t unit_bits_, group_bits_, bank_bits_;
  std::uint64_t unit_mask_, group_mask_, bank_mask_;
  std::uint64_t column1_mask_ = 0;
  std::uint32_t unit_shift_ = 0, group_shift_ = 0, bank_shift_ = 0, row_shift_ = 0;
  std::uint32_t column0_shift_ = 0, column1_shift_ = 0;
};

}  // namespace heddle
