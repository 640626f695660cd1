// The multiply phase: columns of A' and rows of B stream in, every pair of nonzeros of column k and row k becomes a
// product, products go to the append buffer. Rules O2 to O4 of dataflows/SEMANTICS.md.
//
// One agent. It is stepped in cycles in which it forms products, puts a line or requests one, and when what it waits
// for is there; how many products one cycle yields is computed in closed form.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "dataflows/outer_product/append_buffer.h"
#include "dataflows/outer_product/chunk_allocator.h"
#include "dataflows/outer_product/column_index.h"
#include "sim/kernel/account.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/stream.h"

namespace heddle::outer_product {

class MultiplierArray final : public Agent, public ReplySink {
 public:
  struct Neighbours {
    const ColumnIndex& index;
    const Config& config;
    const Layout& layout;
    Memory& dram;
    Cache& partials;
    Kernel& kernel;
    CycleAccount& account;
    CompleteRows* rows;  ///< told of every line of the log that is accepted; nullptr: nobody is
  };
  /// Called in the first and in the last cycle of the phase.
  struct Phase {
    std::function<void(Cycle)> on_begin, on_end;
  };

  /// Asleep until woken, when `asleep`: the cycle of the first step is the first of the phase; before that the account
  /// is charged to a.barrier.
  MultiplierArray(const Neighbours& neighbours, std::uint64_t products, bool asleep, Phase phase);

  AgentId id() const { return id_; }
  Cycle step(Cycle now) override;
  bool done() const override { return ended_; }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override;

  /// Products formed so far.
  std::uint64_t formed() const { return formed_; }
  /// One past the last cycle in which a k was passed; 0 without any.
  Cycle last_work_end() const { return k_ == 0 ? 0 : last_pass_ + 1; }

 private:
  /// Sequence numbers [first, last] of a stream.
  struct Lines {
    std::uint64_t first = 0, last = 0;
  };

  bool form(Cycle now);
  bool reach_products(Cycle now);
  bool pass_empty_row(Cycle now);
  void pass(Cycle now);
  void enter_column();
  void enter_segment();
  void end_segment(Cycle now);
  void emit(std::uint64_t products, Cycle now);
  std::uint64_t products_possible(Cycle now);
  std::uint64_t elements_in() const;
  std::uint64_t allocate_chunks(std::uint64_t elements, Cycle now);
  std::uint64_t products_that_fit(std::uint64_t room) const;
  std::uint64_t bytes_of(std::uint64_t products) const;
  bool shares_last_line_of_column() const;
  bool shares_last_line_of_row() const;

  bool all_in(const Stream& stream, Lines lines, Cycle now);
  Reply latest(const Stream& stream, Lines lines) const;
  Lines pointer_lines(std::uint32_t k) const;
  Lines element_lines(std::uint64_t i) const;
  Lines segment_lines() const;
  void charge_wait_of(Cycle now);
  bool charge_if_resolved(const Stream& stream, Lines lines, Tensor tensor, Cycle now);
  Cycle end_phase(Cycle now);

  std::uint32_t columns() const { return index_.columns(); }
  std::uint64_t segment_products() const { return index_.column_nnz(k_) * segment_.elements; }

  const ColumnIndex& index_;
  Kernel& kernel_;
  CycleAccount& account_;
  Phase phase_;
  AgentId id_;
  std::uint64_t products_;  // of the workload
  std::uint64_t multipliers_;
  std::uint32_t pointer_bytes_;

  LineRange a_pointer_lines_, b_pointer_lines_;
  ColumnLines column_lines_;
  RowLines row_lines_;
  Stream a_pointers_, a_elements_, b_pointers_, b_elements_;
  AppendBuffer append_;
  ChunkAllocator chunks_;

  bool begun_ = false, ended_ = false;
  std::uint32_t k_ = 0;
  bool in_column_ = false;    // k_'s pointers are in and its lines are numbered
  std::uint64_t number_ = 0;  // of the segment
  Segment segment_;
  bool segment_in_ = false;         // all lines of B
  std::uint64_t position_ = 0;      // products of this (k, segment) formed
  std::uint64_t lines_in_ = 0;      // A' lines of this (k, segment) in, by sequence number
  std::uint64_t chunks_there_ = 0;  // of this (k, segment)'s fibers
  Cycle next_chunk_ = kNever;       // when the chunk of the fiber after those will be there; kNever: not requested
  Lines column_{}, row_{};          // of this (k, segment)'s column, of k's row
  LineAddr column_line_ = 0, row_line_ = 0;  // the first of each
  LineAddr last_column_line_ = ~LineAddr{0}, last_row_line_ = ~LineAddr{0};
  std::uint64_t next_column_ = 0, next_row_ = 0;  // sequence number after the last used
  bool lacked_chunk_ = false;                     // the next product waits for its chunk, and for nothing before that
  bool lacked_room_ = false;                      // the next product waits for room, and for nothing else
  Reply empty_row_wait_;                          // latest line of a column whose row of B is empty
  std::uint64_t formed_ = 0;
  Cycle wait_until_ = 0;  // when what is waited for is known to come; kNever if not known
  Cycle last_pass_ = 0;
};

}  // namespace heddle::outer_product
