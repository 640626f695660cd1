#include "dataflows/row_wise/sorting_queues.h"

namespace heddle::row_wise {

std::vector<Entry> SortingQueues::drain() {
  std::vector<Entry> all;
  all.reserve(static_cast<std::size_t>(entries()));
  for (std::vector<Entry>& queue : queues_) {
    all.insert(all.end(), queue.begin(), queue.end());
    queue.clear();
  }
  sum_by_column(all);
  return all;
}

std::uint64_t SortingQueues::entries() const {
  std::uint64_t sum = 0;
  for (const std::vector<Entry>& queue : queues_) sum += queue.size();
  return sum;
}

}  // namespace heddle::row_wise
