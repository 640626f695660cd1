#include "sim/memory/banked_dram_queue.h"

#include <algorithm>

namespace heddle {

DramQueue::DramQueue(const BankedDramConfig& config, const DramPart& part, const DramMapper& mapper,
                     const DramClock& clock, DramJoins& joins, Kernel& kernel, std::uint32_t index)
    : column_bus_(part.command_buses - 1),
      units_(config.channels_per_queue),
      row_hit_cap_(config.row_hit_cap),
      access_(config.map, part),
      device_(part, access_, units_),
      burst_clocks_(part.timing.burst),
      burst_bytes_(part.burst_bytes),
      rfc_(part.timing.rfc),
      refi_(part.timing.refi),
      mapper_(mapper),
      clock_(clock),
      joins_(joins),
      kernel_(kernel),
      id_(kernel.add(*this, true)),
      index_(index),
      soonest_column_(std::min(part.timing.rcd_rd, part.timing.rcd_wr)) {
  column_slots_ = access_.column_slots();
  row_slots_ = access_.row_slots();
  capacity_ = {config.read_queue / access_.bursts, config.write_queue / access_.bursts};
  write_high_ = (config.write_high + access_.bursts - 1) / access_.bursts;
  write_low_ = config.write_low / access_.bursts;
  served_by_one_ = access_.bursts / access_.across;
  data_after_ = {part.timing.cl, part.timing.cwl};
  data_span_ = access_.column_span() + burst_clocks_;
  slots_.resize(capacity_[0] + capacity_[1] + 2 * device_.banks());  // one latched access of each bank and direction
  for (std::size_t s = 0; s + 1 < slots_.size(); ++s) slots_[s].next = static_cast<Slot>(s + 1);
  if (!config.refresh) return;
  for (std::uint32_t u = 0; u < units_; ++u) refreshes_[u].due = refreshes_[u].at = refi_;
  refresh_at_ = refi_;
}

void DramQueue::push(const DramArrival& arrival, Cycle now) {
  if (fifo_size_ == fifo_.size()) raise_fifo();
  fifo_[(fifo_head_ + fifo_size_++) & (fifo_.size() - 1)] = arrival;
  behind_[index(arrival.direction)] += arrival.count;
  const bool waits_for_place = arrival.direction == DramDirection::write && !arrival.answered();
  const Cycle wake =
      waits_for_place ? now + 1 : std::max(now + 1, clock_.cycle_of(arrival.seen + data_after_[0] + data_span_) - 1);
  if (wake >= wake_at_) return;
  wake_at_ = wake;
  kernel_.wake(id_, wake);
}

void DramQueue::raise_fifo() {
  std::vector<DramArrival> wider(fifo_.size() * 2);
  for (std::size_t i = 0; i < fifo_size_; ++i) wider[i] = fifo_[(fifo_head_ + i) & (fifo_.size() - 1)];
  fifo_ = std::move(wider);
  fifo_head_ = 0;
}

std::uint64_t DramQueue::waiting(Cycle now) {
  advance(clock_.edge_by(now));
  return (places_[0] + places_[1] + behind_[0] + behind_[1]) * access_.bursts;
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
  const Clock row = std::min(row_at_, refresh_at_);
  const Clock after_row = row == kNeverClock ? row : row + soonest_column_;
  const Clock soonest = std::min({column_at_, after_row, turn_at_, next_feed()});
  return std::max(now + 1, clock_.cycle_of(std::max(decided_ + 1, soonest) + data_after_[0] + data_span_) - 1);
}

std::string DramQueue::waiting_for() const {
  return "dram queue " + std::to_string(index_) + ": " + std::to_string(queued_[0]) + " reads and " +
         std::to_string(queued_[1]) + " writes queued, " + std::to_string(behind_[0] + behind_[1]) + " behind them";
}

void DramQueue::close(Cycle total) {
  HEDDLE_CHECK(done());
  const Clock end = clock_.edge_by(total);
  advance(end);
  for (std::uint32_t u = 0; u < units_; ++u) accounts_[u].close(end, burst_clocks_, burst_bytes_);
}

Clock DramQueue::next_feed() const {
  if (fifo_size_ == 0 || !head_fits()) return kNeverClock;
  return fifo_[fifo_head_].seen;
}

Clock DramQueue::next_event() const {
  return std::max(std::min({column_at_, row_at_, refresh_at_, turn_at_, next_feed()}), decided_ + 1);
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
  if (blocked_ != 0 || device_.open_banks() != 0 || horizon < due + 2 * refi_) return false;
  const Clock skipped = (horizon - due) / refi_ - 1;
  for (std::uint32_t u = 0; u < units_; ++u) {
    refreshes_[u].due += skipped * refi_;
    refreshes_[u].at = refreshes_[u].due;
    accounts_[u].counts().refreshes += skipped;
  }
  look_for_refreshes();
  return true;
}

void DramQueue::feed(Clock now) {
  bool moved = false;
  while (fifo_size_ != 0) {
    DramArrival& head = fifo_[fifo_head_];
    if (head.seen > now || !head_fits()) break;
    const DramArrival arrival = head;
    if (--head.count == 0) {
      fifo_head_ = (fifo_head_ + 1) & (fifo_.size() - 1);
      --fifo_size_;
    } else {
      head.first += mapper_.queues();
    }
    --behind_[index(arrival.direction)];
    enqueue(arrival, now);
    moved = true;
  }
  if (moved && direction_turns()) lower(turn_at_, now);
}

inline void DramQueue::enqueue(const DramArrival& arrival, Clock now) {
  const std::size_t d = index(arrival.direction);
  const DramPlace place = mapper_.place(arrival.first);
  const Slot slot = free_;
  Queued& queued = slots_[slot];
  free_ = queued.next;
  ++places_[d];
  ++queued_[d];
  DramUnitAccount& account = accounts_[device_.unit_of(place.bank)];
  account.enter(now);
  if (now > std::max(arrival.seen, head_since_)) account.counts().queue_full += access_.bursts;
  head_since_ = now;
  auto& bytes = d == 0 ? account.counts().traffic.read : account.counts().traffic.written;
  bytes[static_cast<std::size_t>(arrival.tensor)] += access_.bursts * burst_bytes_;
  queued = {.row = place.row,
            .key = order_++ * DramDevice::kMaxBanks | place.bank,
            .seen = arrival.seen,
            .start = 0,
            .reply = arrival.reply,
            .access = arrival.first,
            .join = arrival.join};
  append(arrival.direction, slot, place.bank, now);
  if (arrival.direction == DramDirection::read || arrival.answered()) return;
  const Cycle at = clock_.cycle_of(now) + 1;
  const DramMilestones accepted = {at, at, now > arrival.seen && arrival.seen < account.refresh_end()};
  if (arrival.reply != nullptr)
    answer(*arrival.reply, accepted);
  else
    joins_.complete(arrival.join, arrival.first, accepted);
}

/// The access becomes the youngest of its bank and direction.
inline void DramQueue::append(DramDirection direction, Slot slot, std::uint32_t bank, Clock now) {
  const std::size_t d = index(direction);
  Waiting& waiting = waiting_[d][bank];
  const bool first = waiting.head == kNoSlot;
  (first ? waiting.head : slots_[waiting.tail].next) = slot;
  waiting.tail = slot;
  waiting_banks_[d] |= bit(bank);
  const bool hits = waiting.hit == kNoSlot && device_.open_row(bank) == slots_[slot].row;
  if (hits) waiting.hit = slot;
  if ((first || hits) && direction == direction_) update_want(bank, now);
}

}  // namespace heddle
