#include "sim/memory/dram_map.h"

#include <bit>

namespace heddle {
namespace {

std::uint32_t bits_of(std::uint32_t count) {
  return static_cast<std::uint32_t>(std::countr_zero(count));
}
std::uint64_t ones(std::uint32_t bits) {
  return (std::uint64_t{1} << bits) - 1;
}

}  // namespace

DramMapper::DramMapper(DramMap map, const DramPart& part, std::uint32_t units)
    : map_(map),
      queues_(part.channels / units),
      unit_bits_(bits_of(units)),
      group_bits_(bits_of(part.bank_groups / DramAccess(map, part).across)),
      bank_bits_(bits_of(part.banks)),
      unit_mask_(ones(unit_bits_)),
      group_mask_(ones(group_bits_)),
      bank_mask_(ones(bank_bits_)) {
  const DramAccess access(map, part);
  const std::uint32_t column_bits = bits_of(part.bursts_per_row() * access.across / access.bursts);
  std::uint32_t at = bits_of(queues_);
  const auto take = [&at](std::uint32_t& shift, std::uint32_t bits) { shift = at, at += bits; };
  if (map == DramMap::mop) take(column0_shift_, 2);
  if (map == DramMap::ro_ba_ra_co_ch) take(column0_shift_, column_bits);
  take(unit_shift_, unit_bits_);
  take(group_shift_, group_bits_);
  if (map == DramMap::bank_group_interleaved) take(column0_shift_, column_bits);
  take(bank_shift_, bank_bits_);
  if (map == DramMap::mop) take(column1_shift_, column_bits - 2);
  row_shift_ = at;
  column1_mask_ = map == DramMap::mop ? ones(column_bits - 2) : 0;
}

}  // namespace heddle
