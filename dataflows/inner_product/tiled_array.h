// The PEs of control `tiled` and their buffers as one agent: loads, computing, writes and what it waits for (rules T5
// to T7 of dataflows/SEMANTICS.md). It steps only in cycles in which something begins, ends or is written.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dataflows/inner_product/array.h"
#include "dataflows/inner_product/compute_sequence.h"
#include "dataflows/inner_product/tiled_plan.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/memory.h"

namespace heddle::inner_product {

class TiledArray : public Agent, public ReplySink {
 public:
  TiledArray(const std::vector<TiledStep>& steps, const Config& config, Memory& dram, Kernel& kernel,
             CycleAccount& account);

  Cycle step(Cycle now) override;
  bool done() const override { return sequence_.done() && !writes_due(); }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override;

  const ArrayCounts& counts() const { return counts_; }
  /// One past the last cycle in which it computed, wrote or asked for anything.
  Cycle end() const { return end_of_work_; }

 private:
  /// The operands of one step; at = 0 when nothing had to be read.
  struct Loads {
    Reply a, b, partial;
  };
  struct Batch {
    Cycle due = kNever;
    Reply partial, result;
    bool known() const { return due == kNever && partial.known() && result.known(); }
    Cycle accepted() const { return std::max(partial.at, result.at); }
  };
  bool progress(Cycle now);
  void request(std::size_t position, Cycle now);
  void request_partials(Cycle now);
  void start(Cycle now);
  void finish(Cycle now);
  void make_writes(Batch& batch, const TiledStep& step, Cycle now);
  Wait resolve() const;
  void worked(Cycle end) { end_of_work_ = std::max(end_of_work_, end); }
  bool writes_due() const { return batches_[0].due != kNever || batches_[1].due != kNever; }

  const std::vector<TiledStep>& steps_;
  Cycle latency_;
  Memory& dram_;
  Kernel& kernel_;
  AgentId id_;

  bool begun_ = false;
  ComputeSequence sequence_;
  std::size_t requested_ = 0;           // steps whose operands were asked for
  std::size_t partials_requested_ = 0;  // steps whose partial results were asked for, or that have none
  std::size_t written_ = 0;             // steps whose writes were made
  std::array<Loads, 2> loads_;
  std::array<Batch, 2> batches_;
  ArrayCounts counts_;
  Cycle end_of_work_ = 0;
};

}  // namespace heddle::inner_product
