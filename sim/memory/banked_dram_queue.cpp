#include "sim/memory/banked_dram_queue.h"

#include <algorithm>

namespace heddle {
DramQueue::DramQueue(const BankedDramConfig& config, const DramPart& part, const DramMapper& mapper,
                     const DramClock& clock, BurstJoins& joins, Kernel& kernel, std::uint32_t index)
    : mapper_(mapper),
      clock_(clock),
      joins_(joins),
      kernel_(kernel),
      id_(kernel.add(*this, true)),
      index_(index),
      units_(config.channels_per_queue),
      burst_bytes_(part.burst_bytes),
      timing_(part.timing),
      capacity_{config.read_queue, config.write_queue},
      write_high_(config.write_high),
      write_low_(config.write_low),
      row_hit_cap_(config.row_hit_cap),
      one_bus_(part.command_buses == 1),
      refreshing_(config.refresh),
      device_(part, units_) {
  if (!refreshing_) return;
  for (std::uint32_t u = 0; u < units_; ++u) refreshes_[u].due = refreshes_[u].at = timing_.refi;
  refresh_at_ = timing_.refi;
}

void DramQueue::push(std::uint64_t x, std::uint64_t last, std::uint64_t count, DramDirection direction, Tensor tensor,
                     Clock arrival, std::uint32_t join, Cycle now) {
  if (fifo_size_ == fifo_.size()) raise_fifo();
  fifo_[(fifo_head_ + fifo_size_++) & (fifo_.size() - 1)] = {x, last, arrival, join, tensor, direction};
  behind_[static_cast<std::size_t>(direction)] += count;
  const bool waits_for_place = direction == DramDirection::write && join != BurstJoins::kNone;
  const Cycle wake =
      waits_for_place ? now + 1 : std::max(now + 1, clock_.cycle_of(arrival + timing_.cl + timing_.burst) - 1);
  if (wake >= wake_at_) return;
  wake_at_ = wake;
  kernel_.wake(id_, wake);
}

void DramQueue::raise_fifo() {
  std::vector<Arrival> wider(fifo_.size() * 2);
  for (std::size_t i = 0; i < fifo_size_; ++i) wider[i] = fifo_[(fifo_head_ + i) & (fifo_.size() - 1)];
  fifo_ = std::move(wider);
  fifo_head_ = 0;
}

std::uint64_t DramQueue::waiting(Cycle now) {
  advance(clock_.edge_by(now));
  return places_[0] + places_[1] + behind_[0] + behind_[1];
}

Cycle DramQueue::step(Cycle now) {
  wake_at_ = kNever;
  advance(clock_.edge_by(now));
  wake_at_ = next_wake(now);
  return wake_at_;
}

/// Just before the earliest read that could still be decided would have to be answered.
Cycle DramQueue::next_wake(Cycle now) const {
  if (done()) return kNever;
  const Clock row = std::min({look_at_[kActivate], look_at_[kPrecharge], refresh_at_});
  const Clock after_row = row == kNeverClock ? row : row + std::min(timing_.rcd_rd, timing_.rcd_wr);
  const Clock soonest = std::min({look_at_[kColumn], becoming_ready_.next(), after_row, turn_at_, next_feed()});
  return std::max(now + 1, clock_.cycle_of(std::max(decided_ + 1, soonest) + timing_.cl + timing_.burst) - 1);
}

std::string DramQueue::waiting_for() const {
  return "dram queue " + std::to_string(index_) + ": " + std::to_string(queued_[0]) + " reads and " +
         std::to_string(queued_[1]) + " writes queued, " + std::to_string(behind_[0] + behind_[1]) + " behind them";
}

void DramQueue::close(Cycle total) {
  HEDDLE_CHECK(done());
  const Clock end = clock_.edge_by(total);
  advance(end);
  for (std::uint32_t u = 0; u < units_; ++u) accounts_[u].close(end, timing_.burst, burst_bytes_);
}

Clock DramQueue::next_feed() const {
  if (fifo_size_ == 0 || !head_fits()) return kNeverClock;
  return fifo_[fifo_head_].seen;
}

Clock DramQueue::next_event() const {
  const Clock look = std::min({look_at_[kActivate], look_at_[kColumn], look_at_[kPrecharge]});
  return std::max(std::min({look, becoming_ready_.next(), refresh_at_, turn_at_, next_feed()}), decided_ + 1);
}

/// Decide all edges up to `limit`, and those beyond that no later arrival can change.
void DramQueue::advance(Clock limit) {
  for (;;) {
    const Clock at = next_event();
    if (fifo_size_ == 0) {
      if (at > limit) return;
    } else {
      if (next_feed() <= at) feed(at);
      const bool blocked = fifo_size_ != 0 && fifo_[fifo_head_].seen <= at;
      if (at > limit && !blocked) return;
    }
    if (at == refresh_at_ && queued_[0] + queued_[1] == 0 && skip_idle_refreshes(limit)) continue;
    decide(at);
    if (next_feed() <= at + 1) feed(at + 1);  // into the places just given back
  }
}

/// Of an idle device only the last two refreshes before something may happen need to be looked at.
bool DramQueue::skip_idle_refreshes(Clock limit) {
  const Clock horizon = fifo_size_ == 0 ? limit : std::min(limit, fifo_[fifo_head_].seen);
  const Clock due = refreshes_[0].due;
  if (blocked_ != 0 || device_.open_banks() != 0 || horizon < due + 2 * Clock{timing_.refi}) return false;
  const Clock skipped = (horizon - due) / timing_.refi - 1;
  for (std::uint32_t u = 0; u < units_; ++u) {
    refreshes_[u].due += skipped * timing_.refi;
    refreshes_[u].at = refreshes_[u].due;
    accounts_[u].counts().refreshes += skipped;
  }
  look_for_refreshes();
  return true;
}

void DramQueue::decide(Clock now) {
  decided_ = now;
  if (becoming_ready_.next() <= now) take_ready(now);
  if (turn_at_ <= now) turn(now);
  const bool refreshed = refresh_at_ <= now && refresh(now);
  if (refreshed && one_bus_) return;
  const bool transferred = look_at_[kColumn] <= now && issue_column(now);
  if (refreshed || (transferred && one_bus_)) return;
  if (look_at_[kActivate] <= now || look_at_[kPrecharge] <= now) issue_row(now);
}

Clock DramQueue::unit_allows(Want want, std::uint32_t bank) const {
  const std::uint32_t unit = device_.unit_of(bank);
  if (want == kColumn) return device_.earliest_column_of_unit(direction_, unit);
  return want == kActivate ? device_.earliest_activate_of_unit(unit) : 0;
}

void DramQueue::take_ready(Clock now) {
  for (std::uint64_t mask = becoming_ready_.take(now); mask != 0; mask &= mask - 1) {
    const std::uint32_t bank = lowest(mask);
    const Want want = want_[bank];
    const Clock legal = want == kActivate ? device_.bank_activate(bank)
                        : want == kColumn ? device_.bank_column(direction_, bank)
                                          : device_.earliest_precharge(bank);
    if (want == kNothing) continue;
    if (legal > now) {  // it wants something else by now, or the wheel did not reach that far
      becoming_ready_.insert(bit(bank), legal, now);
      continue;
    }
    ready_[want] |= bit(bank);
    lower(look_at_[want], std::max(now, unit_allows(want, bank)));
  }
}

void DramQueue::turn(Clock now) {
  turn_at_ = kNeverClock;
  if (!direction_turns()) return;
  direction_ = other(direction_);
  if (direction_ == DramDirection::write)
    for (std::uint32_t u = 0; u < units_; ++u) ++accounts_[u].counts().write_drains;
  ready_ = {};
  want_ = {};
  look_at_.fill(kNeverClock);
  update_wants(waiting_banks_[index(direction_)], now);
}

bool DramQueue::direction_turns() const {
  if (direction_ == DramDirection::read) return queued_[1] >= write_high_ || (queued_[0] == 0 && queued_[1] > 0);
  return queued_[1] <= write_low_ && queued_[0] > 0;
}

void DramQueue::feed(Clock now) {
  bool moved = false;
  while (fifo_size_ != 0) {
    Arrival& head = fifo_[fifo_head_];
    if (head.seen > now || !head_fits()) break;
    const Arrival arrival = head;
    head.x = mapper_.next_in(head.x);
    if (head.x > head.last) {
      fifo_head_ = (fifo_head_ + 1) & (fifo_.size() - 1);
      --fifo_size_;
    }
    --behind_[index(arrival.direction)];
    enqueue(arrival, now);
    moved = true;
  }
  if (moved && direction_turns()) lower(turn_at_, now);
}

inline void DramQueue::enqueue(const Arrival& arrival, Clock now) {
  const std::size_t d = index(arrival.direction);
  const DramPlace place = mapper_.place(arrival.x);
  const auto slot = static_cast<std::uint8_t>(lowest(free_slots_[d]) + d * kSlots);
  free_slots_[d] &= free_slots_[d] - 1;
  ++places_[d];
  ++queued_[d];
  DramUnitAccount& account = accounts_[device_.unit_of(place.bank)];
  account.enter(now);
  account.counts().queue_full += now > std::max(arrival.seen, head_since_);
  head_since_ = now;
  auto& bytes = d == 0 ? account.counts().traffic.read : account.counts().traffic.written;
  bytes[static_cast<std::size_t>(arrival.tensor)] += burst_bytes_;
  Burst& burst = bursts_[slot];
  burst.x = arrival.x;
  burst.row = place.row;
  burst.order = orders_++;
  burst.seen = arrival.seen;
  burst.join = arrival.join;
  burst.bank = static_cast<std::uint8_t>(place.bank);
  burst.next = burst.younger = kNoSlot;
  burst.older = youngest_[d];
  burst.started = burst.refreshed = burst.latched = false;
  (youngest_[d] == kNoSlot ? oldest_[d] : bursts_[youngest_[d]].younger) = slot;
  youngest_[d] = slot;
  append(arrival.direction, slot, now);
  if (arrival.direction == DramDirection::write && arrival.join != BurstJoins::kNone) {
    const Cycle at = clock_.cycle_of(now) + 1;
    joins_.complete(arrival.join, arrival.x, {at, at, now > arrival.seen && arrival.seen < account.refresh_end()});
  }
}

/// The burst becomes the youngest of its bank and direction.
inline void DramQueue::append(DramDirection direction, std::uint8_t slot, Clock now) {
  const std::size_t d = index(direction);
  const std::uint32_t bank = bursts_[slot].bank;
  Waiting& waiting = waiting_[d][bank];
  const bool first = waiting.head == kNoSlot;
  (first ? waiting.head : bursts_[waiting.tail].next) = slot;
  waiting.tail = slot;
  waiting_banks_[d] |= bit(bank);
  const bool hits = waiting.hit == kNoSlot && device_.open_row(bank) == bursts_[slot].row;
  if (hits) waiting.hit = slot;
  if ((first || hits) && direction == direction_) update_want(bank, now);
}

}  // namespace heddle
