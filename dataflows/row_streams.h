// A's pointers and A's elements on their way to the dispatcher of a row-wise machine. Rule R1 of
// dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>

#include "dataflows/layout.h"
#include "sim/kernel/kernel.h"
#include "sim/memory/stream.h"

namespace heddle {

class RowStreams final : public ReplySink {
 public:
  /// Of a matrix with `rows` rows and `nnz` elements; `lines` of each array are buffered.
  RowStreams(const Array& pointers, const Array& elements, std::uint64_t rows, std::uint64_t nnz, std::uint32_t lines,
             Memory& dram, Kernel& kernel);
  /// The agent that uses the streams; stepped when a line it may wait for comes.
  void set_owner(AgentId owner) { owner_ = owner; }

  /// Pointers row and row + 1 are in from this cycle on; kNever while that is not known.
  Cycle pointers_in(std::uint64_t row) const;
  /// Elements [first, last), not empty, are in from this cycle on; kNever while that is not known.
  Cycle elements_in(std::uint64_t first, std::uint64_t last) const;
  /// Pointers before `row` are no longer needed.
  void release_pointers(std::uint64_t row);
  /// Elements before `next` are no longer needed.
  void release_elements(std::uint64_t next);

  bool wants() const { return pointer_stream_.wants() || element_stream_.wants(); }
  /// Once in every cycle in which wants() holds, after the owner's own work.
  void request(Cycle now);
  void on_reply(Reply& reply) override { kernel_.wake(owner_, reply.at); }

 private:
  static Cycle lines_in(const Stream& stream, const Array& array, std::uint64_t first, std::uint64_t last);

  Kernel& kernel_;
  AgentId owner_ = 0;
  Array pointers_, elements_;
  std::uint64_t nnz_;
  LineRange pointer_lines_, element_lines_;
  Stream pointer_stream_, element_stream_;
};

}  // namespace heddle
