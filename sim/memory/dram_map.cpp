#include "sim/memory/dram_map.h"

#include <algorithm>
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
      unit_bits_(bits_of(units)),
      group_bits_(bits_of(part.bank_groups)),
      bank_bits_(bits_of(part.banks)),
      unit_mask_(ones(unit_bits_)),
      group_mask_(ones(group_bits_)),
      bank_mask_(ones(bank_bits_)) {
  queue_bits_ = bits_of(part.channels / units);
  const std::uint32_t column_bits = bits_of(part.bursts_per_row());
  const bool interleaved = map == DramMap::bank_group_interleaved;
  std::uint32_t at = 0;
  const auto take = [&at](std::uint32_t& shift, std::uint32_t bits) { shift = at, at += bits; };
  group0_bits_ = interleaved ? bits_of(part.bursts_per_line()) : group_bits_;
  if (interleaved) take(group0_shift_, group0_bits_);
  take(queue_shift_, queue_bits_);
  if (map == DramMap::mop) take(column0_shift_, 2);
  if (map == DramMap::ro_ba_ra_co_ch) take(column0_shift_, column_bits);
  take(unit_shift_, unit_bits_);
  if (interleaved) {
    take(group1_shift_, group_bits_ - group0_bits_);
    take(column0_shift_, column_bits);
  } else {
    take(group0_shift_, group_bits_);
  }
  take(bank_shift_, bank_bits_);
  if (map == DramMap::mop) take(column1_shift_, column_bits - 2);
  row_shift_ = at;
  queue_mask_ = ones(queue_bits_) << queue_shift_;
  group0_mask_ = ones(group0_bits_);
  group1_mask_ = ones(group_bits_ - group0_bits_);
  column1_mask_ = map == DramMap::mop ? ones(column_bits - 2) : 0;
}

std::uint64_t DramMapper::first_in(std::uint32_t queue, std::uint64_t x) const {
  const std::uint64_t wanted = std::uint64_t{queue} << queue_shift_;
  const std::uint64_t found = x & queue_mask_;
  const std::uint64_t low = ones(queue_shift_);  // below the field: the bursts of one line that stay together
  if (found == wanted) return x;
  const std::uint64_t base = x & ~queue_mask_ & ~low;
  if (found < wanted) return base | wanted;
  return (((x | queue_mask_ | low) + 1) & ~queue_mask_) | wanted;
}

std::uint64_t DramMapper::count_in(std::uint32_t queue, std::uint64_t x, std::uint64_t last) const {
  const std::uint64_t together = std::uint64_t{1} << queue_shift_;
  const auto below = [&](std::uint64_t end) {  // bursts of the queue before `end`
    const std::uint64_t period = end >> (queue_shift_ + queue_bits_);
    const std::uint64_t rest = end & ones(queue_shift_ + queue_bits_);
    const std::uint64_t mine = std::uint64_t{queue} << queue_shift_;
    return (period << queue_shift_) + (rest <= mine ? 0 : std::min(rest - mine, together));
  };
  return below(last + 1) - below(x);
}

}  // namespace heddle
