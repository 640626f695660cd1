// The devices behind one queue: which rows are open, and the first clock at which each command is legal. No clock of
// its own: every query and command takes the clock as an argument. The constraints, with JEDEC's names without the t:
//   ACT  same bank: PRE + rp, ACT + rc, REF + rfc; same group: ACT + rrd_l; same unit: ACT + rrd_s, fourth last ACT +
//   faw PRE  ACT + ras, RD + rtp, WR + cwl + burst + wr                                           (same bank) RD   same
//   bank: ACT + rcd_rd; RD + ccd_l / ccd_s; WR + cwl + burst + wtr_l / wtr_s        (same group / same unit) WR   same
//   bank: ACT + rcd_wr; WR + ccd_l / ccd_s; RD + turnaround                         (same group / same unit) PREA every
//   open bank's PRE;  REF: no row open, and every bank's ACT
// turnaround = cl + burst + 2 - cwl: two clocks of idle bus between read and write data. ccd_s is at least a burst: the
// data bus carries one burst at a time. A unit is a channel with data pins of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "sim/memory/dram_clock.h"
#include "sim/memory/dram_part.h"

namespace heddle {

enum class DramDirection : std::uint8_t { read, write };
constexpr DramDirection other(DramDirection d) {
  return d == DramDirection::read ? DramDirection::write : DramDirection::read;
}

class DramDevice {
 public:
  static constexpr std::uint32_t kMaxBanks = 64;
  static constexpr std::uint64_t kClosed = ~std::uint64_t{0};

  DramDevice(const DramPart& part, std::uint32_t units);

  std::uint32_t banks() const { return banks_; }
  std::uint32_t unit_of(std::uint32_t bank) const { return bank >> unit_shift_; }
  std::uint64_t banks_of_unit(std::uint32_t unit) const;
  std::uint64_t open_row(std::uint32_t bank) const { return row_[bank]; }
  std::uint64_t open_banks() const { return open_; }

  Clock earliest_activate(std::uint32_t bank) const {
    return std::max({activate_[bank], group_activate_[bank >> group_shift_], unit_activate_[bank >> unit_shift_]});
  }
  Clock earliest_precharge(std::uint32_t bank) const { return precharge_[bank]; }
  Clock earliest_column(DramDirection direction, std::uint32_t bank) const {
    const Columns& c = columns_[static_cast<std::size_t>(direction)];
    return std::max({c.bank[bank], c.group[bank >> group_shift_], c.unit[bank >> unit_shift_]});
  }
  /// What the bank itself allows, leaving its group and unit aside: lower bounds of the above.
  Clock bank_activate(std::uint32_t bank) const { return activate_[bank]; }
  Clock bank_column(DramDirection direction, std::uint32_t bank) const {
    return columns_[static_cast<std::size_t>(direction)].bank[bank];
  }
  /// No column command of the unit in this direction is legal before.
  Clock earliest_column_of_unit(DramDirection direction, std::uint32_t unit) const {
    return columns_[static_cast<std::size_t>(direction)].unit[unit];
  }
  Clock earliest_activate_of_unit(std::uint32_t unit) const { return unit_activate_[unit]; }
  /// Precharge-all while a row is open, else refresh.
  Clock earliest_refresh_step(std::uint32_t unit) const;

  void activate(std::uint32_t bank, std::uint64_t row, Clock now) {
    const std::uint32_t unit = bank >> unit_shift_;
    row_[bank] = row;
    open_ |= std::uint64_t{1} << bank;
    columns_[0].bank[bank] = now + timing_.rcd_rd;
    columns_[1].bank[bank] = now + timing_.rcd_wr;
    precharge_[bank] = now + timing_.ras;
    raise(activate_[bank], now + timing_.rc);
    group_activate_[bank >> group_shift_] = now + same_group_activate_;
    auto& window = window_[unit];
    std::uint8_t& oldest = window_next_[unit];
    window[oldest] = now + timing_.faw;
    oldest = static_cast<std::uint8_t>((oldest + 1) % 4);
    unit_activate_[unit] = std::max(now + timing_.rrd_s, window[oldest]);
  }
  void precharge(std::uint32_t bank, Clock now) {
    row_[bank] = kClosed;
    open_ &= ~(std::uint64_t{1} << bank);
    raise(activate_[bank], now + timing_.rp);
  }
  void precharge_all(std::uint32_t unit, Clock now);
  void refresh(std::uint32_t unit, Clock now);
  void column(DramDirection direction, std::uint32_t bank, Clock now) {
    const auto d = static_cast<std::size_t>(direction);
    const std::uint32_t group = bank >> group_shift_;
    const std::uint32_t unit = bank >> unit_shift_;
    raise(precharge_[bank], now + to_precharge_[d]);
    raise(columns_[d].group[group], now + same_long_);
    raise(columns_[d].unit[unit], now + same_short_);
    raise(columns_[1 - d].group[group], now + other_long_[d]);
    raise(columns_[1 - d].unit[unit], now + other_short_[d]);
  }

 private:
  struct Columns {
    std::array<Clock, kMaxBanks> bank{}, group{};
    std::array<Clock, 2> unit{};
  };
  static void raise(Clock& time, Clock to) { time = std::max(time, to); }

  DramTiming timing_;
  std::uint32_t banks_, group_shift_, unit_shift_;
  std::array<Clock, 2> to_precharge_{}, other_long_{}, other_short_{};  // from a read, from a write
  Clock same_long_, same_short_, same_group_activate_;
  std::uint64_t open_ = 0;  // one bit per bank
  std::array<std::uint64_t, kMaxBanks> row_{};
  std::array<Clock, kMaxBanks> activate_{}, precharge_{}, group_activate_{};
  std::array<Clock, 2> unit_activate_{};
  std::array<std::array<Clock, 4>, 2> window_{};  // ends of the four-activate windows of the last four activates
  std::array<std::uint8_t, 2> window_next_{};
  std::array<Columns, 2> columns_;
};

}  // namespace heddle
