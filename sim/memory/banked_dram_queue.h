// One scheduler with its queues, and the one or two units (channels) behind it. Prose: banked_dram.h.
//
// The agent does nothing per idle clock. It knows the next column and the next row command and their edges, looks for
// the next one when it has issued one, and jumps there; what comes into consideration meanwhile is compared with it. It
// also lags: a read decided at edge d is answered for data that come cl later, so the agent wakes just before the
// earliest answer and works off all edges up to then. Edges beyond the present are decided at once while the FIFO's
// head has no place, since later arrivals cannot overtake it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/ring.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/banked_dram_account.h"
#include "sim/memory/banked_dram_bus.h"
#include "sim/memory/banked_dram_device.h"
#include "sim/memory/banked_dram_joins.h"
#include "sim/memory/dram.h"
#include "sim/memory/dram_map.h"

namespace heddle {

/// Accesses first, first + stride, ... that became visible to a queue at one edge.
struct DramArrival {
  std::uint64_t first = 0;
  Clock seen = 0;
  Clock start = kNeverClock;              ///< edge of the first command issued for it, if any
  Reply* reply = nullptr;                 ///< of a request of one access; null with a join, or if answered already
  std::uint32_t join = DramJoins::kNone;  ///< of one of several
  std::uint32_t count = 1;
  Tensor tensor = Tensor::a;
  DramDirection direction = DramDirection::read;
  bool refreshed = false;  ///< see DramMilestones; valid with a `start`
  bool latched = false;    ///< its row was opened for it: it has given its place back

  bool answered() const { return reply == nullptr && join == DramJoins::kNone; }
};

class DramQueue final : public Agent {
 public:
  /// `index` is this queue's number in the mapper.
  DramQueue(const BankedDramConfig& config, const DramPart& part, const DramMapper& mapper, const DramClock& clock,
            DramJoins& joins, Kernel& kernel, std::uint32_t index);

  void push(const DramArrival& arrival, Cycle now) {
    if (fifo_size_ > fifo_mask_) raise_fifo();
    fifo_[(fifo_head_ + fifo_size_) & fifo_mask_] = arrival;
    behind_[index(arrival.direction)] += arrival.count;
    const bool reads = arrival.direction == DramDirection::read || arrival.answered();
    if (fifo_size_++ != entering_ && reads)
      return;  // not answered before those ahead of it, for which a wake-up is set
    if (fifo_size_ == 1) look_at_head();
    const Cycle wake = reads ? std::max(now + 1, clock_.cycle_of(arrival.seen + read_lag_) - 1) : now + 1;
    if (wake >= wake_at_) return;
    wake_at_ = wake;
    kernel_.wake(id_, wake);
  }
  /// Whether one more write surely has a place at edge `seen`, its first.
  bool surely_accepts_write(Clock seen) const {
    return decided_ < seen && places_[0] + behind_[0] <= capacity_[0] && places_[1] + behind_[1] < capacity_[1];
  }
  /// Bursts that take a place, or wait for one, at the edge after `now`.
  std::uint64_t waiting(Cycle now);

  Cycle step(Cycle now) override;
  bool done() const override { return queued_[0] + queued_[1] == 0 && fifo_size_ == 0; }
  std::string waiting_for() const override;

  Cycle last_write_done() const { return last_write_done_; }
  /// Decide everything up to core cycle `total` and close the accounts.
  void close(Cycle total);
  DramChannelStats stats(std::uint32_t unit) const;

 private:
  using Slot = std::uint16_t;
  static constexpr Slot kNoSlot = 0xffff;

  /// An access in a queue.
  struct Queued {
    std::uint64_t row = 0;
    std::uint64_t key = 0;  // order of entry, then bank
    Clock seen = 0, start = 0;
    Reply* reply = nullptr;
    std::uint64_t access = 0;
    std::uint32_t join = 0;
    Slot next = kNoSlot;                                       // younger one of the same bank and direction
    bool started = false, refreshed = false, latched = false;  // as in DramArrival
  };
  /// Accesses of one direction for one bank, oldest first; `hit` is the oldest for the open row.
  struct Waiting {
    Slot head = kNoSlot, tail = kNoSlot, hit = kNoSlot;
    std::array<std::uint8_t, 32> alike{};  // how many there are by the low bits of their rows

