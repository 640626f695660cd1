// The devices behind one queue: which rows are open, and the first clock at which each command is legal. No clock of
// its own: every query and command takes the clock as an argument. The constraints, with JEDEC's names without the t:
//   ACT  same bank: PRE + rp, ACT + rc, REF + rfc; same group: ACT + rrd_l; same unit: ACT + rrd_s, 4th last ACT + faw
//   PRE  same bank: ACT + ras, RD + rtp, WR + cwl + burst + wr
//   RD   same bank: ACT + rcd_rd; same group / same unit: RD + ccd_l / ccd_s, WR + cwl + burst + wtr_l / wtr_s
//   WR   same bank: ACT + rcd_wr; same group / same unit: WR + ccd_l / ccd_s; same unit: RD + turnaround
//   PREA every open bank's PRE
//   REF  no row open, and every bank's ACT
// turnaround = cl + burst + 2 - cwl: two clocks of idle bus between read and write data. ccd_s is at least a burst: the
// data bus carries one burst at a time. A unit is a channel with data pins of its own.
//
// "Bank" in the interface is a set of banks (dram_access.h), and a command stands for one in each bank, or for each
// burst, at fixed distances. A set's commands keep these distances, so that each constraint between sets is a
// constraint between their first commands: DramSetTiming. Only PREA and REF, single commands, are told by `settled`.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "sim/memory/dram_access.h"
#include "sim/memory/dram_clock.h"
#include "sim/memory/dram_part.h"

namespace heddle {

enum class DramDirection : std::uint8_t { read, write };
constexpr DramDirection other(DramDirection d) {
  return d == DramDirection::read ? DramDirection::write : DramDirection::read;
}

/// Clocks from the first command of one access to the first of another; arrays by direction.
struct DramSetTiming {
  DramSetTiming(const DramPart& part, const DramAccess& access);

  std::array<Clock, 2> to_column;                ///< ACT to RD, to WR
  std::array<Clock, 2> to_precharge;             ///< RD, WR to PRE
  std::array<Clock, 2> same_long, same_short;    ///< RD to RD, WR to WR: same group, same unit
  std::array<Clock, 2> other_long, other_short;  ///< RD to WR, WR to RD
  Clock ras, rc, rp, rfc;
  Clock rrd_long, rrd_short, faw;
  std::uint32_t window;                                      ///< activates of sets within faw
  std::array<Clock, 2> column_settled;                       ///< RD, WR to PREA
  Clock activate_settled, cycle_settled, precharge_settled;  ///< ACT to PREA; ACT, PRE to REF
};

class DramDevice {
 public:
  static constexpr std::uint32_t kMaxBanks = 64;
  static constexpr std::uint64_t kClosed = ~std::uint64_t{0};

  DramDevice(const DramPart& part, const DramAccess& access, std::uint32_t units);

  std::uint32_t banks() const { return banks_; }
  std::uint32_t unit_of(std::uint32_t bank) const { return bank >> unit_shift_; }
  std::uint64_t banks_of_unit(std::uint32_t unit) const;
  std::uint64_t open_row(std::uint32_t bank) const { return banks_of_[bank].row; }
  std::uint64_t open_banks() const { return open_; }

  Clock earliest_activate(std::uint32_t bank) const {
    const Clock group = activates_.group[bank >> group_shift_];
    return std::max({banks_of_[bank].activate, group, activates_.unit[bank >> unit_shift_]});
  }
  Clock earliest_precharge(std::uint32_t bank) const {
    const Bank& b = banks_of_[bank];
    const auto& gap = timing_.to_precharge;
    return std::max({b.precharge, b.last_column[0] + gap[0], b.last_column[1] + gap[1]});
  }
  Clock earliest_column(DramDirection direction, std::uint32_t bank) const {
    const auto d = static_cast<std::size_t>(direction);
    const Shared& c = columns_[d];
    return std::max({banks_of_[bank].column[d], c.group[bank >> group_shift_], c.unit[bank >> unit_shift_]});
  }

  /// As far as the bank itself is concerned, without its group and unit.
  Clock earliest_activate_of_bank(std::uint32_t bank) const { return banks_of_[bank].activate; }
  Clock earliest_column_of_bank(DramDirection direction, std::uint32_t bank) const {
    return banks_of_[bank].column[static_cast<std::size_t>(direction)];
  }
  /// No activate, no column command of the unit in this direction is legal before.
  Clock earliest_activate_of_unit(std::uint32_t unit) const { return activates_.unit[unit]; }
  Clock earliest_column_of_unit(DramDirection direction, std::uint32_t unit) const {
    return columns_[static_cast<std::size_t>(direction)].unit[unit];
  }
  /// From then on only the banks themselves matter, until the next such command.
  Clock activates_settled() const { return activates_.settled; }
  Clock columns_settled(DramDirection direction) const { return columns_[static_cast<std::size_t>(direction)].settled; }

