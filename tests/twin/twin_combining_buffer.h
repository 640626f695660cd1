// Where ends of rows of C meet in one line (rules 15 and 16), and who shares which line of C.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "tests/twin/twin_base.h"

namespace heddle::twin {

/// The bytes [first, last) of one row of C.
struct ByteRange {
  std::uint64_t first = 0, last = 0;
  std::uint64_t in_line(LineAddr line) const {
    const std::uint64_t from = std::max(first, line * kLineBytes);
    const std::uint64_t to = std::min(last, (line + 1) * kLineBytes);
    return to > from ? to - from : 0;
  }
};

class TwinCombiningBuffer {
 public:
  TwinCombiningBuffer(const std::vector<ByteRange>& rows, std::uint64_t entries, TwinMemory& memory, WorkLog& log)
      : capacity_(entries), memory_(memory), log_(log) {
    std::map<LineAddr, std::uint64_t> rows_in_line;
    for (const ByteRange& row : rows) {
      if (row.first == row.last) continue;
      for (LineAddr line = line_of(row.first); line <= line_of(row.last - 1); ++line) {
        ++rows_in_line[line];
        c_bytes_[line] += row.in_line(line);
      }
    }
    for (const auto& [line, sharers] : rows_in_line)
      if (sharers > 1) {
        shared_.insert(line);
        missing_ += c_bytes_[line];
      }
    if (!rows_in_line.empty()) rows_in_line.erase(std::prev(rows_in_line.end()));  // nothing comes after
    for (const auto& [line, sharers] : rows_in_line)
      if (sharers == 1 && c_bytes_[line] < kLineBytes) ++log_.events["own_lines_not_full"];
  }

  bool shared(LineAddr line) const { return shared_.contains(line); }

  const Reply& contribute(LineAddr line, std::uint64_t bytes, Cycle t) {
    HEDDLE_CHECK(shared(line) && bytes <= missing_);
    log_.mark(t);
    missing_ -= bytes;
    const Reply* caused = nullptr;
    Entry* entry = find(line);
    if (entry == nullptr) {
      if (entries_.size() == capacity_) {
        caused = &memory_.write(entries_.front().line, Tensor::c, t);
        entries_.pop_front();
        ++log_.events["combining_evictions"];
      }
      entry = &entries_.emplace_back(Entry{line, 0});
    }
    entry->bytes += bytes;
    if (entry->bytes == c_bytes_[line]) {
      caused = &memory_.write(line, Tensor::c, t);
      std::erase_if(entries_, [&](const Entry& e) { return e.line == line; });
    }
    if (caused != nullptr) return *caused;
    Reply& reply = replies_.emplace_back();
    reply.at = t + 1;
    return reply;
  }

  /// What is left when nothing more can come: oldest first, one per cycle.
  void step(Cycle t) {
    if (missing_ != 0 || entries_.empty()) return;
    memory_.write(entries_.front().line, Tensor::c, t);
    entries_.pop_front();
    ++log_.events["combining_drains"];
  }
  bool done() const { return missing_ == 0 && entries_.empty(); }

 private:
  struct Entry {
    LineAddr line;
    std::uint64_t bytes;
  };
  Entry* find(LineAddr line) {
    for (Entry& entry : entries_)
      if (entry.line == line) return &entry;
    return nullptr;
  }

  std::uint64_t capacity_;
  TwinMemory& memory_;
  WorkLog& log_;
  std::map<LineAddr, std::uint64_t> c_bytes_;
  std::set<LineAddr> shared_;
  std::uint64_t missing_ = 0;  // bytes of shared lines not yet contributed
  std::deque<Entry> entries_;  // oldest first
  std::deque<Reply> replies_;
};

}  // namespace heddle::twin
