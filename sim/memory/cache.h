// Banked on-chip memory as a set-associative cache of lines and as a buffer of partial lines. Rules 7 to 13 of
// sim/SEMANTICS.md.
//
// A bank answers within the call when it is free, and also ahead of time when the outcome of an access that has to wait
// for its turn is already decided (the line is there). Only accesses that wait and touch the DRAM need an event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/list_pool.h"
#include "sim/base/split.h"
#include "sim/kernel/kernel.h"
#include "sim/machine.h"
#include "sim/memory/cache_sets.h"
#include "sim/memory/memory.h"
#include "sim/memory/mshrs.h"
#include "sim/memory/uses_to_come.h"

namespace heddle {

struct CacheStats {
  std::uint64_t hits = 0;    ///< reads and takes that found the line, or found it on its way
  std::uint64_t misses = 0;  ///< reads and takes that did not
  std::uint64_t evictions = 0;
  std::uint64_t spills = 0;  ///< evicted partial lines, written to DRAM
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};

class Cache final : public ReplySink {
 public:
  /// One agent per bank registers with `kernel`. mshrs / banks must be less than ways, so that a set always has a
  /// victim.
  Cache(const SramConfig& config, Memory& dram, Kernel& kernel);
  ~Cache() override;

  /// Each line of a request is an access of its own; all arrive in `now`, in address order. Lines that are read or
  /// taken come back one per cycle. `cluster`: of the reader.
  void read(LineAddr first, std::uint32_t lines, Tensor tensor, Cycle now, BurstReply& reply,
            std::uint32_t cluster = 0);
  /// Bytes [first, end) of partial lines are written; a line is put once in its life. reply.at is the cycle after
  /// service.
  void put(std::uint64_t first, std::uint64_t end, Cycle now, BurstReply& reply);
  /// Bytes [first, end) of partial lines are read for the last time.
  void take(std::uint64_t first, std::uint64_t end, Cycle now, BurstReply& reply);

  /// With `next_use`: lines [first, first + lines) are those whose reads, of tensor b, are announced.
  void expect_reads(LineAddr first, std::uint64_t lines);
  /// Bytes [first, end), not empty, will be read once.
  void announce(std::uint64_t first, std::uint64_t end) { uses_.announce(first, end); }

  void on_reply(Reply& reply) override;

  const CacheStats& stats() const { return stats_; }
  /// One past the last cycle in which a bank served anything; 0 if none did.
  Cycle last_service_end() const;

 private:
  enum class Kind : std::uint8_t { read, put, take };
  struct Access {
    LineAddr line = 0;
    BurstReply* reply = nullptr;
    std::uint32_t number = 0;  // of the line in its request
    std::uint32_t set = 0;     // of sets_
    std::uint32_t tag = 0;
    Kind kind = Kind::read;
    Tensor tensor = Tensor::b;
    std::uint8_t bytes = 0;
  };
  class Bank;
  struct Place {
    Bank* bank;
    CacheSets::Set set;
    std::uint32_t number;  // of the set
    std::uint32_t tag;
  };
  class Walk;

  void access_bytes(Kind kind, std::uint64_t first, std::uint64_t end, Cycle now, BurstReply& reply);
  Cycle hit_at_once(const Place& place, Cycle now);
  void stamp(const Place& place, std::uint32_t way);
  void access(const Place& place, Cycle now, LineAddr line, BurstReply& reply, std::uint32_t number, Kind kind,
              Tensor tensor, std::uint8_t bytes);
  Cycle serve(const Access& access, const Place& place, Cycle g, bool ahead);
  void serve_present(const Access& access, const Place& place, std::uint32_t way, Cycle g);
  void serve_absent(const Access& access, const Place& place, Cycle g);
  bool serve_put(const Access& access, const Place& place, Cycle g);
  std::uint32_t oldest_way(const Place& place) const;
  bool needs_mshr(const Access& access, const Place& place, Cycle g) const;
  bool evicts_by_age() const { return replacement_ == Replacement::lru || replacement_ == Replacement::fifo; }
  std::uint32_t victim(const Place& place, Cycle g) const;
  std::uint32_t uses(const Place& place, std::uint32_t way) const;
  LineAddr line_in(const Place& place, std::uint32_t way) const;
  bool filling(const Place& place, std::uint32_t way, Cycle g) const;
  void evict(const Place& place, std::uint32_t way, std::uint32_t mshr, Cycle g);
  void wait_for_fill(const Access& access, std::uint32_t mshr, Cycle g);

  Memory& dram_;
  Kernel& kernel_;
  Splitter bank_split_, cluster_split_;  // banks in all, in a cluster
  Splitter set_split_;
  Cycle latency_;
  Replacement replacement_;
  std::vector<Bank> banks_;
  CacheSets sets_;
  UsesToCome uses_;
  Mshrs mshrs_;
  ListPool<Access> queue_;  // of all banks
  CacheStats stats_;
};

}  // namespace heddle
