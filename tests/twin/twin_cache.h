// The banked cache, which is also the partial-sum buffer (rules 7 to 13, 25): every bank looks at its queue in every
// cycle.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "sim/machine.h"
#include "tests/twin/twin_base.h"

namespace heddle::twin {

/// Deviations from the rules on purpose: the tests show that each is noticed.
struct CacheMutation {
  bool eviction_before_fill = false;
  // next_use
  bool dirty_line_without_use = false;
  bool announced_for_next_cycle = false;
  bool only_hits_are_uses = false;
  bool evicted_uses_forgotten = false;
  bool earliest_taken_of_equals = false;
  bool partials_in_cluster_0 = false;
};

class TwinCache {
 public:
  enum class Kind { read, put, take };

  TwinCache(const SramConfig& config, TwinMemory& memory, WorkLog& log, CacheMutation mutation = {});

  /// A request arrives at its bank in cycle t (rule 8). `bytes`: of a put or take; `cluster`: what a read goes through.
  const Reply& access(Kind kind, LineAddr line, Tensor tensor, std::uint64_t bytes, Cycle t, std::uint64_t cluster = 0);
  /// Rule 25: one use to come of each line of a fiber of bytes [first, last).
  void announce(std::uint64_t first, std::uint64_t last);
  /// The beginning of a cycle: every bank with a queue tries its head once.
  void step(Cycle t);
  bool done() const;

  std::uint64_t hits = 0, misses = 0, evictions = 0, spills = 0, sram_read = 0, sram_write = 0;

 private:
  struct Way {
    bool valid = false;
    LineAddr line = 0;
    const Reply* fill = nullptr;  // nullptr: the line was put
    bool dirty = false;
    std::uint64_t bytes_left = 0;   // of a dirty line
    std::uint64_t last_served = 0;  // order of accesses
    std::uint64_t taken = 0;
  };
  struct Mshr {
    const Reply* fill = nullptr;
    const Reply* write = nullptr;
  };
  struct Access {
    Kind kind;
    LineAddr line;
    Tensor tensor;
    std::uint64_t bytes;
    std::uint64_t set;
    Reply* reply;
  };
  struct Bank {
    std::vector<std::vector<Way>> sets;
    std::vector<Mshr> mshrs;
    std::deque<Access> queue;
    std::optional<Cycle> served_in;
    std::uint64_t evictions = 0;
  };
  struct Waiting {  // a reply that waits for a fill not yet decided
    Reply* reply;
    const Reply* fill;
    Cycle granted;
  };

  struct Place {
    std::uint64_t bank, set;
  };

  static bool filling(const Way& way, Cycle t) { return way.fill != nullptr && !is_in(*way.fill, t); }
  Place place(Kind kind, LineAddr line, std::uint64_t cluster) const;
  bool elsewhere(const Bank& bank, LineAddr line) const;
  void try_head(Bank& bank, Cycle t);
  bool try_access(Bank& bank, const Access& access, Cycle t);
  void serve_present(Way& way, const Access& access, Cycle t);
  bool serve_absent(Bank& bank, std::vector<Way>& set, const Access& access, Cycle t);
  bool mshr_free(Bank& bank, Cycle t) const;
  Way* choose_way(Bank& bank, std::vector<Way>& set, Cycle t) const;
  Way& choose_victim(Bank& bank, std::vector<Way*>& candidates) const;
  bool goes_before(const Way& way, const Way& other) const;
  std::int64_t uses_to_come(const Way& way) const;
  void answer_from(const Reply& fill, Reply& reply, Cycle granted);
  void resolve_waiting();

  SramConfig config_;
  TwinMemory& memory_;
  WorkLog& log_;
  CacheMutation mutation_;
  std::vector<Bank> banks_;
  std::vector<Waiting> waiting_;
  std::deque<Reply> replies_;
  std::uint64_t accesses_ = 0;
  std::map<LineAddr, std::int64_t> uses_;  // announced, less reads of tensor b served
  std::vector<LineAddr> announced_;        // not counted yet (announced_for_next_cycle)
};

}  // namespace heddle::twin
