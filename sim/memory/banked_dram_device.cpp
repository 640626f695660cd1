#include "sim/memory/banked_dram_device.h"

#include <bit>

namespace heddle {

DramDevice::DramDevice(const DramPart& part, std::uint32_t units)
    : timing_(part.timing),
      banks_(units * part.bank_groups * part.banks),
      group_shift_(static_cast<std::uint32_t>(std::countr_zero(part.banks))),
      unit_shift_(static_cast<std::uint32_t>(std::countr_zero(part.banks * part.bank_groups))),
      same_long_(std::max({timing_.ccd_l, timing_.ccd_s, timing_.burst})),
      same_short_(std::max(timing_.ccd_s, timing_.burst)),
      same_group_activate_(std::max(timing_.rrd_l, timing_.rrd_s)) {
  const DramTiming& t = timing_;
  const Clock turnaround = t.cl + t.burst + 2 - t.cwl;
  to_precharge_ = {t.rtp, t.cwl + t.burst + t.wr};
  other_long_ = {turnaround, t.cwl + t.burst + t.wtr_l};
  other_short_ = {turnaround, t.cwl + t.burst + t.wtr_s};
  row_.fill(kClosed);
}

std::uint64_t DramDevice::banks_of_unit(std::uint32_t unit) const {
  const std::uint32_t per_unit = 1u << unit_shift_;
  const std::uint64_t ones = per_unit == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << per_unit) - 1;
  return ones << (unit * per_unit % 64);
}

Clock DramDevice::earliest_refresh_step(std::uint32_t unit) const {
  const std::uint64_t all = banks_of_unit(unit);
  const std::uint64_t open = open_ & all;
  const auto& ready = open != 0 ? precharge_ : activate_;
  Clock latest = 0;
  for (std::uint64_t mask = open != 0 ? open : all; mask != 0; mask &= mask - 1)
    latest = std::max(latest, ready[static_cast<std::size_t>(std::countr_zero(mask))]);
  return latest;
}

void DramDevice::precharge_all(std::uint32_t unit, Clock now) {
  for (std::uint64_t mask = open_ & banks_of_unit(unit); mask != 0; mask &= mask - 1)
    precharge(static_cast<std::uint32_t>(std::countr_zero(mask)), now);
}

void DramDevice::refresh(std::uint32_t unit, Clock now) {
  for (std::uint64_t mask = banks_of_unit(unit); mask != 0; mask &= mask - 1)
    raise(activate_[static_cast<std::size_t>(std::countr_zero(mask))], now + timing_.rfc);
}

}  // namespace heddle
