// The commands of a DramQueue: which one goes out at an edge, and what it changes.
#include <algorithm>

#include "sim/memory/banked_dram_queue.h"

namespace heddle {

bool DramQueue::refresh(Clock now) {
  bool issued = false;
  for (std::uint32_t u = 0; u < units_; ++u) {
    Refresh& next = refreshes_[u];
    const std::uint64_t banks = device_.banks_of_unit(u);
    if (!next.pending) {
      if (next.due > now) continue;
      next.pending = true;
      blocked_ |= banks;
      next.at = device_.earliest_refresh_step(u);
    }
    if (issued || next.at > now) continue;
    issued = true;
    const std::uint64_t open = device_.open_banks() & banks;
    if (open != 0) {
      device_.precharge_all(u, now);
      ++accounts_[u].counts().precharges;
      for (std::uint64_t mask = open; mask != 0; mask &= mask - 1)
        waiting_[0][lowest(mask)].hit = waiting_[1][lowest(mask)].hit = kNoSlot;
      next.at = device_.earliest_refresh_step(u);
      continue;
    }
    device_.refresh(u, now);
    accounts_[u].refresh(next.due, now + timing_.rfc);
    next.due += timing_.refi;
    next.at = next.due;
    next.pending = false;
    blocked_ &= ~banks;
    update_wants(waiting_banks_[index(direction_)] & banks, now);
  }
  look_for_refreshes();
  return issued;
}

void DramQueue::look_for_refreshes() {
  refresh_at_ = std::min(refreshes_[0].at, refreshes_[1].at);
}

/// Of the banks ready for `want`, the one for the oldest burst that `earliest(bank)` allows now. Sets the next look.
template <class Earliest>
DramQueue::Choice DramQueue::oldest_legal(Want want, Clock now, Earliest earliest) {
  Choice choice;
  Clock next = kNeverClock;
  for (std::uint64_t mask = ready_[want] & ~blocked_; mask != 0; mask &= mask - 1) {
    const std::uint32_t bank = lowest(mask);
    const Clock legal = earliest(bank);
    if (legal > now) {
      lower(next, legal);
      continue;
    }
    if (choice.found()) next = now + 1;
    if (order_[bank] < choice.order) choice = {bank, order_[bank]};
  }
  look_at_[want] = next;
  return choice;
}

bool DramQueue::issue_column(Clock now) {
  const std::uint8_t oldest = oldest_[index(direction_)];
  if (oldest != kNoSlot) {  // in a sequential stream this spares the search
    const std::uint32_t bank = bursts_[oldest].bank;
    if ((ready_[kColumn] & ~blocked_ & bit(bank)) != 0 && order_[bank] == bursts_[oldest].order &&
        device_.earliest_column(direction_, bank) <= now) {
      look_at_[kColumn] = now + 1;
      transfer(oldest, now);
      return true;
    }
  }
  const Choice choice =
      oldest_legal(kColumn, now, [this](std::uint32_t bank) { return device_.earliest_column(direction_, bank); });
  if (!choice.found()) return false;
  transfer(waiting_[index(direction_)][choice.bank].hit, now);
  return true;
}

void DramQueue::issue_row(Clock now) {
  Choice open;
  Choice close;
  if (look_at_[kActivate] <= now)
    open = oldest_legal(kActivate, now, [this](std::uint32_t bank) { return device_.earliest_activate(bank); });
  if (look_at_[kPrecharge] <= now) close = oldest_legal(kPrecharge, now, [](std::uint32_t) { return Clock{0}; });
  if (open.order < close.order) {
    if (close.found()) look_at_[kPrecharge] = now + 1;
    activate(open.bank, now);
    if (units_ == 1) look_at_[kActivate] = std::max(look_at_[kActivate], device_.earliest_activate_of_unit(0));
  } else if (close.found()) {
    if (open.found()) look_at_[kActivate] = now + 1;
    precharge(close.bank, now);
  }
}

void DramQueue::start(Burst& burst, Clock now) {
  burst.started = true;
  burst.start = now;
  burst.refreshed = burst.seen < accounts_[device_.unit_of(burst.bank)].refresh_end();
}

void DramQueue::activate(std::uint32_t bank, Clock now) {
  DramChannelStats& counts = accounts_[device_.unit_of(bank)].counts();
  const std::size_t d = index(direction_);
  Waiting& waiting = waiting_[d][bank];
  Burst& burst = bursts_[waiting.head];
  if (!burst.started) {
    ++counts.row_misses;
    start(burst, now);
  }
  if (!burst.latched) --places_[d];
  burst.latched = true;
  ++counts.activates;
  device_.activate(bank, burst.row, now);
  served_[bank] = 0;
  waiting.hit = waiting.head;
  Waiting& others = waiting_[1 - d][bank];
  if (others.head != kNoSlot) others.hit = oldest_for_row(others.head, burst.row);
  set_want(bank, kColumn, burst.order, device_.bank_column(direction_, bank), now);
}

void DramQueue::precharge(std::uint32_t bank, Clock now) {
  DramChannelStats& counts = accounts_[device_.unit_of(bank)].counts();
  Burst& burst = bursts_[waiting_[index(direction_)][bank].head];
  if (!burst.started) {
    ++counts.row_conflicts;
    start(burst, now);
  }
  ++counts.precharges;
  device_.precharge(bank, now);
  waiting_[0][bank].hit = waiting_[1][bank].hit = kNoSlot;
  set_want(bank, kActivate, burst.order, device_.bank_activate(bank), now);
}

void DramQueue::transfer(std::uint8_t slot, Clock now) {
  Burst& burst = bursts_[slot];
  const std::size_t d = index(direction_);
  const std::uint32_t bank = burst.bank;
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  DramChannelStats& counts = account.counts();
  if (!burst.started) {
    ++counts.row_hits;
    start(burst, now);
  }
  device_.column(direction_, bank, now);
  if (units_ == 1) look_at_[kColumn] = std::max(look_at_[kColumn], device_.earliest_column_of_unit(direction_, 0));
  const bool reading = direction_ == DramDirection::read;
  ++(reading ? counts.reads : counts.writes);
  counts.bytes += burst_bytes_;
  const Clock data = now + (reading ? timing_.cl : timing_.cwl);
  account.transfer(data, timing_.burst);
  Waiting& waiting = waiting_[d][bank];
  remove_hit(waiting, device_.open_row(bank));
  if (waiting.head == kNoSlot) waiting_banks_[d] &= ~bit(bank);
  free_slots_[d] |= bit(slot % kSlots);
  (burst.older == kNoSlot ? oldest_[d] : bursts_[burst.older].younger) = burst.younger;
  (burst.younger == kNoSlot ? youngest_[d] : bursts_[burst.younger].older) = burst.older;
  if (!burst.latched) --places_[d];
  --queued_[d];
  served_[bank] += served_[bank] < row_hit_cap_;
  update_want(bank, now);
  if (direction_turns()) turn_at_ = now + 1;
  const Cycle end = clock_.cycle_of(data + timing_.burst);
  if (reading)
    joins_.complete(burst.join, burst.x, {clock_.cycle_of(burst.start), end, burst.refreshed});
  else
    last_write_done_ = std::max(last_write_done_, end);
}

// ---- bookkeeping of one bank and direction

std::uint8_t DramQueue::oldest_for_row(std::uint8_t slot, std::uint64_t row) const {
  while (slot != kNoSlot && bursts_[slot].row != row) slot = bursts_[slot].next;
  return slot;
}

/// The hit leaves; the next younger burst for `row`, if any, becomes the hit.
void DramQueue::remove_hit(Waiting& waiting, std::uint64_t row) {
  const std::uint8_t next = bursts_[waiting.hit].next;
  std::uint8_t before = kNoSlot;
  for (std::uint8_t s = waiting.head; s != waiting.hit; s = bursts_[s].next) before = s;
  (before == kNoSlot ? waiting.head : bursts_[before].next) = next;
  if (next == kNoSlot) waiting.tail = before;
  waiting.hit = oldest_for_row(next, row);
}

void DramQueue::update_wants(std::uint64_t banks, Clock now) {
  for (; banks != 0; banks &= banks - 1) update_want(lowest(banks), now);
}

void DramQueue::update_want(std::uint32_t bank, Clock now) {
  const Waiting& waiting = waiting_[index(direction_)][bank];
  if (waiting.head == kNoSlot) {
    ready_[want_[bank]] &= ~bit(bank);
    want_[bank] = kNothing;
  } else if (device_.open_row(bank) == DramDevice::kClosed) {
    set_want(bank, kActivate, bursts_[waiting.head].order, device_.bank_activate(bank), now);
  } else if (waiting.hit != kNoSlot && (waiting.hit == waiting.head || served_[bank] < row_hit_cap_)) {
    set_want(bank, kColumn, bursts_[waiting.hit].order, device_.bank_column(direction_, bank), now);
  } else {
    set_want(bank, kPrecharge, bursts_[waiting.head].order, device_.earliest_precharge(bank), now);
  }
}

/// The bank itself allows `want` from `legal` on.
void DramQueue::set_want(std::uint32_t bank, Want want, std::uint64_t order, Clock legal, Clock now) {
  ready_[want_[bank]] &= ~bit(bank);
  want_[bank] = want;
  order_[bank] = order;
  if (legal > now) {
    becoming_ready_.insert(bit(bank), legal, now);
    return;
  }
  ready_[want] |= bit(bank);
  lower(look_at_[want], std::max(now, unit_allows(want, bank)));
}

}  // namespace heddle