    std::uint8_t& alike_to(std::uint64_t row) { return alike[row % 32]; }
  };
  /// The command that the direction being served needs next in a bank.
  enum Want : std::uint8_t { kNothing, kColumn, kActivate, kPrecharge, kWants };
  struct Bank {
    std::uint64_t key = 0;  // of the access that `want` is for
    Clock legal = 0;        // as far as the bank itself is concerned, `want` is from then on
    Want want = kNothing;
    std::uint32_t served = 0;        // bursts from the open row of each of its banks
    std::array<Waiting, 2> waiting;  // by direction
  };
  /// The edge at which a command may go (in the upper half) and the key of its access. It is exact but for the command
  /// bus, of which it may know too little.
  using Candidate = unsigned __int128;
  static constexpr Candidate kNoCandidate = ~Candidate{0};
  static Candidate candidate(Clock at, std::uint64_t key) { return Candidate{at} << 64 | key; }
  static Clock edge_of(Candidate c) { return static_cast<Clock>(c >> 64); }
  static std::uint32_t bank_of(Candidate c) { return static_cast<std::uint32_t>(c) & (DramDevice::kMaxBanks - 1); }
  struct Refresh {
    Clock due = kNeverClock;
    Clock at = kNeverClock;  // next command: due edge, precharge-all or REF
    bool pending = false;
  };

  static constexpr std::uint64_t bit(std::uint32_t i) { return std::uint64_t{1} << i; }
  static std::uint32_t lowest(std::uint64_t mask) { return static_cast<std::uint32_t>(std::countr_zero(mask)); }
  static void lower(Clock& time, Clock to) { time = std::min(time, to); }
  static std::size_t index(DramDirection d) { return static_cast<std::size_t>(d); }

  void advance(Clock limit);
  /// After a change of the FIFO's head or of the places taken.
  void look_at_head() {
    const DramArrival& head = fifo_[fifo_head_];
    const std::size_t d = index(head.direction);
    const bool enters = fifo_size_ != 0 && places_[d] < capacity_[d];
    feed_at_ = head.seen | (Clock{enters} - 1);  // or never; without a branch that the host would have to guess
  }
  bool direction_turns() const;
  void feed(Clock now);
  void enqueue(const DramArrival& arrival, Clock now);
  /// Counts that the FIFO's head enters its queue.
  void enter(const DramArrival& head, std::uint32_t bank, Clock now) {
    const std::size_t d = index(head.direction);
    --behind_[d];
    ++places_[d];
    ++queued_[d];
    DramUnitAccount& account = accounts_[device_.unit_of(bank)];
    account.enter(now);
    account.counts().queue_full += now > std::max(head.seen, head_since_);
    head_since_ = now;
    auto& traffic = account.counts().traffic;
    ++(d == 0 ? traffic.read : traffic.written)[static_cast<std::size_t>(head.tensor)];
  }
  void queue_up(const DramArrival& arrival, const DramPlace& place, Clock now);
  void drop_first(DramArrival& head) {
    if (--head.count != 0) {
      head.first += mapper_.queues();
      return;
    }
    fifo_head_ = (fifo_head_ + 1) & fifo_mask_;
    --fifo_size_;
  }
  DramArrival& arrival(std::size_t i) { return fifo_[(fifo_head_ + i) & fifo_mask_]; }

  // banked_dram_stream.cpp
  bool can_stream() const;
  void try_to_stream();
  bool stream(Clock limit);
  bool enter_stream(Clock now);
  void serve_stream(Clock now);
  void run_stream(Clock from);
  void leave_fifo();
  void leave_stream();
  void accept(const DramArrival& arrival, const DramUnitAccount& account, Clock now);
  void append(std::size_t direction, Slot slot, std::uint32_t bank, Clock now);
  void raise_fifo();
  Cycle next_wake(Cycle now) const;

