// The commands of a DramQueue: which one goes out at an edge, and what it changes.
#include <algorithm>

#include "sim/memory/banked_dram_queue.h"

namespace heddle {

void DramQueue::decide(Clock now) {
  decided_ = now;
  if (turn_at_ <= now) turn(now);
  if (refresh_at_ <= now) refresh(now);
  if (column_at_ <= now) look_for_column(now);
  if (row_at_ <= now) look_for_row(now);
}

bool DramQueue::direction_turns() const {
  if (direction_ == DramDirection::read) return queued_[1] >= write_high_ || (queued_[0] == 0 && queued_[1] > 0);
  return queued_[1] <= write_low_ && queued_[0] > 0;
}

void DramQueue::turn(Clock now) {
  turn_at_ = kNeverClock;
  if (!direction_turns()) return;
  direction_ = other(direction_);
  if (direction_ == DramDirection::write)
    for (std::uint32_t u = 0; u < units_; ++u) ++accounts_[u].counts().write_drains;
  wanting_ = {};
  want_ = {};
  column_at_ = row_at_ = kNeverClock;
  update_wants(waiting_banks_[index(direction_)], now);
}

// ---- refresh

void DramQueue::refresh(Clock now) {
  bool issued = false;
  for (std::uint32_t u = 0; u < units_; ++u) {
    Refresh& next = refreshes_[u];
    if (!next.pending) {
      if (next.due > now) continue;
      next.pending = true;
      blocked_ |= device_.banks_of_unit(u);
      next.at = device_.earliest_refresh_step(u);
    }
    if (!issued && next.at <= now) issued = refresh_step(u, now);
  }
  look_for_refreshes();
}

/// Precharge-all or REF, both legal now; false if the bus is taken.
bool DramQueue::refresh_step(std::uint32_t unit, Clock now) {
  Refresh& next = refreshes_[unit];
  if (!buses_[0].is_free(now, 1)) {
    next.at = now + 1;
    return false;
  }
  buses_[0].take(now, 1);
  const std::uint64_t banks = device_.banks_of_unit(unit);
  const std::uint64_t open = device_.open_banks() & banks;
  if (open != 0) {
    device_.precharge_all(unit, now);
    ++accounts_[unit].counts().precharges;
    for (std::uint64_t mask = open; mask != 0; mask &= mask - 1)
      waiting_[0][lowest(mask)].hit = waiting_[1][lowest(mask)].hit = kNoSlot;
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

// ---- choice

/// Merges the banks that want `want` into `choice`.
template <class Earliest>
inline void DramQueue::look(Choice& choice, Want want, Clock now, Earliest earliest) const {
  for (std::uint64_t mask = wanting_[want] & ~blocked_; mask != 0; mask &= mask - 1) {
    const std::uint32_t bank = lowest(mask);
    const Clock legal = earliest(bank);
    if (legal > now) {
      lower(choice.next, legal);
      continue;
    }
    if (choice.found()) choice.next = now + 1;
    choice.key = std::min(choice.key, key_[bank]);
  }
}

void DramQueue::look_for_column(Clock now) {
  CommandBus& bus = buses_[column_bus_];
  column_at_ = now + 1;
  if (!bus.is_free(now, column_slots_)) return;
  Choice choice;
  look(choice, kColumn, now, [this](std::uint32_t bank) { return device_.earliest_column(direction_, bank); });
  column_at_ = choice.next;
  if (!choice.found()) return;
  bus.take(now, column_slots_);
  transfer(choice.bank(), now);
  if (units_ == 1) column_at_ = std::max(column_at_, device_.earliest_column_of_unit(direction_, 0));
}

void DramQueue::look_for_row(Clock now) {
  row_at_ = now + 1;
  if (!buses_[0].is_free(now, row_slots_)) return;
  Choice choice;
  look(choice, kPrecharge, now, [this](std::uint32_t bank) { return device_.earliest_precharge(bank); });
  if (units_ == 1 && device_.earliest_activate_of_unit(0) > now) {
    if ((wanting_[kActivate] & ~blocked_) != 0) lower(choice.next, device_.earliest_activate_of_unit(0));
  } else {
    look(choice, kActivate, now, [this](std::uint32_t bank) { return device_.earliest_activate(bank); });
  }
  row_at_ = choice.next;
  if (!choice.found()) return;
  buses_[0].take(now, row_slots_);
  if (want_[choice.bank()] == kActivate)
    activate(choice.bank(), now);
  else
    precharge(choice.bank(), now);
}

// ---- commands

inline void DramQueue::start(Queued& queued, DramUnitAccount& account, Clock now) {
  queued.started = true;
  queued.start = now;
  queued.refreshed = queued.seen < account.refresh_end();
}

void DramQueue::activate(std::uint32_t bank, Clock now) {
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  const std::size_t d = index(direction_);
  Waiting& waiting = waiting_[d][bank];
  Queued& queued = slots_[waiting.head];
  if (!queued.started) {
    account.counts().row_misses += access_.bursts;
    start(queued, account, now);
  }
  if (!queued.latched) --places_[d];
  queued.latched = true;
  account.counts().activates += access_.across;
  device_.activate(bank, queued.row, now);
  served_[bank] = 0;
  waiting.hit = waiting.head;
  Waiting& others = waiting_[1 - d][bank];
  if (others.head != kNoSlot) others.hit = oldest_for_row(others.head, queued.row);
  set_want(bank, kColumn, queued.key, now);
}

void DramQueue::precharge(std::uint32_t bank, Clock now) {
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  Queued& queued = slots_[waiting_[index(direction_)][bank].head];
  if (!queued.started) {
    account.counts().row_conflicts += access_.bursts;
    start(queued, account, now);
  }
  account.counts().precharges += access_.across;
  device_.precharge(bank, now);
  waiting_[0][bank].hit = waiting_[1][bank].hit = kNoSlot;
  set_want(bank, kActivate, queued.key, now);
}

void DramQueue::transfer(std::uint32_t bank, Clock now) {
  const std::size_t d = index(direction_);
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  DramChannelStats& counts = account.counts();
  const Slot slot = remove_hit(waiting_[d][bank], device_.open_row(bank));
  Queued& queued = slots_[slot];
  queued.next = free_;
  free_ = slot;
  if (!queued.started) {
    counts.row_hits += access_.bursts;
    start(queued, account, now);
  }
  if (!queued.latched) --places_[d];
  --queued_[d];
  if (waiting_[d][bank].head == kNoSlot) waiting_banks_[d] &= ~bit(bank);
  served_[bank] += served_by_one_;
  device_.column(direction_, bank, now);
  update_want(bank, now);
  if (direction_turns()) turn_at_ = now + 1;
  (d == 0 ? counts.reads : counts.writes) += access_.bursts;
  counts.bytes += access_.bursts * burst_bytes_;
  const Clock data = now + data_after_[d];
  account.transfer(data, data_span_, access_.bursts * burst_clocks_);
  const Cycle end = clock_.cycle_of(data + data_span_);
  if (direction_ == DramDirection::write)
    last_write_done_ = std::max(last_write_done_, end);
  else if (queued.reply != nullptr)
    answer(*queued.reply, {clock_.cycle_of(queued.start), end, queued.refreshed});
  else
    joins_.complete(queued.join, queued.access, {clock_.cycle_of(queued.start), end, queued.refreshed});
}

// ---- bookkeeping of one bank and direction

DramQueue::Slot DramQueue::oldest_for_row(Slot slot, std::uint64_t row) const {
  while (slot != kNoSlot && slots_[slot].row != row) slot = slots_[slot].next;
  return slot;
}

/// The hit leaves and is returned; the next younger access for `row`, if any, becomes the hit.
inline DramQueue::Slot DramQueue::remove_hit(Waiting& waiting, std::uint64_t row) {
  const Slot hit = waiting.hit;
  const Slot next = slots_[hit].next;
  Slot before = kNoSlot;
  for (Slot s = waiting.head; s != hit; s = slots_[s].next) before = s;
  (before == kNoSlot ? waiting.head : slots_[before].next) = next;
  if (next == kNoSlot) waiting.tail = before;
  waiting.hit = oldest_for_row(next, row);
  return hit;
}

void DramQueue::update_wants(std::uint64_t banks, Clock now) {
  for (; banks != 0; banks &= banks - 1) update_want(lowest(banks), now);
}

void DramQueue::update_want(std::uint32_t bank, Clock now) {
  const Waiting& waiting = waiting_[index(direction_)][bank];
  if (waiting.head == kNoSlot) {
    wanting_[want_[bank]] &= ~bit(bank);
    want_[bank] = kNothing;
  } else if (device_.open_row(bank) == DramDevice::kClosed) {
    set_want(bank, kActivate, slots_[waiting.head].key, now);
  } else if (waiting.hit != kNoSlot && (waiting.hit == waiting.head || served_[bank] < row_hit_cap_)) {
    set_want(bank, kColumn, slots_[waiting.hit].key, now);
  } else {
    set_want(bank, kPrecharge, slots_[waiting.head].key, now);
  }
}

inline void DramQueue::set_want(std::uint32_t bank, Want want, std::uint64_t key, Clock now) {
  wanting_[want_[bank]] &= ~bit(bank);
  wanting_[want] |= bit(bank);
  want_[bank] = want;
  key_[bank] = key;
  if (want == kColumn)
    lower(column_at_, std::max(now, device_.earliest_column(direction_, bank)));
  else
    lower(row_at_,
          std::max(now, want == kActivate ? device_.earliest_activate(bank) : device_.earliest_precharge(bank)));
}

}  // namespace heddle
