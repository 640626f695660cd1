// A DramQueue in which nothing but reads of open rows waits. As long as the bank of the oldest access is ready first,
// the queue serves them in order of arrival, and no list, want or choice is needed: the accesses stay in the FIFO, and
// those up to `entering_` and `entered_` count as being in the queue. What happens at which edge is the same; whatever
// does not fit (a write, another row, a refresh, a younger access that could go first) turns the stream back into
// accesses that wait for their banks.
#include <algorithm>
#include <array>

#include "sim/memory/banked_dram_queue.h"

namespace heddle {

/// The queue is empty and the FIFO's head a hit.
bool DramQueue::can_stream() const {
  if (queued_[0] + queued_[1] != 0 || units_ != 1 || direction_ != DramDirection::read || blocked_ != 0) return false;
  const DramArrival& head = fifo_[fifo_head_];
  if (head.direction != DramDirection::read) return false;
  const DramPlace place = mapper_.place(head.first);
  return device_.open_row(place.bank) == place.row;
}

/// If all that waits are reads of open rows, make it a stream.
void DramQueue::try_to_stream() {
  if (queued_[1] != 0 || units_ != 1 || direction_ != DramDirection::read || blocked_ != 0) return;
  std::array<std::uint64_t, 64> found;  // keys and slots
  std::size_t count = 0;
  for (std::uint64_t banks = waiting_banks_[0]; banks != 0; banks &= banks - 1) {
    const std::uint64_t row = device_.open_row(lowest(banks));
    for (Slot s = banks_[lowest(banks)].waiting[0].head; s != kNoSlot; s = slots_[s].next) {
      if (slots_[s].row != row || count == found.size()) return;
      found[count++] = slots_[s].key << 16 | s;
    }
  }
  if (count == 0) return;
  std::sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>());
  const std::uint32_t oldest = static_cast<std::uint32_t>(found[count - 1] >> 16) & (DramDevice::kMaxBanks - 1);
  if (count > 1 && device_.earliest_column_of_bank(DramDirection::read, oldest) > decided_ + 1) return;
  while (fifo_size_ + count > fifo_mask_) raise_fifo();
  for (std::size_t i = 0; i < count; ++i) {
    const auto slot = static_cast<Slot>(found[i]);
    Queued& queued = slots_[slot];
    fifo_head_ = (fifo_head_ - 1) & fifo_mask_;
    fifo_[fifo_head_] = {.first = queued.access,
                         .seen = queued.seen,
                         .start = queued.started ? queued.start : kNeverClock,
                         .reply = queued.reply,
                         .join = queued.join,
                         .refreshed = queued.refreshed,
                         .latched = queued.latched};
    queued.next = free_;
    free_ = slot;
  }
  for (std::size_t i = count; i-- != 0;) {
    const std::uint64_t key = found[i] >> 16;
    banks_of_stream_.push_back(static_cast<std::uint8_t>(key & (DramDevice::kMaxBanks - 1)));
  }
  for (std::uint64_t banks = waiting_banks_[0]; banks != 0; banks &= banks - 1) {
    Bank& b = banks_[lowest(banks)];
    b.waiting[0] = {};
    b.want = kNothing;
  }
  waiting_banks_[0] = 0;
  wanting_ = {};
  column_ = row_ = kNoCandidate;
  fifo_size_ += count;
  entering_ = count;
  entered_ = 0;
  streaming_ = true;
}

/// The first access that is not in the queue enters it. False if it is no read of an open row.
inline bool DramQueue::enter_stream(Clock now) {
  DramArrival head = arrival(entering_);
  if (head.direction != DramDirection::read) return false;
  head.first += entered_ * mapper_.queues();
  const DramPlace place = mapper_.place(head.first);
  if (device_.open_row(place.bank) != place.row) return false;
  banks_of_stream_.push_back(static_cast<std::uint8_t>(place.bank));
  enter(head, place.bank, now);
  decided_ = std::max(decided_, now - 1);
  if (++entered_ == head.count) ++entering_, entered_ = 0;
  return true;
}

/// The FIFO's head, in the queue, leaves both.
inline void DramQueue::leave_fifo() {
  DramArrival& head = fifo_[fifo_head_];
  if (head.count == 1)
    --entering_;
  else if (entering_ == 0)
    --entered_;
  drop_first(head);
}

