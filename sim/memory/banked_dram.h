// Banked DRAM: what happens in which clock. The fast model here and the per-clock twin in the tests follow this text.
//
// Parts. A request is one line or a block of lines; it consists of bursts (dram_map.h says where each lies). A *queue*
// serves one channel or, with channels_per_queue 2, two (its *units*). Edge d of the part's clock falls at an exact
// fraction of core cycles (dram_clock.h); cycle(d) is the first core cycle not before it.
//
// 1. Hand-over. A request of core cycle t joins the arrival FIFO of each queue that holds bursts of it and is seen from
//    the first edge strictly after t. The FIFO is unbounded and in order of the calls; a block in order of addresses.
// At every edge d, in this order:
// 2. Feed. While the head burst of the FIFO is seen and its queue (read_queue or write_queue bursts) has a free place,
//    it moves there. A write burst is *accepted* then; the write is answered in cycle(d) + 1, when its slot is free.
//    queue_full counts bursts that were head, seen, and not moved at the first edge at which they were both.
// 3. Direction. Reading turns to writing when writes >= write_high, or no read is queued and a write is. Writing turns
//    to reading when writes <= write_low and a read is queued. The scheduler serves one direction.
// 4. Refresh. Every refi clocks from refi on a refresh of each unit is due, none is postponed. From the due edge until
// the
//    REF command no other command goes to the unit: precharge-all (if a row is open), then REF, each at its first legal
//    edge. Units are looked at in order; one row command per edge.
// 5. Column. Of all banks with an eligible hit, a legal RD or WR goes to the one whose hit is oldest. A bank's hit is
//    the oldest burst of the direction for its open row. It is not eligible when an older burst of the direction wants
//    another row of the bank and row_hit_cap bursts have been served from the open row.
// 6. Row. Each bank without eligible hit but with bursts of the direction wants, for the oldest of them, ACT if no row
//    is open, else PRE. Of the legal ones the one for the oldest burst is issued.
//    With one command bus at most one of 4, 5, 6 happens per edge, with two buses at most one column and one row
//    command.
// 7. Data. RD of edge d delivers in clocks d + cl to d + cl + burst; WR likewise with cwl. A burst leaves its queue
// with
//    its column command: the place is free from the next edge on.
// Legality is banked_dram_device.h. A read whose line is still in the write queue is served like any other: it takes
// the newer data on its way back; nothing is forwarded, delayed or merged.
//
// Replies. Of a read: that of the burst done last (lowest address among equals): dram_start = cycle of its first
// command (PRE or ACT issued for it, else its RD), dram_done = at = cycle(d + cl + burst). Of a write: that of the
// burst accepted last; dram_start = dram_done = at = cycle(d) + 1. queue_cause is refresh if the edge that first saw
// that burst lies before the end (REF + rfc) of the last refresh its unit had by the start (acceptance), unless it was
// a write accepted by that first edge; else dram_queue.
//
// Clocks of a unit: busy while data are on its pins; else timing while data of an issued burst are still to come; else,
// if a burst for it is queued, refresh from a due edge to REF + rfc and timing otherwise; else idle.
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

  void read(LineAddr line, Tensor tensor, Cycle now, Reply& reply) override {
    request(line, 1, tensor, DramDirection::read, now, reply);
  }
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
  bool accept_now(std::uint64_t x, Tensor tensor, Clock arrival, Cycle now, Reply& reply);

  DramPart part_;
  std::uint32_t units_;
  std::uint32_t bursts_per_line_;
  std::uint64_t core_hertz_;
  DramMapper mapper_;
  DramClock clock_;
  BurstJoins joins_;
  std::vector<std::unique_ptr<DramQueue>> queues_;
};

}  // namespace heddle
