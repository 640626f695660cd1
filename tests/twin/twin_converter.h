// Conversion of CSR to CSC on the machine (rule O1): passes of a partition sort, line by line.
#pragma once

#include <vector>

#include "tests/twin/twin_base.h"

namespace heddle::twin {

struct ConverterJob {
  Tensor tensor;                                       ///< of the element lines
  std::vector<LineAddr> pointer_lines, element_lines;  ///< of the operand
  std::vector<LineAddr> converted_pointer_lines, converted_element_lines;
  std::uint64_t passes;
  std::uint64_t stream_lines;
  bool reads_before_writes = false;  ///< a deviation on purpose: the tests show that it is noticed
};

/// P of rule O1: passes over `nnz` elements with `columns` columns and `sram_lines` lines of memory.
inline std::uint64_t conversion_passes(std::uint64_t columns, std::uint64_t nnz, std::uint64_t sram_lines) {
  if (nnz == 0) return 1;
  const std::uint64_t fan_out = std::max<std::uint64_t>(2, sram_lines / 2);
  std::uint64_t passes = 0;
  for (std::uint64_t reached = 1; reached < columns; reached *= fan_out) ++passes;
  return std::max<std::uint64_t>(1, passes);
}

class TwinConverter {
 public:
  TwinConverter(ConverterJob job, TwinMemory& memory) : job_(std::move(job)), memory_(memory) { begin_pass(0); }

  void step(Cycle t) {
    if (finished_at_ || t < begin_) return;
    if (pass_accepted(t)) {
      if (pass_ + 1 == job_.passes) {
        finished_at_ = t;
      } else {
        ++pass_;
        begin_pass(t + 1);
      }
      return;
    }
    if (job_.reads_before_writes) read(t);
    write(t);
    if (!job_.reads_before_writes) read(t);
  }
  /// The cycle in which the last write of all is accepted, once that has come.
  std::optional<Cycle> finished_at() const { return finished_at_; }
  std::uint64_t passes() const { return job_.passes; }

 private:
  struct Item {
    LineAddr line;
    Tensor tensor;
    const Reply* reply = nullptr;
  };

  void begin_pass(Cycle t) {
    begin_ = t;
    reads_.clear(), writes_.clear();
    if (pass_ == 0)
      for (const LineAddr line : job_.pointer_lines) reads_.push_back({line, Tensor::pointers});
    pointer_reads_ = reads_.size();
    for (const LineAddr line : pass_ == 0 ? job_.element_lines : job_.converted_element_lines)
      reads_.push_back({line, job_.tensor});
    for (const LineAddr line : job_.converted_element_lines) writes_.push_back({line, job_.tensor});
    if (pass_ + 1 == job_.passes)
      for (const LineAddr line : job_.converted_pointer_lines) writes_.push_back({line, Tensor::pointers});
  }

  static bool here(const Item& item, Cycle t) { return item.reply != nullptr && is_in(*item.reply, t); }

  bool pass_accepted(Cycle t) const {
    for (const Item& item : writes_)
      if (!here(item, t)) return false;
    return true;
  }

  void write(Cycle t) {
    std::uint64_t next = 0, unaccepted = 0;
    for (; next < writes_.size() && writes_[next].reply != nullptr; ++next) unaccepted += !here(writes_[next], t);
    if (next == writes_.size() || unaccepted >= job_.stream_lines) return;
    const std::uint64_t elements = job_.converted_element_lines.size();
    if (next < elements) {
      if (!here(reads_[pointer_reads_ + next], t)) return;
    } else {
      for (const Item& item : reads_)
        if (!here(item, t)) return;
    }
    writes_[next].reply = &memory_.write(writes_[next].line, writes_[next].tensor, t);
  }

  void read(Cycle t) {
    std::uint64_t next = 0, held = 0;
    for (; next < reads_.size() && reads_[next].reply != nullptr; ++next) {
      const bool element = next >= pointer_reads_;
      const bool gone = element ? writes_[next - pointer_reads_].reply != nullptr : here(reads_[next], t);
      if (!gone) ++held;
    }
    if (next == reads_.size() || held >= job_.stream_lines) return;
    reads_[next].reply = &memory_.read(reads_[next].line, reads_[next].tensor, t);
  }

  ConverterJob job_;
  TwinMemory& memory_;
  std::uint64_t pass_ = 0;
  Cycle begin_ = 0;
  std::vector<Item> reads_, writes_;  // of this pass
  std::uint64_t pointer_reads_ = 0;
  std::optional<Cycle> finished_at_;
};

/// The lines of bytes [first, last).
inline std::vector<LineAddr> lines_of(std::uint64_t first, std::uint64_t last) {
  std::vector<LineAddr> lines;
  for (std::uint64_t i = 0; i < lines_spanned(first, last); ++i) lines.push_back(line_of(first) + i);
  return lines;
}

/// The conversion of an operand with these arrays: `rows` x `columns`, `nnz` elements.
inline ConverterJob conversion(Tensor tensor, Array pointers, Array elements, const Layout& layout, std::uint64_t rows,
                               std::uint64_t columns, std::uint64_t nnz, std::uint64_t sram_lines,
                               std::uint64_t stream_lines, bool reads_before_writes) {
  return {tensor,
          lines_of(pointers.byte(0), pointers.byte(rows + 1)),
          lines_of(elements.byte(0), elements.byte(nnz)),
          lines_of(layout.converted_pointers.byte(0), layout.converted_pointers.byte(columns + 1)),
          lines_of(layout.converted.byte(0), layout.converted.byte(nnz)),
          conversion_passes(columns, nnz, sram_lines),
          stream_lines,
          reads_before_writes};
}

}  // namespace heddle::twin
