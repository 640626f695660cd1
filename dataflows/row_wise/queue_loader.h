// What a sorting-queue PE reads, in four stages that feed each other: pointers of its rows of A, elements of these
// rows, pointers of the rows of B they name, elements of those. Rules Q2 and Q3 of dataflows/SEMANTICS.md.
#pragma once

#include <cstdint>

#include "dataflows/config.h"
#include "dataflows/row_wise/line_fifo.h"
#include "dataflows/row_wise/striped_rows.h"
#include "matrices/workload.h"
#include "sim/base/ring.h"

namespace heddle::row_wise {

/// The machine of sorting queues around its PEs: arrays in memory and what all PEs have in common.
struct QueueMachine {
  QueueMachine(const Workload& workload, const Config& config);

  const Workload& workload;
  const Config& config;
  std::uint32_t pes, element_bytes, pair_bytes;
  StripedRows a_pairs, a_elements, b_pairs, b_elements, c_pairs, c_elements;
};

/// The nonzeros of rows pe, pe + pes, ... of A in order.
class OwnNonzeros {
 public:
  OwnNonzeros(const Csr& a, std::uint32_t pe, std::uint32_t pes) : a_(a), pes_(pes), row_(pe) { settle(); }
  bool end() const { return row_ >= a_.rows; }
  std::uint32_t row() const { return static_cast<std::uint32_t>(row_); }
  std::uint64_t number() const { return a_.pointers[row_] + within_; }
  std::uint64_t within_row() const { return within_; }
  Coordinate inner() const { return a_.coordinates[number()]; }
  bool last_of_row() const { return number() + 1 == a_.pointers[row_ + 1]; }
  void next() {
    ++within_;
    settle();
  }

 private:
  void settle() {
    for (; row_ < a_.rows && a_.pointers[row_] + within_ == a_.pointers[row_ + 1]; row_ += pes_) within_ = 0;
  }
  const Csr& a_;
  std::uint64_t pes_, row_, within_ = 0;
};

class QueueLoader {
 public:
  /// Rows of B and their pointers come through `b_cache` if there is one.
  QueueLoader(const QueueMachine& machine, std::uint32_t pe, Memory& dram, Cache* b_cache, ReplySink& owner);

  /// Request what can be requested in `now`: at most one line per stage, the last stage first.
  void issue(Cycle now);
  /// The next cycle, `from` at the earliest, in which something can be requested as far as is known.
  Cycle next_issue(Cycle from);
  bool done() const;
  /// One past the last cycle in which it requested a line, or passed a row or fiber; 0 if it never did.
  Cycle end_of_work() const;

  /// Elements of B: the lines of each nonempty fiber in order, none shared between fibers.
  LineFifo& fibers() { return b_lines_; }
  /// Of the oldest nonempty fiber whose lines are being requested and that has not been dropped: its pointers. Nothing
  /// of it has been requested while has_fiber() is false.
  bool has_fiber() const { return !fiber_pairs_.empty(); }
  const Milestones& fiber_pair() const { return fiber_pairs_.front(); }
  void drop_fiber() { fiber_pairs_.pop_front(); }

 private:
  /// Lines [next, end) of one row still to be requested.
  struct Range {
    std::uint64_t next = 0, end = 0;
    bool empty() const { return next == end; }
  };
  /// Numbers lines in the order in which they are first named; a line named twice in a row is one.
  class Numbering {
   public:
    std::uint64_t number(std::uint64_t line) {
      if (count_ == 0 || line != last_) ++count_;
      last_ = line;
      return count_ - 1;
    }

   private:
    std::uint64_t last_ = 0, count_ = 0;
  };

  void open_row();
  void pass_rows();
  void open_nonzero();
  void open_fiber();
  void pass_fibers();
  Cycle row_pair_in() const;
  Cycle nonzero_in() const;
  Cycle fiber_pair_in() const;
  Cycle ready(const LineFifo& fifo, const Range& range, Cycle operand_in, Cycle passed) const;

  const QueueMachine& m_;
  std::uint32_t pe_;
  LineFifo a_pair_lines_, a_lines_, b_pair_lines_, b_lines_;

  std::uint64_t a_pair_line_count_ = 0;
  // Elements of A: the row at work.
  std::uint64_t row_;
  Range row_lines_;
  std::uint64_t last_a_line_ = ~std::uint64_t{0};  // requested
  Cycle rows_passed_ = 0;                          // when the row before was passed
  // Pointers of B: the nonzero at work, and the numbers of the lines of A it lies in.
  OwnNonzeros pair_cursor_;
  Range pair_lines_;
  Numbering numbering_;
  std::uint64_t first_a_number_ = 0, last_a_number_ = 0;
  // Elements of B: the nonzero at work, and the number of its first line of pointers.
  OwnNonzeros fiber_cursor_;
  Range fiber_lines_;
  bool fiber_begun_ = false;
  std::uint64_t first_pair_number_ = 0, fiber_pair_lines_ = 0;
  Cycle fibers_passed_ = 0;
  Ring<Milestones> fiber_pairs_;
};

}  // namespace heddle::row_wise
