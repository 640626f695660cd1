// One scheduler with its queues, and the one or two units (channels) behind it. Prose: banked_dram.h.
//
// The agent does nothing per idle clock. It knows for each kind of command the first edge at which one might be legal
// (a lower bound, exact after each fruitless look) and jumps there. It also lags: a read decided at edge d is answered
// for cycle(d + cl + burst), so the agent wakes just before the earliest answer and works off all edges up to then.
// Edges beyond the present are decided at once while the FIFO's head has no place, since later arrivals cannot overtake
// it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/memory/banked_dram_account.h"
#include "sim/memory/banked_dram_device.h"
#include "sim/memory/banked_dram_joins.h"
#include "sim/memory/banked_dram_wheel.h"
#include "sim/memory/dram.h"
#include "sim/memory/dram_map.h"

namespace heddle {

class DramQueue final : public Agent {
 public:
  /// `index` is this queue's number in the mapper.
  DramQueue(const BankedDramConfig& config, const DramPart& part, const DramMapper& mapper, const DramClock& clock,
            BurstJoins& joins, Kernel& kernel, std::uint32_t index);

  /// Bursts x to last (inclusive; x belongs to this queue, those between may not) become visible at edge `arrival`.
  /// A write with join kNone is already answered.
  void push(std::uint64_t x, std::uint64_t last, std::uint64_t count, DramDirection direction, Tensor tensor,
            Clock arrival, std::uint32_t join, Cycle now);
  /// Whether `count` more write bursts surely have places at edge `seen`, their first.
  bool surely_accepts(std::uint32_t count, Clock seen) const {
    return decided_ < seen && places_[0] + behind_[0] <= capacity_[0] &&
           places_[1] + behind_[1] + count <= capacity_[1];
  }
  /// Bursts that take a place, or wait for one, at the edge after `now`.
  std::uint64_t waiting(Cycle now);

  Cycle step(Cycle now) override;
  bool done() const override { return queued_[0] + queued_[1] == 0 && fifo_size_ == 0; }
  std::string waiting_for() const override;

  Cycle last_write_done() const { return last_write_done_; }
  /// Decide everything up to core cycle `total` and close the accounts.
  void close(Cycle total);
  DramChannelStats stats(std::uint32_t unit) const { return accounts_[unit].stats(); }

 private:
  static constexpr std::uint8_t kNoSlot = 0xff;
  static constexpr std::uint32_t kSlots = 64;  // per direction

  /// A run of bursts in the arrival FIFO.
  struct Arrival {
    std::uint64_t x, last;
    Clock seen;
    std::uint32_t join;
    Tensor tensor;
    DramDirection direction;
  };
  /// A burst in a queue.
  struct Burst {
    std::uint64_t x, row, order;
    Clock seen, start;
    std::uint32_t join;
    std::uint8_t bank;
    std::uint8_t next;            // younger one of the same bank and direction
    std::uint8_t older, younger;  // of the same direction
    bool started, refreshed;
    bool latched;  // its row was opened for it: it has given its place back
  };
  /// Bursts of one direction for one bank, oldest first; `hit` is the oldest for the open row.
  struct Waiting {
    std::uint8_t head = kNoSlot, tail = kNoSlot, hit = kNoSlot;
  };
  /// The command that the direction being served needs next in a bank.
  enum Want : std::uint8_t { kNothing, kActivate, kColumn, kPrecharge, kWants };
  struct Choice {
    std::uint32_t bank = 0;
    std::uint64_t order = ~std::uint64_t{0};
    bool found() const { return order != ~std::uint64_t{0}; }
  };

  static constexpr std::uint64_t bit(std::uint32_t i) { return std::uint64_t{1} << i; }
  static std::uint32_t lowest(std::uint64_t mask) { return static_cast<std::uint32_t>(std::countr_zero(mask)); }
  static void lower(Clock& time, Clock to) { time = std::min(time, to); }
  static std::size_t index(DramDirection d) { return static_cast<std::size_t>(d); }

