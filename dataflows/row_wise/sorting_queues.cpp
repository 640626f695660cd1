#include "dataflows/row_wise/sorting_queues.h"

#include <algorithm>

namespace heddle::row_wise {

std::vector<SortingQueues::Entry> SortingQueues::drain() {
  std::vector<Entry> all;
  all.reserve(static_cast<std::size_t>(entries()));
  for (std::vector<Entry>& queue : queues_) {
    all.insert(all.end(), queue.begin(), queue.end());
    queue.clear();
  }
  std::stable_sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.column < b.column; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kept != 0 && all[kept - 1].column == all[i].column) {
      all[kept - 1].value += all[i].value;
    } else {
      all[kept++] = all[i];
    }
  }
  all.resize(kept);
  return all;
}

std::uint64_t SortingQueues::entries() const {
  std::uint64_t sum = 0;
  for (const std::vector<Entry>& queue : queues_) sum += queue.size();
  return sum;
}

}  // namespace heddle::row_wise
