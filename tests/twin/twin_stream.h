// A sequence of DRAM lines read in order, at most one request per cycle (rule 14).
#pragma once

#include <vector>

#include "tests/twin/twin_base.h"

namespace heddle::twin {

class TwinStream {
 public:
  TwinStream(std::vector<LineAddr> lines, Tensor tensor, std::uint64_t capacity, TwinMemory& memory)
      : lines_(std::move(lines)), tensor_(tensor), capacity_(capacity), memory_(memory) {}

  /// The line at `position` of the sequence is here.
  bool in(std::uint64_t position, Cycle t) const { return position < replies_.size() && is_in(*replies_[position], t); }
  bool in(std::uint64_t first, std::uint64_t last, Cycle t) const {
    for (std::uint64_t p = first; p <= last; ++p)
      if (!in(p, t)) return false;
    return true;
  }
  /// The reply of a line that has been requested.
  const Reply& reply(std::uint64_t position) const { return *replies_.at(position); }
  /// Everything before `position` is no longer needed.
  void release_before(std::uint64_t position) { released_ = std::max(released_, position); }

  void step(Cycle t) {
    if (replies_.size() == lines_.size()) return;
    if (replies_.size() - released_ >= capacity_) return;
    replies_.push_back(&memory_.read(lines_[replies_.size()], tensor_, t));
  }
  bool all_requested() const { return replies_.size() == lines_.size(); }
  std::uint64_t size() const { return lines_.size(); }

 private:
  std::vector<LineAddr> lines_;
  Tensor tensor_;
  std::uint64_t capacity_;
  TwinMemory& memory_;
  std::vector<const Reply*> replies_;
  std::uint64_t released_ = 0;
};

/// Lines of bytes [first, last), appended in order; a line equal to the last one of the sequence is not repeated.
/// Returns the position of the first of them.
inline std::uint64_t append_lines(std::vector<LineAddr>& sequence, std::uint64_t first, std::uint64_t last) {
  std::uint64_t position = sequence.size();
  for (std::uint64_t i = 0; i < lines_spanned(first, last); ++i) {
    const LineAddr line = line_of(first) + i;
    if (i == 0 && !sequence.empty() && sequence.back() == line) {
      position = sequence.size() - 1;
      continue;
    }
    sequence.push_back(line);
  }
  return position;
}

}  // namespace heddle::twin
