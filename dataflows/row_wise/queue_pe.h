// A PE with sorting queues: its loader, the queues it multiplies and merges into, and the writer that drains them while
// the next row is merged. Rules Q4 to Q6 of dataflows/SEMANTICS.md.
//
// An agent that is stepped only when a line can be requested or is due to be written; merging and draining run ahead of
// the clock as far as the replies decide.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "dataflows/row_wise/queue_loader.h"
#include "dataflows/row_wise/sorting_queues.h"
#include "sim/kernel/account.h"
#include "sim/kernel/kernel.h"

namespace heddle::row_wise {

struct QueuePeStats {
  std::uint64_t products = 0;
  std::uint64_t steps = 0;  ///< entries written to queues
  std::uint64_t drained = 0;
  std::uint64_t c_elements = 0;
  std::uint64_t overflowed_rows = 0;  ///< a queue held more than its capacity
};

/// Drains rows whose queues are complete, one element of C per cycle, and writes their lines.
class QueueWriter {
 public:
  QueueWriter(const QueueMachine& machine, std::uint32_t pe, Memory& dram, ReplySink& owner);

  /// The queues of `row` (own rows in order, those with results) are complete; its first element may leave in `ready`.
  void push(std::uint32_t row, Cycle ready) { rows_.push_back({row, ready}); }
  /// Go on as far as is known. True if a row has ended.
  bool advance();
  /// The cycle after the last element of row number `number` (of those with results); kNever while that is not known.
  Cycle free_from(std::uint64_t number) const { return number < ends_.size() ? ends_[number] + 1 : kNever; }

  Cycle next_due() const { return due_.empty() ? kNever : due_.front().at; }
  void issue(Cycle now);
  bool done() const { return ends_.size() == result_rows_ && due_.empty(); }
  /// One past the last cycle in which an element left or a line was written; 0 if none was.
  Cycle end_of_work() const { return std::max(end_of_issue_, ends_.empty() ? 0 : ends_.back() + 1); }

 private:
  struct Row {
    std::uint32_t row;
    Cycle ready;
  };
  struct Due {
    LineAddr line = 0;
    Cycle at = 0;
    std::uint64_t number = 0;  // of the line of C; unused for pointers
    bool pointers = false;
  };
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  bool take_lines(std::uint64_t first, std::uint64_t last, Cycle& at);
  void complete_lines(std::uint32_t row, std::uint64_t end, bool all, Cycle at);
  void end_row(std::uint32_t row, Cycle at);
  void pass_rows(std::uint64_t end, Cycle at);

  const QueueMachine& m_;
  std::uint32_t pe_;
  Memory& dram_;
  ReplySink& owner_;
  std::uint64_t result_rows_ = 0;
  Ring<Row> rows_;
  std::uint64_t element_ = 0;   // of the row at the front
  Cycle free_ = 0;              // the next element may leave
  std::uint64_t open_ = kNone;  // the last line that has a place, not complete
  std::uint64_t open_number_ = 0;
  std::uint64_t taken_ = 0, issued_ = 0;  // lines of C that have had a place; that have been written
  std::vector<Reply> places_;
  std::deque<Reply> pointer_replies_;
  std::uint64_t passed_ = 0;      // own rows
  std::uint64_t pair_lines_ = 0;  // completed
  std::vector<Cycle> ends_;       // by row with results: the cycle of its last element
  Ring<Due> due_;
  Cycle end_of_issue_ = 0;
};

class QueuePe final : public Agent, public ReplySink {
 public:
  /// `b_cache`: nullptr if rows of B come straight from DRAM. `c`: filled when values are carried; nullptr otherwise.
  QueuePe(const QueueMachine& machine, std::uint32_t pe, Memory& dram, Cache* b_cache, Kernel& kernel, Csr* c);
  QueuePe(const QueuePe&) = delete;

  Cycle step(Cycle now) override;
  bool done() const override { return cursor_.end() && writer_.done() && loader_.done(); }
  std::string waiting_for() const override;
  void on_reply(Reply& reply) override { kernel_.wake(id_, reply.at); }

  CycleAccount& account() { return account_; }
  const QueuePeStats& stats() const { return stats_; }
  /// One past the last cycle in which it requested, passed, merged, drained or wrote anything; 0 if it never did.
  Cycle end_of_work() const {
    return std::max({loader_.end_of_work(), writer_.end_of_work(), account_.charged_until()});
  }

 private:
  void run_ahead();
  bool merge();
  bool merge_fiber();
  bool line_known(Cycle& at, const Reply*& reply);
  void one_step(Cycle at, const Reply* reply);
  void end_row();

  const QueueMachine& m_;
  Kernel& kernel_;
  Csr* c_;
  QueueLoader loader_;
  QueueWriter writer_;
  SortingQueues queues_;
  AgentId id_;
  OwnNonzeros cursor_;
  bool in_row_ = false, in_fiber_ = false;
  bool row_has_entries_ = false;
  std::uint64_t rows_done_ = 0;   // with results
  std::uint64_t incoming_ = 0;    // element of the fiber
  std::uint64_t first_line_ = 0;  // number of the fiber's first line
  std::uint64_t known_line_ = 0;  // within the fiber, in from known_at_ on, as all before
  bool line_is_known_ = false;
  Cycle known_at_ = 0;
  const Reply* known_reply_ = nullptr;
  Cycle free_ = 0;  // the next step
  CycleAccount account_;
  QueuePeStats stats_;
};

}  // namespace heddle::row_wise
