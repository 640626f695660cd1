// A naive banked DRAM: one step per clock of the part, every queue scanned from the front, every constraint checked
// against the history of commands. Written from the prose in sim/memory/banked_dram.h and banked_dram_device.h; it
// shares with the model only the config and the resolved part.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "sim/memory/dram.h"
#include "sim/memory/dram_part.h"

namespace heddle::twin {

struct DramRequest {
  Cycle cycle = 0;
  LineAddr line = 0;
  std::uint64_t count = 1;
  Tensor tensor = Tensor::a;
  bool write = false;
};

struct DramAnswer {
  Cycle granted = 0, dram_start = 0, dram_done = 0, at = kNever;
  Cause cause = Cause::dram_queue;
  friend bool operator==(const DramAnswer&, const DramAnswer&) = default;
};

class TwinDram {
 public:
  TwinDram(const BankedDramConfig& config, std::uint64_t core_hertz, bool youngest_first = false);

  /// Simulate clock by clock until all requests (in order of cycle) are served and core cycle `total` has passed.
  void run(const std::vector<DramRequest>& requests, Cycle total);

  std::vector<DramAnswer> answers;
  std::vector<DramChannelStats> stats;  ///< by channel
  Cycle last_write_done = 0;

 private:
  using Clock = std::uint64_t;
  enum class Kind { act, pre, rd, wr };
  struct Place {
    std::uint64_t channel, group, bank, row;
  };
  struct Access {
    std::size_t request;
    std::uint64_t x;            // its first burst
    std::vector<Place> bursts;  // in order
    Clock seen;
    Tensor tensor;
    bool write, counted_full = false, started = false, refreshed = false, latched = false;
    Clock start = 0;
    const Place& bank() const { return bursts.front(); }  // stands for its set
  };
  struct Command {
    Kind kind;
    Place place;
    Clock clock;
  };
  struct Transfer {
    Clock begin, end;
  };
  struct Channel {
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> open;    // (group, bank) -> row
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> served;  // bursts from the open row
    std::vector<Command> history;
    std::vector<Transfer> transfers;
    std::vector<Clock> refreshes;
    Clock refresh_due = 0;
    bool refresh_pending = false;
  };
  struct Queue {
    std::deque<Access> fifo;
    std::deque<Access> reads, writes;
    bool writing = false;
    std::set<std::pair<bool, Clock>> taken;  // edges of the (column) command bus
  };

  Place place_of(std::uint64_t x) const;
  std::uint64_t bursts_of_access() const;
  bool side_by_side() const;
  Cycle cycle_of(Clock d) const { return (d * core_hertz_ + part_.clock_hertz - 1) / part_.clock_hertz; }
  Queue& queue_of(const Place& place) { return queues_[place.channel / config_.channels_per_queue]; }
  void hand_over(std::size_t request, const DramRequest& r, Clock seen);
  void clock_queue(Queue& queue, std::uint64_t first_channel, Clock now);
  void feed(Queue& queue, Clock now);
  void turn(Queue& queue, std::uint64_t first_channel);
  void refresh(Queue& queue, std::uint64_t first_channel, Clock now);
  void column(Queue& queue, Clock now);
  void row(Queue& queue, Clock now);
  std::vector<Command> commands(Kind kind, const Access& access, Clock now) const;
  std::pair<bool, Clock> slot(Kind kind, Clock clock) const;
  bool legal(const Command& command) const;
  bool legal(const Queue& queue, Kind kind, const Access& access, Clock now) const;
  Clock gap(const Command& before, Kind kind, const Place& place) const;
  std::size_t oldest_hit(const std::deque<Access>& waiting, const Place& bank) const;
  bool refresh_legal(const Channel& channel, Clock now) const;
  void issue(const Command& command);
  void issue(Queue& queue, Kind kind, const Access& access, Clock now);
  void start(Access& access, Clock now);
  void contribute(const Access& access, const DramAnswer& answer);
  void account(std::uint64_t channel, Clock now);
  bool busy() const;
  Clock transfers_end() const;

  BankedDramConfig config_;
  DramPart part_;
  std::uint64_t core_hertz_;
  bool youngest_first_;
  std::vector<Queue> queues_;
  std::vector<Channel> channels_;
  std::vector<std::uint64_t> left_, last_x_;
};

}  // namespace heddle::twin
