// Banked DRAM: what happens in which clock. The fast model here and the per-clock twin in the tests follow this text.
//
// Parts. A request is one line or a block of lines; a line consists of bursts. A *queue* serves one channel or, with
// channels_per_queue 2, two (its *units*). What the scheduler handles as one is an *access*: the bursts of a line that
// lie behind one queue, a whole line with map bank_group_interleaved, else one burst (dram_map.h says where each lies).
// Edge d of the part's clock falls at an exact fraction of core cycles (dram_clock.h); cycle(d) is the first core cycle
// not before it.
//
// Access. Its bursts lie, in order of addresses, in as many neighbouring bank groups (a *set* of banks: same bank
// number, same row) or, if the part has fewer groups than a line has bursts, side by side in a row of one bank (a set
// of one). The banks of a set are opened and closed together: ACT at edge d means one ACT in each, rrd_s clocks apart,
// PRE likewise; RD or WR at edge d means one for each burst, step = max(ccd_s, burst) apart (max(ccd_l, ccd_s, burst)
// within one bank). All of them must be legal, each at its own edge, and find the command bus free; those after the
// first are promised and go out whatever happens. So a controller with 64 B transactions splits a line; the bursts of a
// line still alternate bank groups.
//
// 1. Hand-over. A request of core cycle t joins the arrival FIFO of each queue that holds accesses of it and is seen
//    from the first edge strictly after t. The FIFO is unbounded and in order of the calls; a block in order of
//    addresses.
// At every edge d, in this order:
// 2. Feed. While the head access of the FIFO is seen and its queue (read_queue or write_queue bursts) has places for
//    its bursts, it moves there. A write is *accepted* then; it is answered in cycle(d) + 1, when its slot is free.
//    queue_full counts the bursts of accesses that were head, seen, and not moved at the first edge at which they were
//    both. An access gives its places back with the first ACT issued for it, at the latest with its column command:
//    they are free from the next edge on.
// 3. Direction. Reading turns to writing when writes >= write_high, or no read is queued and a write is. Writing turns
//    to reading when writes <= write_low and a read is queued. Writes and reads are counted in bursts. The scheduler
//    serves one direction.
// 4. Refresh. Every refi clocks from refi on a refresh of each unit is due, none is postponed. From the due edge until
//    the REF command no other command goes to the unit (but those promised): precharge-all (if a row is open), then
//    REF, single commands, each at its first legal edge. Units are looked at in order; one refresh command per edge.
// 5. Column. Of all sets with an eligible hit, a legal RD or WR goes to the one whose hit is oldest. A set's hit is
//    the oldest access of the direction for its open row. It is not eligible when an older access of the direction
//    wants another row of the set and row_hit_cap bursts have been served from the open row of each bank.
// 6. Row. Each set without eligible hit but with accesses of the direction wants, for the oldest of them, ACT if no row
//    is open, else PRE. Of the legal ones the one for the oldest access is issued.
//    A bus carries one command per edge. With one bus 4, 5 and 6 share it; with two buses columns have their own.
// 7. Data. The RD of a burst at edge d delivers in clocks d + cl to d + cl + burst; WR likewise with cwl. An access
//    leaves its queue with its first column command.
// Legality is banked_dram_device.h. A read whose line is still in the write queue is served like any other: it takes
// the newer data on its way back; nothing is forwarded, delayed or merged.
//
// Replies. Of a read: that of the access done last (lowest address among equals): dram_start = cycle of its first
// command (PRE or ACT issued for it, else its RD), dram_done = at = cycle(end of its last burst). Of a write: that of
// the access accepted last; dram_start = dram_done = at = cycle(d) + 1. queue_cause is refresh if the edge that first
// saw that access lies before the end (REF + rfc) of the last refresh its unit had by the start (acceptance), unless it
// was a write accepted by that first edge; else dram_queue.
//
// Clocks of a unit: busy while data are on its pins; else timing while data of an issued access are still to come;
// else, if an access for it is queued, refresh from a due edge to REF + rfc and timing otherwise; else idle.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/memory/banked_dram_queue.h"
#include "sim/memory/dram.h"

namespace heddle {

class BankedDram final : public Dram {
 public:
  BankedDram(const BankedDramConfig& config, Frequency core_clock, Kernel& kernel);

  void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override;
  void write(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    request(line, 1, tensor, DramDirection::write, now, reply);
  }
  void read_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override {
    request(first, count, tensor, DramDirection::read, now, reply);
  }
  void write_block(LineAddr first, std::uint64_t count, Tensor tensor, Cycle now, Reply& reply) override {
    request(first, count, tensor, DramDirection::write, now, reply);
  }

  bool done() const override;
  Cycle last_write_done() const override;
  void close(Cycle total) override;
  std::uint32_t channels() const override { return part_.channels; }
  DramChannelStats channel_stats(std::uint32_t channel) const override;
  double peak_bytes_per_cycle() const override;

  const DramPart& part() const { return part_; }
  /// Bursts that take a place, or wait for one, in the queue of burst `burst` of `line` at the edge after `now`; for
  /// drivers that imitate a bounded port.
  std::uint32_t waiting(LineAddr line, std::uint32_t burst, Cycle now);

 private:
  void request(LineAddr first, std::uint64_t count, Tensor tensor, DramDirection direction, Cycle now, Reply& reply);
  Clock seen_after(Cycle now) {
    if (now != seen_now_) seen_now_ = now, seen_ = clock_.edge_after(now);
    return seen_;
  }
  bool accepted_now(std::uint64_t from, Clock seen) const;

  DramPart part_;
  std::uint32_t units_;
  std::uint32_t accesses_per_line_;
  std::uint64_t core_hertz_;
  DramMapper mapper_;
  DramClock clock_;
  DramJoins joins_;
  Cycle seen_now_ = kNever;  // cycle of the last request, and the edge that sees it
  Clock seen_ = 0;
  std::vector<std::unique_ptr<DramQueue>> queues_;
};

}  // namespace heddle
