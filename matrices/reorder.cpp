#include "matrices/reorder.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/cuthill_mckee_ordering.hpp>
#include <numeric>
#include <queue>
#include <string>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

/// Rows that are not placed yet, by the columns they share with the rows of the window.
class AffinityQueue {
 public:
  explicit AffinityQueue(const Csr& matrix)
      : matrix_(matrix), by_column_(transpose(matrix)), scores_(matrix.rows, 0), placed_(matrix.rows, 0) {}

  /// The row of the highest score, the lowest of equals; among rows of score 0 the next in the order given.
  std::uint32_t take() {
    while (!heap_.empty()) {
      const auto [score, inverted] = heap_.top();
      const std::uint32_t row = ~inverted;
      heap_.pop();
      if (placed_[row] == 0 && scores_[row] == score) return place(row);
      if (placed_[row] == 0 && scores_[row] != 0 && scores_[row] < score) heap_.emplace(scores_[row], ~row);
    }
    while (placed_[next_] != 0) ++next_;
    return place(next_);
  }

  void enter(std::uint32_t row) {
    for_sharers(row, [&](std::uint32_t other) { heap_.emplace(++scores_[other], ~other); });
    if (heap_.size() > kMostStale * (std::size_t{matrix_.rows} + 1)) rebuild();
  }
  void leave(std::uint32_t row) {
    for_sharers(row, [&](std::uint32_t other) { --scores_[other]; });
  }
  std::uint64_t visits() const { return visits_; }

 private:
  static constexpr std::size_t kMostStale = 16;  // entries per row before stale ones are dropped

  void rebuild() {
    heap_ = {};
    for (std::uint32_t row = 0; row < matrix_.rows; ++row)
      if (placed_[row] == 0 && scores_[row] != 0) heap_.emplace(scores_[row], ~row);
  }
  std::uint32_t place(std::uint32_t row) {
    placed_[row] = 1;
    return row;
  }
  template <class Visit>
  void for_sharers(std::uint32_t row, Visit visit) {
    for (const Coordinate column : matrix_.row(row).coordinates) {
      const auto rows = by_column_.row(column).coordinates;
      visits_ += rows.size();
      for (const std::uint32_t other : rows)
        if (placed_[other] == 0) visit(other);
    }
  }

  const Csr& matrix_;
  Csr by_column_;
  std::vector<std::uint32_t> scores_;
  std::vector<std::uint8_t> placed_;
  std::priority_queue<std::pair<std::uint32_t, std::uint32_t>> heap_;  // score, ~row; scores may be stale
  std::uint32_t next_ = 0;
  std::uint64_t visits_ = 0;
};

Reordering by_affinity(const Csr& matrix, std::uint64_t window) {
  Reordering result;
  AffinityQueue queue(matrix);
  for (std::uint32_t i = 0; i < matrix.rows; ++i) {
    result.order.push_back(queue.take());
    queue.enter(result.order.back());
    if (i >= window) queue.leave(result.order[i - window]);
  }
  result.visits = queue.visits();
  return result;
}

Reordering by_cuthill_mckee(const Csr& matrix) {
  if (matrix.rows != matrix.cols)
    throw InputError("reverse Cuthill-McKee needs a square matrix, this one is " + std::to_string(matrix.rows) + " x " +
                     std::to_string(matrix.cols));
  using Graph = boost::adjacency_list<boost::setS, boost::vecS, boost::undirectedS,
                                      boost::property<boost::vertex_color_t, boost::default_color_type>>;
  Graph graph(matrix.rows);
  for (std::uint32_t row = 0; row < matrix.rows; ++row)
    for (const Coordinate column : matrix.row(row).coordinates)
      if (row != column) boost::add_edge(row, column, graph);
  std::vector<Graph::vertex_descriptor> reverse(matrix.rows);
  boost::cuthill_mckee_ordering(graph, reverse.rbegin(), boost::get(boost::vertex_color, graph),
                                boost::make_degree_map(graph));
  Reordering result;
  for (const auto vertex : reverse) result.order.push_back(static_cast<std::uint32_t>(vertex));
  result.visits = 2 * boost::num_edges(graph);
  return result;
}

std::vector<std::uint32_t> all_rows(const Csr& matrix) {
  std::vector<std::uint32_t> rows(matrix.rows);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

Reordering by_degree(const Csr& matrix) {
  Reordering result;
  result.order = all_rows(matrix);
  std::stable_sort(result.order.begin(), result.order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return matrix.row_nnz(left) > matrix.row_nnz(right);
  });
  result.visits = matrix.rows;
  return result;
}

}  // namespace

std::uint64_t affinity_window(const Csr& matrix, std::uint64_t cache_bytes, std::uint32_t element_bytes) {
  if (matrix.nnz() == 0) return 1;
  const double row_nnz = double(matrix.nnz()) / double(matrix.rows);
  return std::max<std::uint64_t>(1,
                                 static_cast<std::uint64_t>(double(cache_bytes) / (row_nnz * row_nnz * element_bytes)));
}

Reordering reorder(const Csr& matrix, ReorderMethod method, std::uint64_t window) {
  switch (method) {
    case ReorderMethod::given:
      return {all_rows(matrix), 0};
    case ReorderMethod::affinity:
      return by_affinity(matrix, window);
    case ReorderMethod::rcm:
      return by_cuthill_mckee(matrix);
    case ReorderMethod::degree:
      return by_degree(matrix);
  }
  throw InternalError("unknown method");
}

Csr permute_rows(const Csr& matrix, std::span<const std::uint32_t> order) {
  Csr result;
  result.rows = matrix.rows;
  result.cols = matrix.cols;
  for (const std::uint32_t row : order) {
    const Fiber fiber = matrix.row(row);
    result.coordinates.insert(result.coordinates.end(), fiber.coordinates.begin(), fiber.coordinates.end());
    result.values.insert(result.values.end(), fiber.values.begin(), fiber.values.end());
    result.pointers.push_back(result.nnz());
  }
  return result;
}

Csr permute_symmetric(const Csr& matrix, std::span<const std::uint32_t> order) {
  return transpose(permute_rows(transpose(permute_rows(matrix, order)), order));
}

Csr permute(const Csr& matrix, ReorderMethod method, std::span<const std::uint32_t> order) {
  return method == ReorderMethod::rcm ? permute_symmetric(matrix, order) : permute_rows(matrix, order);
}

std::shared_ptr<const Csr> reordered(std::shared_ptr<const Csr> matrix, ReorderMethod method, std::uint64_t cache_bytes,
                                     std::uint32_t element_bytes) {
  if (method == ReorderMethod::given) return matrix;
  const std::uint64_t window = affinity_window(*matrix, cache_bytes, element_bytes);
  return std::make_shared<const Csr>(permute(*matrix, method, reorder(*matrix, method, window).order));
}

double mean_affinity(const Csr& matrix) {
  std::uint64_t shared = 0;
  std::vector<std::uint32_t> last(matrix.cols, 0);  // 1 + the last row that has the column
  for (std::uint32_t row = 0; row < matrix.rows; ++row)
    for (const Coordinate column : matrix.row(row).coordinates) {
      shared += row != 0 && last[column] == row ? 1 : 0;
      last[column] = row + 1;
    }
  return matrix.rows < 2 ? 0 : double(shared) / (matrix.rows - 1);
}

}  // namespace heddle
