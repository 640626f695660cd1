// CSR to CSC on the machine: a partition sort with line-combining, rule O1 of dataflows/SEMANTICS.md. Used by the outer
// product (A) and the inner product (B) before anything else of a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataflows/config.h"
#include "dataflows/layout.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/memory.h"

namespace heddle {

/// Lines one conversion reads and writes.
struct Conversion {
  LineAddr pointers = 0, elements = 0;                 ///< first lines of the source
  LineAddr converted_pointers = 0, converted = 0;      ///< first lines of the target
  std::uint64_t pointer_lines = 0, element_lines = 0;  ///< element lines are as many in the target
  std::uint64_t converted_pointer_lines = 0;
  std::uint32_t passes = 1;
  std::uint32_t stream_lines = 2;  ///< lines read and not yet written; writes not yet accepted
  Tensor tensor = Tensor::a;       ///< of the elements
};

/// The least p >= 1 with F^p >= columns, F = max(2, SRAM lines / 2) the partitions of one pass; 1 without nonzeros.
std::uint32_t conversion_passes(const Config& config, std::uint64_t columns, std::uint64_t nnz);

/// `source` lies at `pointers` and `elements` and goes to the converted arrays of `layout`.
Conversion make_conversion(const Config& config, const Csr& source, const Array& pointers, const Array& elements,
                           const Layout& layout, Tensor tensor);

/// Begins in cycle 0. Steps, in the cycle in which its last write is accepted, the agent named by set_successor.
class Converter : public Agent, public ReplySink {
 public:
  Converter(const Conversion& conversion, Memory& dram, Kernel& kernel);
  /// `successor` was added to the kernel later, asleep.
  void set_successor(AgentId successor) { successor_ = successor; }

  Cycle step(Cycle now) override;
  bool done() const override { return finished_; }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override;

  /// The cycle in which the last write was accepted; meaningful when done().
  Cycle end() const { return end_; }

 private:
  bool write_one(Cycle now);
  bool read_one(Cycle now);
  bool end_pass(Cycle now);
  Reply* free_slot(std::vector<Reply>& slots, Cycle now);
  Cycle next_known(Cycle now) const;
  LineAddr input_line(std::uint64_t index) const;

  std::uint64_t input_pointer_lines() const { return pass_ == 0 ? work_.pointer_lines : 0; }
  std::uint64_t input_lines() const { return input_pointer_lines() + work_.element_lines; }
  std::uint64_t output_lines() const {
    return work_.element_lines + (pass_ + 1 == work_.passes ? work_.converted_pointer_lines : 0);
  }
  bool all_in(const std::vector<Reply>& slots, Cycle now) const;

  Conversion work_;
  Memory& dram_;
  Kernel& kernel_;
  AgentId id_;
  AgentId successor_;
  std::uint32_t pass_ = 0;
  std::uint64_t read_ = 0;     // lines requested in this pass
  std::uint64_t written_ = 0;  // lines written in this pass
  Cycle begin_ = 0;            // of this pass
  Cycle end_ = 0;              // the latest write accepted so far
  bool finished_ = false;
  std::vector<Reply> pointer_reads_, element_reads_, writes_;  // at = 0: free
};

}  // namespace heddle
