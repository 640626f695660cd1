// The multiplier array of the inner product as an agent: loads, computing, writes and what it waits for (rules I3 to I6
// of dataflows/SEMANTICS.md). It steps only in cycles in which something begins, ends or is written.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "dataflows/inner_product/compute_sequence.h"
#include "dataflows/inner_product/fold_plan.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/combining_buffer.h"

namespace heddle::inner_product {

/// Folds [first, end) run one after the other.
struct FoldRange {
  std::uint64_t first = 0, end = 0;
};

/// What was done, by count.
struct ArrayCounts {
  std::uint64_t products = 0;
  std::uint64_t c_bytes = 0;  ///< of final results written
  std::uint64_t intersections = 0;
  std::uint64_t a_nonzeros = 0;
  std::uint64_t sram_read = 0, sram_written = 0;  ///< bytes
};

class MultiplierArray : public Agent, public ReplySink {
 public:
  struct Parts {
    const Workload& workload;
    const Config& config;
    const Layout& layout;
    const Tiling& tiling;
    FoldPlanner& planner;
    Memory& dram;
    CombiningBuffer& combining;
    Kernel& kernel;
    CycleAccount& account;
  };
  /// `schedule`: the folds to run, ascending and disjoint; others take no time (a sampled run). Asleep until woken,
  /// when `asleep`: the cycle of the first step is "cycle 0" of the rules.
  MultiplierArray(const Parts& parts, std::vector<FoldRange> schedule, bool asleep);

  AgentId id() const { return id_; }
  Cycle step(Cycle now) override;
  bool done() const override { return begun_ && sequence_.done() && !writes_due(); }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override;

  const ArrayCounts& counts() const { return counts_; }
  /// The last cycle in which it computed, wrote or asked for anything.
  Cycle last_work() const { return last_work_; }
  /// Cycle in which each scheduled fold started its first tile, and as last entry the end of the last one's last tile.
  const std::vector<Cycle>& fold_starts() const { return fold_starts_; }

 private:
  /// Two blocks in DRAM, pointers before elements; at = 0 when nothing had to be read.
  struct Load {
    Reply pointers, elements;
  };
  /// The writes of one (fold, tile).
  struct Batch {
    const FoldPlan* plan = nullptr;
    std::uint32_t tile = 0;
    Cycle due = kNever;            // kNever: made, or nothing to write
    std::uint32_t unanswered = 0;  // replies not yet known
    Cycle accepted = 0;            // the latest known
    bool known() const { return due == kNever && unanswered == 0; }
  };
  void begin(Cycle now);
  bool progress(Cycle now);
  void start(Cycle now);
  void finish(Cycle now);
  void start_fold(Cycle now);
  void request_a(Cycle now);
  void request_tile(Cycle now);
  void load(Load& load, LineRange pointers, LineRange elements, Tensor tensor, Cycle now);
  Wait resolve() const;
  void make_writes(Batch& batch, Cycle now);
  void write_pieces(Batch& batch, Cycle now);
  void write_block(Batch& batch, LineRange lines, Tensor tensor, Cycle now);
  void write_empty_product(Cycle now);
  Reply& acquire(Batch& batch);
  void settle(Reply& reply);

  bool writes_due() const { return batches_[0].due != kNever || batches_[1].due != kNever; }
  std::uint64_t tiles() const { return parts_.tiling.tiles().size(); }
  bool streamed(std::uint64_t tile) const { return tile > 0 || !parts_.tiling.pinned(); }
  Batch& batch(std::uint64_t position) { return batches_[position % 2]; }
  const Load& tile_load() const { return streamed(tile_) ? tile_loads_[computed_tiles_ % 2] : pinned_load_; }

  Parts parts_;
  std::vector<FoldRange> schedule_;
  AgentId id_;
  std::uint64_t fold_size_;
  ComputeSequence sequence_;  // of (fold, tile)s

  bool begun_ = false;
  std::uint32_t tile_ = 0;
  FoldPlan plans_[2];
  FoldPlan* plan_ = nullptr;

  std::size_t range_ = 0;                          // of the schedule: where A was last requested
  std::uint64_t next_fold_ = 0;                    // whose A is requested next
  std::uint64_t a_pointer_line_ = 0, a_line_ = 0;  // lines of A requested so far
  std::uint32_t a_row_ = 0;
  std::uint64_t requested_tiles_ = 0, computed_tiles_ = 0, streamed_total_ = 0;

  Load a_load_, pinned_load_;
  std::array<Load, 2> tile_loads_;
  Reply spill_;
  std::array<Batch, 2> batches_;
  std::deque<Reply> replies_;  // of writes; as many as were ever in flight at once
  std::vector<std::uint32_t> free_replies_;
  std::vector<Cycle> fold_starts_;
  ArrayCounts counts_;
  Cycle last_work_ = 0;
};

}  // namespace heddle::inner_product