  void decide(Clock now);
  void turn(Clock now);
  void turn_at(Clock at) { lower(turn_at_, at), lower(seldom_at_, at); }
  void turn_or_refresh(Clock now);
  void refresh(Clock now);
  bool refresh_step(std::uint32_t unit, Clock now);
  bool skip_idle_refreshes(Clock limit);
  void look_for_refreshes() { refresh_at_ = std::min(refreshes_[0].at, refreshes_[1].at); }
  void offer(std::uint32_t bank, Clock from);
  template <class Earliest>
  Candidate best(std::uint64_t banks, Earliest earliest) const;
  void look_for_column(Clock from);
  void look_for_row(Clock from);
  void issue_column(Clock now);
  void issue_row(Clock now);
  void transfer(std::uint32_t bank, Clock now);
  void answer_read(Clock now, Clock start, bool refreshed, Reply* reply, std::uint32_t join, std::uint64_t access) {
    const DramMilestones milestones = {clock_.cycle_of(start), clock_.cycle_of(now + read_lag_), refreshed};
    if (reply != nullptr)
      answer(*reply, milestones);
    else
      joins_.complete(join, access, milestones);
  }
  void activate(std::uint32_t bank, Clock now);
  void precharge(std::uint32_t bank, Clock now);
  void start(Queued& queued, const DramUnitAccount& account, std::uint64_t& kind, Clock now);
  Slot oldest_for_row(Waiting& waiting, Slot from, std::uint64_t row) const;
  Slot remove_hit(Waiting& waiting, std::uint64_t row);
  void update_want(std::uint32_t bank, Clock from);
  void give_place_back(Queued& queued, std::size_t direction);
  void update_wants(std::uint64_t banks, Clock from);
  void set_want(std::uint32_t bank, Want want, std::uint64_t key, Clock from);

  // what an edge looks at first
  Clock decided_ = 0;                                     // last edge decided; edge 0 sees nothing
  Candidate column_ = kNoCandidate, row_ = kNoCandidate;  // the next of these commands
  Clock refresh_at_ = kNeverClock, turn_at_ = kNeverClock;
  Clock seldom_at_ = kNeverClock;                // the earlier of these two
  Clock feed_at_ = kNeverClock;                  // the FIFO's head has been seen by then; never if it has no place
  std::array<std::uint64_t, kWants> wanting_{};  // banks by what they want
  std::uint64_t blocked_ = 0;                    // banks of units with a pending refresh
  std::array<CommandBus, 2> buses_;
  std::uint32_t column_bus_;  // that of row commands is bus 0
  bool column_bus_free_;      // its commands are further apart than the bus needs
  DramDirection direction_ = DramDirection::read;
  std::uint32_t units_;
  std::uint64_t column_slots_, row_slots_;

  std::size_t fifo_head_ = 0, fifo_size_ = 0;
  std::vector<DramArrival> fifo_ = std::vector<DramArrival>(16);  // a ring
  std::size_t fifo_mask_ = fifo_.size() - 1;                      // its size is a power of two
  std::array<std::uint64_t, 2> behind_{};                         // accesses in the FIFO, by direction
  std::array<std::uint32_t, 2> capacity_;                         // in accesses, by direction
  std::array<std::uint32_t, 2> queued_{};                         // accesses of each direction
  std::array<std::uint32_t, 2> places_{};                         // taken by them
  std::uint32_t write_high_, write_low_;                          // in accesses
  std::array<std::uint32_t, 2> turn_below_{};  // a direction with more accesses than this goes on after a transfer
  Clock head_since_ = 0;                       // edge at which the FIFO's head last moved on

  // while the queue is a stream (banked_dram_stream.cpp)
  bool streaming_ = false;
  std::size_t entering_ = 0;            // position in the FIFO of the first arrival not entirely in the queue
  std::uint32_t entered_ = 0;           // accesses of it that are
  Ring<std::uint8_t> banks_of_stream_;  // of the accesses in the queue, in order

  std::vector<Queued> slots_;
  Slot free_ = 0;  // list of free slots
  std::uint64_t order_ = 0;
  std::array<Bank, DramDevice::kMaxBanks> banks_;
  std::array<std::uint64_t, 2> waiting_banks_{};  // that have accesses of a direction
  std::uint32_t served_by_one_, row_hit_cap_;
  DramAccess access_;
  DramDevice device_;
  std::array<Clock, 2> data_after_;  // by direction
  Clock data_span_;
  Clock read_lag_;  // RD to the end of its data
  std::uint32_t burst_clocks_, burst_bytes_;
  Clock busy_clocks_;  // of an access's data
  std::array<DramUnitAccount, 2> accounts_;
  std::array<Refresh, 2> refreshes_;
  Clock rfc_, refi_;

  const DramMapper& mapper_;
  const DramClock& clock_;
  DramJoins& joins_;
  Kernel& kernel_;
  AgentId id_;
  std::uint32_t index_;
  Cycle wake_at_ = kNever;
  Clock soonest_column_;  // ACT to RD or WR, the smaller
  Cycle last_write_done_ = 0;
};

}  // namespace heddle
