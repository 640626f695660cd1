// The scheduler of a DramQueue: which command goes out at an edge, and what it changes. All of this is the innermost
// loop, in one file and mostly inline, so that the compiler can merge each function into its only caller.
#include <algorithm>

#include "sim/memory/banked_dram_queue.h"

namespace heddle {

// ---- what a bank wants

/// The command that `bank` wants comes into consideration, from edge `from` on.
inline void DramQueue::offer(std::uint32_t bank, Clock from) {
  Bank& b = banks_[bank];
  Clock legal = 0;
  if (b.want == kColumn) {
    b.legal = device_.earliest_column_of_bank(direction_, bank);
    legal = device_.earliest_column(direction_, bank);
  } else if (b.want == kActivate) {
    b.legal = device_.earliest_activate_of_bank(bank);
    legal = device_.earliest_activate(bank);
  } else {
    legal = b.legal = device_.earliest_precharge(bank);
  }
  if ((blocked_ & bit(bank)) != 0) return;
  Candidate& next = b.want == kColumn ? column_ : row_;
  next = std::min(next, candidate(std::max(legal, from), b.key));
}

inline void DramQueue::set_want(std::uint32_t bank, Want want, std::uint64_t key, Clock from) {
  Bank& b = banks_[bank];
  wanting_[b.want] &= ~bit(bank);
  wanting_[want] |= bit(bank);
  b.want = want;
  b.key = key;
  offer(bank, from);
}

/// The oldest of the earliest of what `banks` want, from edge `from` on. `earliest` tells when a command is legal.
template <class Earliest>
inline DramQueue::Candidate DramQueue::best(std::uint64_t banks, Earliest earliest) const {
  Candidate best = kNoCandidate;
  for (; banks != 0; banks &= banks - 1) {
    const std::uint32_t bank = lowest(banks);
    best = std::min(best, candidate(earliest(bank), banks_[bank].key));
  }
  return best;
}

inline void DramQueue::look_for_column(Clock from) {
  const std::uint64_t banks = wanting_[kColumn] & ~blocked_;
  if (units_ == 1) from = std::max(from, device_.earliest_column_of_unit(direction_, 0));
  if (device_.columns_settled(direction_) <= from)
    column_ = best(banks, [this, from](auto bank) { return std::max(from, banks_[bank].legal); });
  else
    column_ = best(banks, [this, from](auto b) { return std::max(from, device_.earliest_column(direction_, b)); });
}

inline void DramQueue::look_for_row(Clock from) {
  const std::uint64_t banks = (wanting_[kActivate] | wanting_[kPrecharge]) & ~blocked_;
  std::array<Clock, kWants> since;
  since[kPrecharge] = from;
  since[kActivate] = units_ == 1 ? std::max(from, device_.earliest_activate_of_unit(0)) : from;
  if (device_.activates_settled() <= since[kActivate]) {
    row_ = best(banks, [&](auto bank) { return std::max(since[banks_[bank].want], banks_[bank].legal); });
    return;
  }
  row_ = best(banks & wanting_[kPrecharge], [&](auto bank) { return std::max(from, banks_[bank].legal); });
  row_ = std::min(row_, best(banks & wanting_[kActivate],
                             [&](auto bank) { return std::max(from, device_.earliest_activate(bank)); }));
}

/// What the bank wants from edge `from` on, after a change of its accesses of the served direction or of its row.
inline void DramQueue::update_want(std::uint32_t bank, Clock from) {
  Bank& b = banks_[bank];
  const Waiting& waiting = b.waiting[index(direction_)];
  if (waiting.head == kNoSlot) {
    wanting_[b.want] &= ~bit(bank);
    b.want = kNothing;
  } else if (waiting.hit != kNoSlot && (waiting.hit == waiting.head || b.served < row_hit_cap_)) {
    set_want(bank, kColumn, slots_[waiting.hit].key, from);
  } else {
    const bool closed = device_.open_row(bank) == DramDevice::kClosed;
    set_want(bank, closed ? kActivate : kPrecharge, slots_[waiting.head].key, from);
  }
}

void DramQueue::update_wants(std::uint64_t banks, Clock now) {
  for (; banks != 0; banks &= banks - 1) update_want(lowest(banks), now);
}

// ---- accesses of one bank and direction

/// From `from` on; it and what follows it are all that may want `row`.
inline DramQueue::Slot DramQueue::oldest_for_row(Waiting& waiting, Slot from, std::uint64_t row) const {
  if (waiting.alike_to(row) == 0) return kNoSlot;
  while (from != kNoSlot && slots_[from].row != row) from = slots_[from].next;
  return from;
}

/// The hit leaves and is returned; the next younger access for `row`, if any, becomes the hit.
inline DramQueue::Slot DramQueue::remove_hit(Waiting& waiting, std::uint64_t row) {
  const Slot hit = waiting.hit;
  const Slot next = slots_[hit].next;
  Slot before = kNoSlot;
  for (Slot s = waiting.head; s != hit; s = slots_[s].next) before = s;
  (before == kNoSlot ? waiting.head : slots_[before].next) = next;
  if (next == kNoSlot) waiting.tail = before;
  --waiting.alike_to(row);
  waiting.hit = oldest_for_row(waiting, next, row);
  return hit;
}

/// The access becomes the youngest of its bank and direction.
inline void DramQueue::append(std::size_t direction, Slot slot, std::uint32_t bank, Clock now) {
  Waiting& waiting = banks_[bank].waiting[direction];
  const bool first = waiting.head == kNoSlot;
  (first ? waiting.head : slots_[waiting.tail].next) = slot;
  waiting.tail = slot;
  ++waiting.alike_to(slots_[slot].row);
  waiting_banks_[direction] |= bit(bank);
  const bool hits = waiting.hit == kNoSlot && device_.open_row(bank) == slots_[slot].row;
  if (hits) waiting.hit = slot;
  if (direction != index(direction_) || !(first || hits)) return;
  update_want(bank, now);
  if (hits && !first && bank_of(row_) == bank) look_for_row(now);  // it wanted its row closed
}

inline void DramQueue::give_place_back(Queued& queued, std::size_t direction) {
  if (queued.latched) return;
  queued.latched = true;
  --places_[direction];
  if (feed_at_ == kNeverClock && fifo_size_ != 0) look_at_head();
}

// ---- feed

void DramQueue::accept(const DramArrival& arrival, const DramUnitAccount& account, Clock now) {
  const Cycle at = clock_.cycle_of(now) + 1;
  const DramMilestones accepted = {at, at, now > arrival.seen && arrival.seen < account.refresh_end()};
  if (arrival.reply != nullptr)
    answer(*arrival.reply, accepted);
  else
    joins_.complete(arrival.join, arrival.first, accepted);
}

/// The access, just entered or in the queue already, waits for its bank.
void DramQueue::queue_up(const DramArrival& arrival, const DramPlace& place, Clock now) {
  const Slot slot = free_;
  Queued& queued = slots_[slot];
  free_ = queued.next;
  queued.row = place.row;
  queued.key = order_++ * DramDevice::kMaxBanks | place.bank;
  queued.seen = arrival.seen;
  queued.start = arrival.start;
  queued.reply = arrival.reply;
  queued.access = arrival.first;
  queued.join = arrival.join;
  queued.next = kNoSlot;
  queued.started = arrival.start != kNeverClock;
  queued.refreshed = arrival.refreshed;
  queued.latched = arrival.latched;
  append(index(arrival.direction), slot, place.bank, now);
}

inline void DramQueue::enqueue(const DramArrival& arrival, Clock now) {
  const DramPlace place = mapper_.place(arrival.first);
  enter(arrival, place.bank, now);
  queue_up(arrival, place, now);
  if (arrival.direction == DramDirection::write && !arrival.answered())
    accept(arrival, accounts_[device_.unit_of(place.bank)], now);
}

void DramQueue::feed(Clock now) {
  do {
    DramArrival& head = fifo_[fifo_head_];
    const DramArrival arrival = head;  // an answer may bring new arrivals
    drop_first(head);
    enqueue(arrival, now);
    look_at_head();
  } while (feed_at_ <= now);
  if (direction_turns()) turn_at(now);
}

// ---- commands

/// A command for the access is issued; `kind` counts accesses by their first one.
inline void DramQueue::start(Queued& queued, const DramUnitAccount& account, std::uint64_t& kind, Clock now) {
  if (queued.started) return;
  ++kind;
  queued.started = true;
  queued.start = now;
  queued.refreshed = queued.seen < account.refresh_end();
}

inline void DramQueue::activate(std::uint32_t bank, Clock now) {
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  const std::size_t d = index(direction_);
  Bank& b = banks_[bank];
  const Slot head = b.waiting[d].head;
  Queued& queued = slots_[head];
  start(queued, account, account.counts().row_misses, now);
  give_place_back(queued, d);
  ++account.counts().activates;
  device_.activate(bank, queued.row, now);
  b.served = 0;
  b.waiting[d].hit = head;
  Waiting& others = b.waiting[1 - d];
  if (others.head != kNoSlot) others.hit = oldest_for_row(others, others.head, queued.row);
  set_want(bank, kColumn, queued.key, now);
}

inline void DramQueue::precharge(std::uint32_t bank, Clock now) {
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  Bank& b = banks_[bank];
  Queued& queued = slots_[b.waiting[index(direction_)].head];
  start(queued, account, account.counts().row_conflicts, now);
  ++account.counts().precharges;
  device_.precharge(bank, now);
  b.waiting[0].hit = b.waiting[1].hit = kNoSlot;
  set_want(bank, kActivate, queued.key, now);
}

inline void DramQueue::transfer(std::uint32_t bank, Clock now) {
  const std::size_t d = index(direction_);
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  Bank& b = banks_[bank];
  const Slot slot = remove_hit(b.waiting[d], device_.open_row(bank));
  Queued& queued = slots_[slot];
  queued.next = free_;
  free_ = slot;
  start(queued, account, account.counts().row_hits, now);
  give_place_back(queued, d);
  --queued_[d];
  if (b.waiting[d].head == kNoSlot) waiting_banks_[d] &= ~bit(bank);
  b.served += served_by_one_;
  device_.column(direction_, bank, now);
  const Waiting& left = b.waiting[d];
  if (left.hit != kNoSlot && left.hit == left.head) {  // as most often: another hit
    b.key = slots_[left.hit].key;
  } else {
    update_want(bank, now);
  }
  if (queued_[d] <= turn_below_[d] && direction_turns()) turn_at(now + 1);
  account.transfer(now + data_after_[d], data_span_, busy_clocks_);
  if (d == 0) {
    ++account.counts().reads;
    answer_read(now, queued.start, queued.refreshed, queued.reply, queued.join, queued.access);
  } else {
    ++account.counts().writes;
    last_write_done_ = std::max(last_write_done_, clock_.cycle_of(now + data_after_[d] + data_span_));
  }
}

// ---- refresh

/// Precharge-all or REF, both legal now; false if the bus is taken.
bool DramQueue::refresh_step(std::uint32_t unit, Clock now) {
  Refresh& next = refreshes_[unit];
  next.at = buses_[0].free_from(now, 1);
  if (next.at > now) return false;
  buses_[0].take(now, 1);
  const std::uint64_t banks = device_.banks_of_unit(unit);
  const std::uint64_t open = device_.open_banks() & banks;
  if (open != 0) {
    device_.precharge_all(unit, now);
    accounts_[unit].precharge_all();
    for (std::uint64_t mask = open; mask != 0; mask &= mask - 1)
      for (Waiting& waiting : banks_[lowest(mask)].waiting) waiting.hit = kNoSlot;
    next.at = device_.earliest_refresh_step(unit);
    return true;
  }
  device_.refresh(unit, now);
  accounts_[unit].refresh(next.due, now + rfc_);
  next.due += refi_;
  next.at = next.due;
  next.pending = false;
  blocked_ &= ~banks;
  update_wants(waiting_banks_[index(direction_)] & banks, now);
  return true;
}

void DramQueue::refresh(Clock now) {
  bool issued = false;
  for (std::uint32_t u = 0; u < units_; ++u) {
    Refresh& next = refreshes_[u];
    if (!next.pending) {
      if (next.due > now) continue;
      next.pending = true;
      blocked_ |= device_.banks_of_unit(u);
      next.at = device_.earliest_refresh_step(u);
      look_for_column(now);
      look_for_row(now);
    }
    if (!issued && next.at <= now) issued = refresh_step(u, now);
  }
  look_for_refreshes();
}

/// Of an idle device only the last two refreshes before something may happen need to be looked at.
bool DramQueue::skip_idle_refreshes(Clock limit) {
  const Clock horizon = fifo_size_ == 0 ? limit : std::min(limit, fifo_[fifo_head_].seen);
  const Clock due = refreshes_[0].due;
  if (blocked_ != 0 || device_.open_banks() != 0 || horizon < due + 2 * refi_) return false;
  const Clock skipped = (horizon - due) / refi_ - 1;
  for (std::uint32_t u = 0; u < units_; ++u) {
    refreshes_[u].due += skipped * refi_;
    refreshes_[u].at = refreshes_[u].due;
    accounts_[u].counts().refreshes += skipped;
  }
  look_for_refreshes();
  seldom_at_ = std::min(turn_at_, refresh_at_);
  return true;
}

// ---- choice

inline void DramQueue::issue_column(Clock now) {
  CommandBus& bus = buses_[column_bus_];
  if (!column_bus_free_) {
    const Clock free = bus.free_from(now, column_slots_);
    if (free > now) return look_for_column(free);
    bus.take(now, column_slots_);
  }
  transfer(bank_of(column_), now);
  look_for_column(now + 1);
}

inline void DramQueue::issue_row(Clock now) {
  const Clock free = buses_[0].free_from(now, row_slots_);
  if (free > now) return look_for_row(free);
  buses_[0].take(now, row_slots_);
  const std::uint32_t bank = bank_of(row_);
  if (banks_[bank].want == kActivate)
    activate(bank, now);
  else
    precharge(bank, now);
  look_for_row(buses_[0].free_from(now + 1, row_slots_));
  if (row_ == kNoCandidate) try_to_stream();
}

// ---- edges

bool DramQueue::direction_turns() const {
  if (direction_ == DramDirection::read) return queued_[1] != 0 && (queued_[1] >= write_high_ || queued_[0] == 0);
  return queued_[1] <= write_low_ && queued_[0] > 0;
}

void DramQueue::turn(Clock now) {
  turn_at_ = kNeverClock;
  if (!direction_turns()) return;
  direction_ = other(direction_);
  if (direction_ == DramDirection::write)
    for (std::uint32_t u = 0; u < units_; ++u) ++accounts_[u].counts().write_drains;
  for (std::uint64_t banks = wanting_[kColumn] | wanting_[kActivate] | wanting_[kPrecharge]; banks != 0;
       banks &= banks - 1)
    banks_[lowest(banks)].want = kNothing;
  wanting_ = {};
  column_ = row_ = kNoCandidate;
  update_wants(waiting_banks_[index(direction_)], now);
}

inline void DramQueue::turn_or_refresh(Clock now) {
  if (turn_at_ <= now) turn(now);
  if (refresh_at_ <= now) refresh(now);
  seldom_at_ = std::min(turn_at_, refresh_at_);
}

inline void DramQueue::decide(Clock now) {
  decided_ = now;
  if (seldom_at_ <= now) [[unlikely]]
    turn_or_refresh(now);
  if (edge_of(column_) <= now) issue_column(now);
  if (edge_of(row_) <= now) issue_row(now);
}

/// Decide all edges up to `limit`, and those beyond that no later arrival can change.
void DramQueue::advance(Clock limit) {
  for (;;) {
    if (streaming_ && stream(limit)) return;
    const Clock at = std::max(std::min({edge_of(column_), edge_of(row_), seldom_at_}), decided_ + 1);
    const Clock fed = std::max(feed_at_, decided_ + 1);
    if (fed <= at && fed != kNeverClock) {
      if (can_stream())
        streaming_ = true;
      else
        feed(fed);
      continue;
    }
    if (at > limit && (at == kNeverClock || fifo_size_ == 0 || fifo_[fifo_head_].seen > at)) return;
    if (at == refresh_at_ && queued_[0] + queued_[1] == 0 && skip_idle_refreshes(limit)) continue;
    decide(at);
  }
}

}  // namespace heddle