  void advance(Clock limit);
  Clock next_event() const;
  Clock next_feed() const;
  bool head_fits() const {
    const auto d = static_cast<std::size_t>(fifo_[fifo_head_].direction);
    return places_[d] < capacity_[d];
  }
  bool direction_turns() const;
  void feed(Clock now);
  void enqueue(const Arrival& arrival, Clock now);
  void append(DramDirection direction, std::uint8_t slot, Clock now);
  void decide(Clock now);
  bool skip_idle_refreshes(Clock limit);
  bool refresh(Clock now);
  void look_for_refreshes();
  void take_ready(Clock now);
  Clock unit_allows(Want want, std::uint32_t bank) const;
  void turn(Clock now);
  template <class Earliest>
  Choice oldest_legal(Want want, Clock now, Earliest earliest);
  bool issue_column(Clock now);
  void issue_row(Clock now);
  void transfer(std::uint8_t slot, Clock now);
  void activate(std::uint32_t bank, Clock now);
  void precharge(std::uint32_t bank, Clock now);
  void start(Burst& burst, Clock now);
  std::uint8_t oldest_for_row(std::uint8_t slot, std::uint64_t row) const;
  void remove_hit(Waiting& waiting, std::uint64_t row);
  /// What the bank wants from `now` on, after a change of its bursts of the served direction or of its row.
  void update_want(std::uint32_t bank, Clock now);
  void update_wants(std::uint64_t banks, Clock now);
  void set_want(std::uint32_t bank, Want want, std::uint64_t order, Clock legal, Clock now);
  void raise_fifo();
  Cycle next_wake(Cycle now) const;

  const DramMapper& mapper_;
  const DramClock& clock_;
  BurstJoins& joins_;
  Kernel& kernel_;
  AgentId id_;
  std::uint32_t index_;
  std::uint32_t units_;
  std::uint32_t burst_bytes_;
  DramTiming timing_;
  std::array<std::uint32_t, 2> capacity_;  // by direction
  std::uint32_t write_high_, write_low_, row_hit_cap_;
  bool one_bus_, refreshing_;

  DramDevice device_;
  std::array<std::uint32_t, DramDevice::kMaxBanks> served_{};  // bursts from the open row, up to the cap
  std::array<Burst, 2 * kSlots> bursts_;
  std::array<std::uint64_t, 2> free_slots_{~std::uint64_t{0}, ~std::uint64_t{0}};
  std::array<std::uint32_t, 2> queued_{};                              // bursts of each direction
  std::array<std::uint32_t, 2> places_{};                              // taken by them
  std::array<std::uint64_t, 2> behind_{};                              // bursts in the FIFO
  std::array<std::array<Waiting, DramDevice::kMaxBanks>, 2> waiting_;  // by direction and bank
  std::array<std::uint64_t, 2> waiting_banks_{};                       // that have any
  std::array<Want, DramDevice::kMaxBanks> want_{};
  std::array<std::uint64_t, DramDevice::kMaxBanks> order_{};  // of the burst it is wanted for
  std::array<std::uint64_t, kWants> ready_{};  // banks that allow what they want; group and unit may not yet
  BankWheel becoming_ready_;                   // the others
  std::array<std::uint8_t, 2> oldest_{kNoSlot, kNoSlot}, youngest_{kNoSlot, kNoSlot};  // by direction
  std::uint64_t orders_ = 0;
  DramDirection direction_ = DramDirection::read;

  std::vector<Arrival> fifo_ = std::vector<Arrival>(64);  // a ring; its size is a power of two
  std::size_t fifo_head_ = 0, fifo_size_ = 0;

  struct Refresh {
    Clock due = kNeverClock;
    Clock at = kNeverClock;  // next command: due edge, precharge-all or REF
    bool pending = false;
  };
  std::array<Refresh, 2> refreshes_;
  std::uint64_t blocked_ = 0;  // banks of units with a pending refresh

  Clock head_since_ = 0;  // edge at which the FIFO's head last moved on
  Clock decided_ = 0;     // last edge decided; edge 0 sees nothing
  std::array<Clock, kWants> look_at_{kNeverClock, kNeverClock, kNeverClock, kNeverClock};  // next look, by want
  Clock refresh_at_ = kNeverClock, turn_at_ = kNeverClock;
  Cycle wake_at_ = kNever;
  Cycle last_write_done_ = 0;
  std::array<DramUnitAccount, 2> accounts_;
};

}  // namespace heddle
