// The sorting queues of one PE for one row of C, without time: which step does what (rule Q4 of
// dataflows/SEMANTICS.md). After MatRaptor (MICRO 2020). Or a hash table instead, as InnerSP has (PACT 2021), in which
// every step takes the incoming entry (rule Q8).
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/entry.h"

namespace heddle::row_wise {

class SortingQueues {
 public:
  /// `queues` >= 2: one is always empty, the helper. 1: a hash table.
  explicit SortingQueues(std::uint32_t queues) : queues_(queues) {}

  /// The next fiber: it goes to the helper, merged with the shortest queue (the lowest number of equals) if no other
  /// queue is empty.
  void begin_fiber() {
    helper_ = 0;
    if (queues_.size() == 1) return;
    while (!queues_[helper_].empty()) ++helper_;
    other_ = kNone;
    position_ = 0;
    for (std::uint32_t q = 0; q < queues_.size(); ++q) {
      if (q == helper_) continue;
      if (queues_[q].empty()) {
        other_ = kNone;
        return;
      }
      if (other_ == kNone || queues_[q].size() < queues_[other_].size()) other_ = q;
    }
  }
  /// Whether the next step moves an entry of the queue and leaves the incoming one, whose column is known.
  bool queue_first(Coordinate incoming) const { return left() && queues_[other_][position_].column < incoming; }
  /// There are entries of the queue that have not been moved.
  bool left() const { return other_ != kNone && position_ < queues_[other_].size(); }
  /// A step that moves an entry of the queue.
  void move() { push(queues_[other_][position_++]); }
  /// A step that takes the incoming entry, and adds the queue's if it has the same column.
  void take(Entry incoming) {
    if (left() && queues_[other_][position_].column == incoming.column)
      incoming.value = queues_[other_][position_++].value + incoming.value;
    push(incoming);
  }
  /// After the last step of a fiber.
  void end_fiber() {
    if (other_ != kNone) queues_[other_].clear();
  }

  /// The sums of all queues in order of column, added in order of the queues; empties them.
  std::vector<Entry> drain();
  /// Entries the fullest queue has held since the last call.
  std::uint64_t take_most() {
    const std::uint64_t most = most_;
    most_ = 0;
    return most;
  }
  /// Entries in all queues.
  std::uint64_t entries() const;

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  void push(Entry entry) {
    queues_[helper_].push_back(entry);
    if (queues_[helper_].size() > most_) most_ = queues_[helper_].size();
  }

  std::vector<std::vector<Entry>> queues_;
  std::uint32_t helper_ = 0, other_ = kNone;
  std::size_t position_ = 0;  // in queues_[other_]
  std::uint64_t most_ = 0;
};

}  // namespace heddle::row_wise
