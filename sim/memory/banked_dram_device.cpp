#include "sim/memory/banked_dram_device.h"

#include <bit>

namespace heddle {
namespace {

Clock less(Clock a, Clock b) {
  return a > b ? a - b : 0;
}

}  // namespace

// With commands i at distance i * row_step (PRE, ACT) or i * column_step (RD, WR) of the first, a gap g between
// commands of the same bank is one of g between the first ones, or, between ACT/PRE and RD/WR, of g plus what the
// second kind lags behind at its end. Between different banks the last command of one meets the first of the other.
DramSetTiming::DramSetTiming(const DramPart& part, const DramAccess& access)
    : ras(part.timing.ras),
      rc(part.timing.rc),
      rp(part.timing.rp),
      rfc(part.timing.rfc),
      faw(part.timing.faw),
      window(4 / access.across) {
  const DramTiming& t = part.timing;
  const Clock rows = access.row_span();
  const Clock columns = access.column_span();
  rrd_short = rows + t.rrd_s;
  rrd_long = std::max<Clock>(t.rrd_l, rrd_short);
  to_column = {t.rcd_rd + less(rows, columns), t.rcd_wr + less(rows, columns)};
  const std::array<Clock, 2> from_column = {t.rtp, Clock{t.cwl} + t.burst + t.wr};
  for (std::size_t d = 0; d < 2; ++d) {
    to_precharge[d] = from_column[d] + less(columns, rows);
    column_settled[d] = from_column[d] + columns;
  }
  const bool one_bank = access.across < access.bursts;
  const Clock burst_short = std::max(t.ccd_s, t.burst);
  const Clock burst_long = std::max<Clock>(t.ccd_l, burst_short);
  same_short.fill(columns + burst_short);
  same_long.fill(one_bank ? columns + burst_long : std::max(burst_long, same_short[0]));
  const Clock turnaround = t.cl + t.burst + 2 - t.cwl + columns;
  const Clock data = t.cwl + t.burst;
  other_short = {turnaround, columns + data + t.wtr_s};
  other_long = {turnaround, std::max((one_bank ? columns : 0) + data + t.wtr_l, other_short[1])};
  activate_settled = rows + t.ras;
  cycle_settled = rows + t.rc;
  precharge_settled = rows + t.rp;
}

DramDevice::DramDevice(const DramPart& part, const DramAccess& access, std::uint32_t units)
    : timing_(part, access),
      banks_(units * part.bank_groups / access.across * part.banks),
      group_shift_(static_cast<std::uint32_t>(std::countr_zero(part.banks))),
      unit_shift_(static_cast<std::uint32_t>(std::countr_zero(part.banks * part.bank_groups / access.across))) {}

std::uint64_t DramDevice::banks_of_unit(std::uint32_t unit) const {
  const std::uint32_t per_unit = 1u << unit_shift_;
  const std::uint64_t ones = per_unit == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << per_unit) - 1;
  return ones << (unit * per_unit % 64);
}

Clock DramDevice::earliest_refresh_step(std::uint32_t unit) const {
  const std::uint64_t all = banks_of_unit(unit);
  const std::uint64_t open = open_ & all;
  Clock latest = 0;
  for (std::uint64_t mask = open != 0 ? open : all; mask != 0; mask &= mask - 1) {
    const Bank& b = banks_of_[static_cast<std::size_t>(std::countr_zero(mask))];
    if (open == 0) {
      latest = std::max(latest, b.activate_settled);
      continue;
    }
    const auto& gap = timing_.column_settled;
    latest = std::max({latest, b.precharge + timing_.activate_settled - timing_.ras, b.last_column[0] + gap[0],
                       b.last_column[1] + gap[1]});
  }
  return latest;
}

void DramDevice::precharge_all(std::uint32_t unit, Clock now) {
  for (std::uint64_t mask = open_ & banks_of_unit(unit); mask != 0; mask &= mask - 1) {
    Bank& bank = banks_of_[static_cast<std::size_t>(std::countr_zero(mask))];
    bank.row = kClosed;
    raise(bank.activate, now + timing_.rp);
    raise(bank.activate_settled, now + timing_.rp);
  }
  open_ &= ~banks_of_unit(unit);
}

void DramDevice::refresh(std::uint32_t unit, Clock now) {
  for (std::uint64_t mask = banks_of_unit(unit); mask != 0; mask &= mask - 1) {
    Bank& bank = banks_of_[static_cast<std::size_t>(std::countr_zero(mask))];
    raise(bank.activate, now + timing_.rfc);
    raise(bank.activate_settled, now + timing_.rfc);
  }
}

}  // namespace heddle
