// Where a burst lies. A burst is numbered x = line * bursts_per_line + part. Fields of x, low to high (g groups and the
// like stand for their bits; `unit` is the pseudo-channel behind a shared queue, `group0` as many group bits as select
// the bursts of one line):
//   bank_group_interleaved   group0, channel, unit, rest of group, column, bank, row; then bank ^= low bits of row
//   ro_ba_ra_co_ch           channel, column, unit, group, bank, row
//   mop                      channel, 2 bits of column, unit, group, bank, rest of column, row; then unit, group, bank
//                            and row ^= the column's bits, in this order from its lowest
// Rows are not bounded: the capacity of the part is not enforced.
#pragma once

#include <cstdint>

#include "sim/memory/dram_part.h"

namespace heddle {

struct DramPlace {
  std::uint32_t bank = 0;  ///< (unit * groups + group) * banks + bank
  std::uint64_t row = 0;
};

class DramMapper {
 public:
  DramMapper(DramMap map, const DramPart& part, std::uint32_t units);

  /// Queue (controller) of a burst.
  std::uint32_t queue_of(std::uint64_t x) const {
    return static_cast<std::uint32_t>((x & queue_mask_) >> queue_shift_);
  }
  /// The first burst >= x that belongs to `queue`.
  std::uint64_t first_in(std::uint32_t queue, std::uint64_t x) const;
  /// The next burst after x (which is in `queue_of(x)`) of the same queue.
  std::uint64_t next_in(std::uint64_t x) const { return (((x | queue_mask_) + 1) & ~queue_mask_) | (x & queue_mask_); }

  /// How many bursts of x to last (inclusive) belong to `queue`.
  std::uint64_t count_in(std::uint32_t queue, std::uint64_t x, std::uint64_t last) const;

  DramPlace place(std::uint64_t x) const {
    std::uint64_t unit = x >> unit_shift_ & unit_mask_;
    std::uint64_t group = (x >> group0_shift_ & group0_mask_) | (x >> group1_shift_ & group1_mask_) << group0_bits_;
    std::uint64_t bank = x >> bank_shift_ & bank_mask_;
    std::uint64_t row = x >> row_shift_;
    if (map_ == DramMap::bank_group_interleaved) {
      bank ^= row & bank_mask_;
    } else if (map_ == DramMap::mop) {
      std::uint64_t column = (x >> column0_shift_ & 3) | (x >> column1_shift_ & column1_mask_) << 2;
      unit ^= column & unit_mask_, column >>= unit_bits_;
      group ^= column & group_mask_, column >>= group_bits_;
      bank ^= column & bank_mask_, column >>= bank_bits_;
      row ^= column;
    }
    return {static_cast<std::uint32_t>(((unit << group_bits_ | group) << bank_bits_) | bank), row};
  }

 private:
  DramMap map_;
  std::uint32_t unit_bits_, group_bits_, bank_bits_, group0_bits_ = 0;
  std::uint64_t unit_mask_, group_mask_, bank_mask_;
  std::uint64_t queue_mask_ = 0, group0_mask_ = 0, group1_mask_ = 0, column1_mask_ = 0;
  std::uint32_t queue_shift_ = 0, unit_shift_ = 0, group0_shift_ = 0, group1_shift_ = 0, bank_shift_ = 0,
                row_shift_ = 0;
  std::uint32_t column0_shift_ = 0, column1_shift_ = 0, queue_bits_ = 0;
};

}  // namespace heddle