  /// Precharge-all while a row is open, else refresh.
  Clock earliest_refresh_step(std::uint32_t unit) const;

  void activate(std::uint32_t bank, std::uint64_t row, Clock now) {
    const std::uint32_t unit = bank >> unit_shift_;
    Bank& b = banks_of_[bank];
    b.row = row;
    open_ |= std::uint64_t{1} << bank;
    b.precharge = now + timing_.ras;
    for (std::size_t d = 0; d < 2; ++d) {
      b.column[d] = now + timing_.to_column[d];
      b.last_column[d] = b.precharge - timing_.to_precharge[d];  // modulo 2^64, of which sums know nothing
    }
    raise(b.activate, now + timing_.rc);
    raise(b.activate_settled, now + timing_.cycle_settled);
    auto& window = window_[unit];
    std::uint32_t& oldest = window_next_[unit];
    window[oldest] = now + timing_.faw;
    oldest = (oldest + 1) & (timing_.window - 1);
    activates_.group[bank >> group_shift_] = now + timing_.rrd_long;
    activates_.unit[unit] = std::max(now + timing_.rrd_short, window[oldest]);
    raise(activates_.settled, std::max(now + timing_.rrd_long, window[oldest]));
  }
  void precharge(std::uint32_t bank, Clock now) {
    Bank& b = banks_of_[bank];
    b.row = kClosed;
    open_ &= ~(std::uint64_t{1} << bank);
    raise(b.activate, now + timing_.rp);
    raise(b.activate_settled, now + timing_.precharge_settled);
  }
  void precharge_all(std::uint32_t unit, Clock now);
  void refresh(std::uint32_t unit, Clock now);
  void column(DramDirection direction, std::uint32_t bank, Clock now) {
    const auto d = static_cast<std::size_t>(direction);
    const std::uint32_t group = bank >> group_shift_;
    const std::uint32_t unit = bank >> unit_shift_;
    banks_of_[bank].last_column[d] = now;
    Shared& same = columns_[d];
    const Clock same_long = now + timing_.same_long[d];
    same.group[group] = same_long;  // it was legal: this and the next are not later than `now`
    same.unit[unit] = now + timing_.same_short[d];
    raise(same.settled, same_long);
    Shared& other = columns_[1 - d];
    const Clock other_long = now + timing_.other_long[d];
    raise(other.group[group], other_long);
    raise(other.unit[unit], now + timing_.other_short[d]);
    raise(other.settled, other_long);
  }

  // A run of reads of open rows, each on the first clock that the unit allows: column() in two parts.
  bool may_read(std::uint32_t bank, Clock now) const {
    return banks_of_[bank].column[0] <= now && columns_[0].group[bank >> group_shift_] <= now;
  }
  Clock read_interval() const { return timing_.same_short[0]; }
  void read_in_run(std::uint32_t bank, Clock now) {
    banks_of_[bank].last_column[0] = now;
    columns_[0].group[bank >> group_shift_] = now + timing_.same_long[0];
  }
  /// The last one was that of `bank` at `now`. For writes after it any other group is as good as its own.
  void end_run(std::uint32_t bank, Clock now) { column(DramDirection::read, bank, now); }

 private:
  /// Open row and the first clock at which the bank itself allows each command; `settled`: REF.
  struct Bank {
    std::uint64_t row = kClosed;
    Clock activate = 0, activate_settled = 0;
    Clock precharge = 0;  // after the ACT
    std::array<Clock, 2> column{};
    std::array<Clock, 2>
        last_column{};  // before the first one: a clock from which nothing later than `precharge` follows
  };
  /// The first clock at which groups and units allow a command; `settled`: all of them.
  struct Shared {
    std::array<Clock, kMaxBanks> group{};
    std::array<Clock, 2> unit{};
    Clock settled = 0;
  };
  static void raise(Clock& time, Clock to) { time = std::max(time, to); }

  DramSetTiming timing_;
  std::uint32_t banks_, group_shift_, unit_shift_;
  std::uint64_t open_ = 0;                        // one bit per bank
  std::array<std::array<Clock, 4>, 2> window_{};  // ends of the four-activate windows of the last activates
  std::array<std::uint32_t, 2> window_next_{};
  Shared activates_;
  std::array<Shared, 2> columns_;  // by direction
  std::array<Bank, kMaxBanks> banks_of_;
};

}  // namespace heddle
