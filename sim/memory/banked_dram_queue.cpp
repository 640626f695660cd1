#include "sim/memory/banked_dram_queue.h"

#include <algorithm>
#include <bit>

namespace heddle {
namespace {

constexpr std::uint64_t bit(std::uint32_t i) {
  return std::uint64_t{1} << i;
}
std::uint32_t lowest(std::uint64_t mask) {
  return static_cast<std::uint32_t>(std::countr_zero(mask));
}
void lower(Clock& time, Clock to) {
  time = std::min(time, to);
}
constexpr DramDirection other(DramDirection d) {
  return d == DramDirection::read ? DramDirection::write : DramDirection::read;
}

}  // namespace

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
  const Clock row = std::min({activate_at_, precharge_at_, refresh_at_});
  const Clock after_row = row == kNeverClock ? row : row + std::min(timing_.rcd_rd, timing_.rcd_wr);
  const Clock column = std::max(decided_ + 1, std::min({column_at_, after_row, turn_at_, next_feed()}));
  return std::max(now + 1, clock_.cycle_of(column + timing_.cl + timing_.burst) - 1);
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

// ---- time

Clock DramQueue::next_feed() const {
  if (fifo_size_ == 0 || !head_fits()) return kNeverClock;
  return fifo_[fifo_head_].seen;
}

Clock DramQueue::next_event() const {
  return std::max(std::min({column_at_, activate_at_, precharge_at_, refresh_at_, turn_at_, next_feed()}),
                  decided_ + 1);
}

/// Decide all edges up to `limit`, and those beyond that no later arrival can change.
void DramQueue::advance(Clock limit) {
  for (;;) {
    Clock at = next_event();
    if (at > limit && fifo_size_ == 0) return;
    if (at == refresh_at_ && queued_[0] + queued_[1] == 0) {
      skip_idle_refreshes(limit);
      at = next_event();
    }
    feed(at);
    const bool blocked = fifo_size_ != 0 && fifo_[fifo_head_].seen <= at;
    if (at > limit && !blocked) return;
    decide(at);
  }
}

void DramQueue::skip_idle_refreshes(Clock limit) {
  const Clock horizon = fifo_size_ == 0 ? limit : std::min(limit, fifo_[fifo_head_].seen);
  const Clock due = refreshes_[0].due;
  if (blocked_ != 0 || device_.open_banks() != 0 || horizon < due + 2 * Clock{timing_.refi}) return;
  const Clock skipped = (horizon - due) / timing_.refi - 1;
  for (std::uint32_t u = 0; u < units_; ++u) {
    refreshes_[u].due += skipped * timing_.refi;
    refreshes_[u].at = refreshes_[u].due;
    accounts_[u].counts().refreshes += skipped;
  }
  look_for_refreshes();
}

void DramQueue::decide(Clock now) {
  decided_ = now;
  if (turn_at_ <= now) {
    turn_at_ = kNeverClock;
    if (direction_turns()) {
      direction_ = other(direction_);
      if (direction_ == DramDirection::write)
        for (std::uint32_t u = 0; u < units_; ++u) ++accounts_[u].counts().write_drains;
      column_at_ = activate_at_ = precharge_at_ = now;
    }
  }
  const bool refreshed = refresh_at_ <= now && refresh(now);
  if (refreshed && one_bus_) return;
  const bool transferred = column_at_ <= now && issue_column(now);
  if (refreshed || (transferred && one_bus_)) return;
  if (activate_at_ <= now || precharge_at_ <= now) issue_row(now);
}

bool DramQueue::direction_turns() const {
  if (direction_ == DramDirection::read) return queued_[1] >= write_high_ || (queued_[0] == 0 && queued_[1] > 0);
  return queued_[1] <= write_low_ && queued_[0] > 0;
}

// ---- arrivals

void DramQueue::feed(Clock now) {
  bool moved = false;
  while (fifo_size_ != 0 && fifo_[fifo_head_].seen <= now && head_fits()) {
    Arrival& head = fifo_[fifo_head_];
    const Arrival arrival = head;
    const std::uint64_t next = mapper_.next_in(head.x);
    if (next <= head.last) {
      head.x = next;
    } else {
      fifo_head_ = (fifo_head_ + 1) & (fifo_.size() - 1);
      --fifo_size_;
    }
    --behind_[static_cast<std::size_t>(arrival.direction)];
    enqueue(arrival, now);
    moved = true;
  }
  if (moved && direction_turns()) lower(turn_at_, now);
}

void DramQueue::enqueue(const Arrival& arrival, Clock now) {
  const auto d = static_cast<std::size_t>(arrival.direction);
  const DramPlace place = mapper_.place(arrival.x);
  const auto slot = static_cast<std::uint8_t>(lowest(free_slots_[d]) + d * kSlots);
  free_slots_[d] &= free_slots_[d] - 1;
  ++places_[d];
  ++queued_[d];
  DramUnitAccount& account = accounts_[device_.unit_of(place.bank)];
  account.enter(now);
  if (now > std::max(arrival.seen, head_since_)) ++account.counts().queue_full;
  head_since_ = now;
  auto& bytes =
      arrival.direction == DramDirection::read ? account.counts().traffic.read : account.counts().traffic.written;
  bytes[static_cast<std::size_t>(arrival.tensor)] += burst_bytes_;
  bursts_[slot] = {.x = arrival.x,
                   .row = place.row,
                   .order = orders_++,
                   .seen = arrival.seen,
                   .start = 0,
                   .join = arrival.join,
                   .bank = static_cast<std::uint8_t>(place.bank),
                   .next = kNoSlot,
                   .started = false,
                   .refreshed = false,
                   .latched = false};
  Waiting& waiting = wants_[d].bursts[place.bank];
  const bool first = waiting.head == kNoSlot;
  (first ? waiting.head : bursts_[waiting.tail].next) = slot;
  waiting.tail = slot;
  const bool hits = waiting.hit == kNoSlot && device_.open_row(place.bank) == place.row;
  if (hits) waiting.hit = slot;
  if (first || hits) update_wants(arrival.direction, place.bank, now);
  if (arrival.direction == DramDirection::write && arrival.join != BurstJoins::kNone) {
    const Cycle at = clock_.cycle_of(now) + 1;
    joins_.complete(arrival.join, arrival.x, {at, at, now > arrival.seen && arrival.seen < account.refresh_end()});
  }
}

// ---- commands

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
      for (std::uint64_t mask = open; mask != 0; mask &= mask - 1) close_row(lowest(mask), now);
      next.at = device_.earliest_refresh_step(u);
      continue;
    }
    device_.refresh(u, now);
    accounts_[u].refresh(next.due, now + timing_.rfc);
    next.due += timing_.refi;
    next.at = next.due;
    next.pending = false;
    blocked_ &= ~banks;
    lower(activate_at_, now + timing_.rfc);
  }
  look_for_refreshes();
  return issued;
}

