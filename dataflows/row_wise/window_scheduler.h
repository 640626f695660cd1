// Cuts A into windows, reads their nonzeros and hands them to the arrays. Rules W2 and W3 of dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataflows/layout.h"
#include "dataflows/row_wise/rows_of_b.h"
#include "dataflows/row_wise/window.h"
#include "dataflows/row_wise/window_array.h"
#include "dataflows/row_wise/window_heights.h"
#include "dataflows/row_wise/window_rows.h"
#include "matrices/workload.h"
#include "sim/memory/stream.h"

namespace heddle::row_wise {

class WindowScheduler final : public Agent, public ReplySink, public WindowListener {
 public:
  /// Registers with the kernel, awake.
  WindowScheduler(const Workload& workload, const Config& config, const Layout& layout, bool carry_values,
                  WindowRows& rows, Cache& cache, Memory& dram, Kernel& kernel);
  /// Once, before the run.
  void set_arrays(std::vector<WindowArray*> arrays);

  Cycle step(Cycle now) override;
  bool done() const override { return row_ == a_.rows && !block_open_ && cut_.empty() && !pointers_.wants(); }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override { kernel_.wake(id_, reply.at); }
  void on_room(std::uint32_t array, Cycle now) override;
  void on_window_end(std::uint64_t block, Cycle cycles, Cycle now) override;

  Cycle last_work() const { return last_work_; }

 private:
  /// A window that has been cut, and how far its nonzeros are on their way.
  struct Cut {
    Window window;
    bool requested = false;
    std::size_t first_reply = 0;  // of replies_, one per group
  };

  bool hand_out(Cycle now);
  std::uint32_t array_with_room() const;
  void give(const Window& window, WindowArray& array, Cycle now);
  bool cut(Cycle now);
  bool open_block(Cycle now);
  bool request(Cycle now);
  Cycle operands_in(const Cut& cut) const;
  void ask(Cycle at) { next_ = std::min(next_, at); }

  const Csr& a_;
  const Config& config_;
  const Layout& layout_;
  const RowsOfB operands_;
  const std::size_t places_;  // for windows cut
  WindowRows& rows_;
  Cache& cache_;
  Kernel& kernel_;
  const AgentId id_;
  WindowHeights heights_;
  LineRange pointer_lines_;
  Stream pointers_;
  std::uint64_t next_partial_;

  std::vector<WindowArray*> arrays_;
  std::vector<std::size_t> loads_;  // windows each array holds
  std::uint64_t handed_out_ = 0;

  std::uint32_t row_ = 0;      // the next block begins here
  bool block_open_ = false;    // not all windows of the last block have been cut
  Window next_window_;         // of the open block
  std::uint64_t windows_ = 0;  // of the open block
  std::uint64_t blocks_ = 0;
  Ring<Cut> cut_;
  std::uint64_t cut_count_ = 0;
  std::vector<BurstReply> replies_;  // of the windows cut: a group each
  std::vector<GroupTask> tasks_;     // of the window being handed out
  Cycle next_ = kNever;
  Cycle last_work_ = 0;
};

}  // namespace heddle::row_wise
