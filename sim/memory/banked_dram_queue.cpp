#include "sim/memory/banked_dram_queue.h"

#include <algorithm>

namespace heddle {

DramQueue::DramQueue(const BankedDramConfig& config, const DramPart& part, const DramMapper& mapper,
                     const DramClock& clock, DramJoins& joins, Kernel& kernel, std::uint32_t index)
    : column_bus_(part.command_buses - 1),
      column_bus_free_(part.command_buses == 2 && config.channels_per_queue == 1),
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
  turn_below_ = {0, write_low_};
  served_by_one_ = access_.bursts / access_.across;
  data_after_ = {part.timing.cl, part.timing.cwl};
  data_span_ = access_.column_span() + burst_clocks_;
  read_lag_ = data_after_[0] + data_span_;
  busy_clocks_ = Clock{access_.bursts} * burst_clocks_;
  slots_.resize(capacity_[0] + capacity_[1] + 2 * device_.banks());  // one latched access of each bank and direction
  for (std::size_t s = 0; s + 1 < slots_.size(); ++s) slots_[s].next = static_cast<Slot>(s + 1);
  if (!config.refresh) return;
  for (std::uint32_t u = 0; u < units_; ++u) refreshes_[u].due = refreshes_[u].at = refi_;
  refresh_at_ = seldom_at_ = refi_;
}

void DramQueue::raise_fifo() {
  std::vector<DramArrival> wider(fifo_.size() * 2);
  for (std::size_t i = 0; i < fifo_size_; ++i) wider[i] = fifo_[(fifo_head_ + i) & fifo_mask_];
  fifo_ = std::move(wider);
  fifo_mask_ = fifo_.size() - 1;
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
  const Clock row = std::min(edge_of(row_), refresh_at_);
  const Clock after_row = row == kNeverClock ? row : row + soonest_column_;
  const Clock soonest = std::min({edge_of(column_), after_row, turn_at_, feed_at_});
  return std::max(now + 1, clock_.cycle_of(std::max(decided_ + 1, soonest) + read_lag_) - 1);
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

/// The accounts count accesses; here they become bursts, single commands and bytes.
DramChannelStats DramQueue::stats(std::uint32_t unit) const {
  DramChannelStats all = accounts_[unit].stats();
  const std::uint64_t bytes = std::uint64_t{access_.bursts} * burst_bytes_;
  for (std::uint64_t* bursts :
       {&all.reads, &all.writes, &all.row_hits, &all.row_misses, &all.row_conflicts, &all.queue_full})
    *bursts *= access_.bursts;
  all.activates *= access_.across;
  all.precharges = all.precharges * access_.across + accounts_[unit].all_banks_precharged();
  all.bytes = (all.reads + all.writes) * burst_bytes_;
  for (auto* tensors : {&all.traffic.read, &all.traffic.written})
    for (std::uint64_t& of_tensor : *tensors) of_tensor *= bytes;
  return all;
}

}  // namespace heddle