void DramQueue::look_for_refreshes() {
  refresh_at_ = std::min(refreshes_[0].at, refreshes_[1].at);
}

/// The oldest want of `mask` that `earliest(bank)` allows now; `next` becomes a bound on when another one may be legal.
template <class Earliest>
DramQueue::Choice DramQueue::oldest_legal(const Wants& w, std::uint64_t mask, Clock now, Clock& next,
                                          Earliest earliest) {
  Choice choice;
  next = kNeverClock;
  for (; mask != 0; mask &= mask - 1) {
    const std::uint32_t bank = lowest(mask);
    const Clock legal = earliest(bank);
    if (legal > now) {
      lower(next, legal);
      continue;
    }
    if (choice.found()) next = now + 1;
    if (w.order[bank] < choice.order) choice = {bank, w.order[bank]};
  }
  return choice;
}

bool DramQueue::issue_column(Clock now) {
  const Wants& w = wants(direction_);
  const Choice choice = oldest_legal(w, w.column & ~blocked_, now, column_at_,
                                     [this](std::uint32_t bank) { return device_.earliest_column(direction_, bank); });
  if (!choice.found()) return false;
  transfer(w.bursts[choice.bank].hit, now);
  return true;
}

void DramQueue::issue_row(Clock now) {
  const Wants& w = wants(direction_);
  Choice open;
  Choice close;
  if (activate_at_ <= now)
    open = oldest_legal(w, w.activate & ~blocked_, now, activate_at_,
                        [this](std::uint32_t bank) { return device_.earliest_activate(bank); });
  if (precharge_at_ <= now)
    close = oldest_legal(w, w.precharge & ~blocked_, now, precharge_at_,
                         [this](std::uint32_t bank) { return device_.earliest_precharge(bank); });
  if (open.order < close.order) {
    if (close.found()) precharge_at_ = now + 1;
    activate(open.bank, now);
    if (units_ == 1) activate_at_ = std::max(activate_at_, device_.earliest_activate_of_unit(0));
  } else if (close.found()) {
    if (open.found()) activate_at_ = now + 1;
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
  Burst& burst = bursts_[wants(direction_).bursts[bank].head];
  if (!burst.started) {
    ++counts.row_misses;
    start(burst, now);
  }
  if (!burst.latched) --places_[static_cast<std::size_t>(direction_)];
  burst.latched = true;
  ++counts.activates;
  device_.activate(bank, burst.row, now);
  served_[bank] = 0;
  for (const DramDirection d : {DramDirection::read, DramDirection::write}) {
    Waiting& waiting = wants(d).bursts[bank];
    if (waiting.head == kNoSlot) continue;
    waiting.hit = oldest_for_row(waiting.head, burst.row);
    update_wants(d, bank, now);
  }
}

void DramQueue::precharge(std::uint32_t bank, Clock now) {
  DramChannelStats& counts = accounts_[device_.unit_of(bank)].counts();
  Burst& burst = bursts_[wants(direction_).bursts[bank].head];
  if (!burst.started) {
    ++counts.row_conflicts;
    start(burst, now);
  }
  ++counts.precharges;
  device_.precharge(bank, now);
  close_row(bank, now);
}

void DramQueue::close_row(std::uint32_t bank, Clock now) {
  for (const DramDirection d : {DramDirection::read, DramDirection::write}) {
    Waiting& waiting = wants(d).bursts[bank];
    if (waiting.head == kNoSlot) continue;
    waiting.hit = kNoSlot;
    update_wants(d, bank, now);
  }
}

void DramQueue::transfer(std::uint8_t slot, Clock now) {
  Burst& burst = bursts_[slot];
  const auto d = static_cast<std::size_t>(direction_);
  const std::uint32_t bank = burst.bank;
  DramUnitAccount& account = accounts_[device_.unit_of(bank)];
  DramChannelStats& counts = account.counts();
  if (!burst.started) {
    ++counts.row_hits;
    start(burst, now);
  }
  device_.column(direction_, bank, now);
  column_at_ = units_ == 1 ? device_.earliest_column_of_unit(direction_, 0) : now + 1;
  const bool reading = direction_ == DramDirection::read;
  ++(reading ? counts.reads : counts.writes);
  counts.bytes += burst_bytes_;
  const Clock data = now + (reading ? timing_.cl : timing_.cwl);
  account.transfer(data, timing_.burst);
  remove_hit(wants_[d].bursts[bank], device_.open_row(bank));
  free_slots_[d] |= bit(slot % kSlots);
  if (!burst.latched) --places_[d];
  --queued_[d];
  update_wants(direction_, bank, now);
  if (served_[bank] < row_hit_cap_ && ++served_[bank] == row_hit_cap_) {
    update_wants(DramDirection::read, bank, now);
    update_wants(DramDirection::write, bank, now);
  }
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

void DramQueue::update_wants(DramDirection direction, std::uint32_t bank, Clock now) {
  Wants& w = wants(direction);
  const Waiting& waiting = w.bursts[bank];
  const std::uint64_t mine = bit(bank);
  w.activate &= ~mine;
  w.column &= ~mine;
  w.precharge &= ~mine;
  if (waiting.head == kNoSlot) return;
  const bool active = direction == direction_;
  const std::uint64_t row = device_.open_row(bank);
  w.order[bank] = bursts_[waiting.head].order;
  if (row == DramDevice::kClosed) {
    w.activate |= mine;
    if (active) lower(activate_at_, std::max(now, device_.earliest_activate(bank)));
  } else if (waiting.hit != kNoSlot && (waiting.hit == waiting.head || served_[bank] < row_hit_cap_)) {
    w.order[bank] = bursts_[waiting.hit].order;
    w.column |= mine;
    if (active) lower(column_at_, std::max(now, device_.earliest_column(direction, bank)));
  } else {
    w.precharge |= mine;
    if (active) lower(precharge_at_, std::max(now, device_.earliest_precharge(bank)));
  }
}

}  // namespace heddle