inline void DramQueue::serve_stream(Clock now) {
  const DramArrival served = fifo_[fifo_head_];  // an answer may bring new arrivals
  leave_fifo();
  const std::uint32_t bank = banks_of_stream_.front();
  banks_of_stream_.pop_front();
  --queued_[0];
  places_[0] -= !served.latched;
  if (!column_bus_free_) buses_[0].take(now, column_slots_);
  device_.column(DramDirection::read, bank, now);
  banks_[bank].served += served_by_one_;
  DramUnitAccount& account = accounts_[0];
  const bool hit = served.start == kNeverClock;
  account.counts().row_hits += hit;
  ++account.counts().reads;
  account.transfer(now + data_after_[0], data_span_, busy_clocks_);
  const bool refreshed = hit ? served.seen < account.refresh_end() : served.refreshed;
  answer_read(now, hit ? now : served.start, refreshed, served.reply, served.join, served.first);
}

/// Serve the stream from edge `from` on as long as an access is served on every edge that the bus allows and lets one
/// enter that waits for its place.
void DramQueue::run_stream(Clock from) {
  DramUnitAccount& account = accounts_[0];
  const Clock interval = device_.read_interval();
  std::uint32_t bank = 0;
  Clock now = from;
  for (; now < seldom_at_ && entering_ < fifo_size_; now += interval) {
    const DramArrival& entering = arrival(entering_);
    const DramArrival served = fifo_[fifo_head_];
    if (entering.seen > now || entering.direction != DramDirection::read || served.start != kNeverClock) break;
    if (!device_.may_read(banks_of_stream_.front(), now)) break;
    if (!column_bus_free_ && buses_[0].free_from(now, column_slots_) != now) break;
    const DramPlace place = mapper_.place(entering.first + entered_ * mapper_.queues());
    if (device_.open_row(place.bank) != place.row) break;
    bank = banks_of_stream_.front();
    banks_of_stream_.pop_front();
    banks_of_stream_.push_back(static_cast<std::uint8_t>(place.bank));
    if (!column_bus_free_) buses_[0].take(now, column_slots_);
    device_.read_in_run(bank, now);
    banks_[bank].served += served_by_one_;
    ++account.counts().traffic.read[static_cast<std::size_t>(entering.tensor)];
    --behind_[0];
    if (++entered_ == entering.count) ++entering_, entered_ = 0;
    leave_fifo();
    decided_ = now;
    answer_read(now, now, served.seen < account.refresh_end(), served.reply, served.join, served.first);
  }
  if (now == from) return;
  const std::uint64_t count = (now - from) / interval;
  device_.end_run(bank, decided_);
  head_since_ = decided_ + 1;
  account.counts().queue_full += count;
  account.counts().row_hits += count;
  account.counts().reads += count;
  account.transfers(from + data_after_[0], data_span_, busy_clocks_, interval, count);
}

/// What is in the queue waits for its banks again.
void DramQueue::leave_stream() {
  streaming_ = false;
  while (!banks_of_stream_.empty()) {
    const DramArrival first = fifo_[fifo_head_];
    leave_fifo();
    banks_of_stream_.pop_front();
    queue_up(first, mapper_.place(first.first), decided_ + 1);
  }
  look_at_head();
}

/// As advance(), for a stream. False if it has become none.
bool DramQueue::stream(Clock limit) {
  for (;;) {
    Clock at = kNeverClock;
    if (!banks_of_stream_.empty()) {
      const Clock first = std::max(decided_ + 1, device_.earliest_column_of_unit(DramDirection::read, 0));
      at = std::max(first, device_.earliest_column(DramDirection::read, banks_of_stream_.front()));
      if (at > first && banks_of_stream_.size() > 1) break;  // another one may be first
      if (!column_bus_free_) at = buses_[0].free_from(at, column_slots_);
    }
    const Clock next = std::min(at, seldom_at_);
    const DramArrival& entering = arrival(entering_);
    const bool more = entering_ < fifo_size_;
    const bool place = places_[index(entering.direction)] < capacity_[index(entering.direction)];
    const Clock entry = more && place ? std::max(entering.seen, decided_ + 1) : kNeverClock;
    if (entry <= next && entry != kNeverClock) {
      if (!enter_stream(entry)) break;
      continue;
    }
    if (next > limit && (next == kNeverClock || !more || entering.seen > next)) {
      column_ = candidate(at, 0);
      feed_at_ = entry;
      return true;
    }
    if (next == seldom_at_) break;
    run_stream(at);
    if (decided_ >= at) continue;
    decided_ = at;
    serve_stream(at);
  }
  column_ = kNoCandidate;
  leave_stream();
  return false;
}

}  // namespace heddle
