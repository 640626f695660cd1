#include "dataflows/inner_product/bitmap_plan.h"

#include <algorithm>
#include <string>

#include "dataflows/layout.h"
#include "sim/base/errors.h"

namespace heddle::inner_product {
namespace {

/// Bytes of `bits` bits and of `values` values that stand for the ones among them.
std::uint64_t encoded_bytes(std::uint64_t bits, std::uint64_t values, const LayoutConfig& layout) {
  return divide_up(bits, 8) + values * layout.value_bytes;
}

/// W nonzeros of A within one slice of the inner rank.
struct Fold {
  std::uint64_t slice = 0;
  std::uint64_t first = 0, end = 0;  // of SlicedA's nonzeros
  LineBlock place;
};

/// A's nonzeros slice by slice, in row order within a slice, and the folds they are cut into (rule G2).
class SlicedA {
 public:
  SlicedA(const Csr& a, std::uint64_t slice_k, std::uint64_t fold_size)
      : slice_k_(slice_k), begins_(divide_up(a.cols, slice_k) + 1, 0), last_fold_(a.rows, 0) {
    for (const Coordinate k : a.coordinates) ++begins_[k / slice_k + 1];
    for (std::size_t s = 1; s < begins_.size(); ++s) begins_[s] += begins_[s - 1];
    rows_.resize(a.nnz());
    inner_.resize(a.nnz());
    std::vector<std::uint64_t> next = begins_;
    for (std::uint32_t row = 0; row < a.rows; ++row)
      for (const Coordinate k : a.row(row).coordinates) {
        const std::uint64_t place = next[k / slice_k]++;
        rows_[place] = row;
        inner_[place] = k;
      }
    for (std::uint64_t s = 0; s + 1 < begins_.size(); ++s)
      for (std::uint64_t n = begins_[s]; n < begins_[s + 1]; n += fold_size)
        add_fold(s, n, std::min(n + fold_size, begins_[s + 1]));
  }

  /// Give each fold its lines from `line` on; returns the line after them. Its bits are those from its first nonzero to
  /// the next fold's, those of a slice belong to its folds.
  LineAddr place(LineAddr line, std::uint64_t rows, std::uint64_t cols, const LayoutConfig& layout) {
    for (std::size_t f = 0; f < folds_.size(); ++f) {
      Fold& fold = folds_[f];
      const std::uint64_t width = std::min(slice_k_, cols - fold.slice * slice_k_);
      const bool last = f + 1 == folds_.size() || folds_[f + 1].slice != fold.slice;
      const bool first = f == 0 || folds_[f - 1].slice != fold.slice;
      const std::uint64_t begin = first ? 0 : position(fold.first, width);
      const std::uint64_t end = last ? rows * width : position(fold.end, width);
      const std::uint64_t bytes = encoded_bytes(end - begin, fold.end - fold.first, layout);
      fold.place = {line, divide_up(bytes, kLineBytes)};
      line += fold.place.count;
    }
    return line;
  }

  const std::vector<Fold>& folds() const { return folds_; }
  std::uint32_t row(std::uint64_t nonzero) const { return rows_[nonzero]; }
  Coordinate inner(std::uint64_t nonzero) const { return inner_[nonzero]; }
  /// The last fold with a nonzero of `row`, which has some.
  std::uint32_t last_fold(std::uint32_t row) const { return last_fold_[row]; }
  /// Rows with a nonzero before and one after the end of a fold: the most of any fold.
  std::uint64_t most_open_rows() const {
    std::vector<std::uint8_t> begun(last_fold_.size(), 0);
    std::uint64_t open = 0, most = 0;
    for (std::uint32_t f = 0; f < folds_.size(); ++f) {
      for (std::uint64_t n = folds_[f].first; n < folds_[f].end; ++n) {
        if (n != folds_[f].first && rows_[n] == rows_[n - 1]) continue;
        open += begun[rows_[n]] == 0;
        begun[rows_[n]] = 1;
        open -= last_fold_[rows_[n]] == f;
      }
      most = std::max(most, open);
    }
    return most;
  }

 private:
  std::uint64_t position(std::uint64_t nonzero, std::uint64_t width) const {
    return rows_[nonzero] * width + inner_[nonzero] % slice_k_;
  }
  void add_fold(std::uint64_t slice, std::uint64_t first, std::uint64_t end) {
    for (std::uint64_t n = first; n < end; ++n) last_fold_[rows_[n]] = static_cast<std::uint32_t>(folds_.size());
    folds_.push_back({slice, first, end, {}});
  }

  std::uint64_t slice_k_;
  std::vector<std::uint64_t> begins_;  // by slice
  std::vector<std::uint32_t> rows_;
  std::vector<Coordinate> inner_;
  std::vector<Fold> folds_;
  std::vector<std::uint32_t> last_fold_;
};

/// Distinct columns of each row of C within a block of columns.
std::vector<std::uint64_t> results_in(const Workload& w, std::uint64_t first, std::uint64_t end) {
  std::vector<std::uint64_t> results(w.a->rows);
  if (first == 0 && end == w.b->cols) {
    for (std::uint32_t row = 0; row < w.a->rows; ++row) results[row] = w.c_pointers[row + 1] - w.c_pointers[row];
    return results;
  }
  std::vector<std::uint32_t> stamps(end - first, 0);
  for (std::uint32_t row = 0; row < w.a->rows; ++row) {
    for (const Coordinate k : w.a->row(row).coordinates) {
      const auto fiber = w.b->row(k).coordinates;
      for (auto j = std::lower_bound(fiber.begin(), fiber.end(), first); j != fiber.end() && *j < end; ++j) {
        results[row] += stamps[*j - first] != row + 1;
        stamps[*j - first] = row + 1;
      }
      if (results[row] == end - first) break;  // full
    }
  }
  return results;
}

class BitmapPlanner {
 public:
  BitmapPlanner(const Workload& workload, const Config& config)
      : workload_(workload),
        config_(config),
        options_(config.inner_product),
        slice_k_(options_.slice_k),
        fold_size_(config.machine.pe.all_multipliers()),
        a_(*workload.a, slice_k_, fold_size_),
        in_fold_(workload.b->rows, 0) {}

  std::vector<TiledStep> steps() {
    if (workload_.a->nnz() == 0 || workload_.b->nnz() == 0) return {};
    const std::uint64_t cols = workload_.b->cols;
    const std::uint64_t width = block_columns();
    line_ = a_.place(line_of(make_layout(workload_, config_.layout, 0, 0).partial_base), workload_.a->rows,
                     workload_.a->cols, config_.layout);
    for (std::uint64_t first = 0; first < cols; first += width) plan_block(first, std::min(cols, first + width));
    return std::move(steps_);
  }

 private:
  /// Columns for which the sums of rows not final yet fit the partial sums, and of which two slices and two folds fit
  /// the rest (rule G1).
  std::uint64_t block_columns() const {
    const std::uint64_t value = config_.layout.value_bytes;
    const std::uint64_t open = a_.most_open_rows();
    const std::uint64_t sums = open == 0 ? workload_.b->cols : options_.partial_capacity.count / (open * value);
    const std::uint64_t half = (config_.machine.sram.capacity.count - options_.partial_capacity.count) / 2;
    const std::uint64_t fold = fold_size_ * value + 2 * kLineBytes;
    const std::uint64_t slices = half <= fold ? 0 : (half - fold) * 8 / (slice_k_ * (8 * value + 1));
    const std::uint64_t columns = std::min(sums, slices);
    if (columns == 0)
      throw InputError(
          "inner_product.partial_capacity, inner_product.slice_k: one column of C or of a slice of B "
          "does not fit; expected a larger machine.sram.capacity than " +
          to_text(config_.machine.sram.capacity) + ", or narrower slices");
    return columns;
  }

  void plan_block(std::uint64_t first, std::uint64_t end) {
    const std::vector<std::uint64_t> results = results_in(workload_, first, end);
    std::vector<std::uint8_t> begun(workload_.a->rows, 0);
    std::uint64_t slice = ~std::uint64_t{0};
    for (std::uint32_t f = 0; f < a_.folds().size(); ++f) {
      const Fold& fold = a_.folds()[f];
      TiledStep step;
      if (fold.slice != slice) load_slice(step, slice = fold.slice, first, end);
      step.a = fold.place;
      step.b_tile_lines = b_tile_lines_;
      count_work(step, fold, first, end);
      count_results(step, f, results, begun, end - first);
      check_fit(step);
      steps_.push_back(step);
    }
  }

  /// Rows of B of the slice within the block: their nonzeros, and where the tile lies.
  void load_slice(TiledStep& step, std::uint64_t slice, std::uint64_t first, std::uint64_t end) {
    const Csr& b = *workload_.b;
    slice_begin_ = slice * slice_k_;
    const std::uint64_t slice_end = std::min<std::uint64_t>(b.rows, slice_begin_ + slice_k_);
    fibers_.clear();
    std::uint64_t nonzeros = 0;
    for (std::uint64_t k = slice_begin_; k < slice_end; ++k) {
      const auto row = b.row(static_cast<Coordinate>(k)).coordinates;
      const auto begin = std::lower_bound(row.begin(), row.end(), first);
      fibers_.push_back(row.subspan(static_cast<std::size_t>(begin - row.begin())));
      const auto past = std::lower_bound(begin, row.end(), end);
      fibers_.back() = fibers_.back().first(static_cast<std::size_t>(past - begin));
      nonzeros += fibers_.back().size();
    }
    const std::uint64_t bytes = encoded_bytes((slice_end - slice_begin_) * (end - first), nonzeros, config_.layout);
    b_tile_lines_ = divide_up(bytes, kLineBytes);
    step.b = {line_, b_tile_lines_};
    line_ += b_tile_lines_;
  }

  /// Load the fold, then a column of B after the other (rules G3 and G4).
  void count_work(TiledStep& step, const Fold& fold, std::uint64_t first, std::uint64_t end) {
    const std::uint64_t width = options_.distribution_width;
    const std::uint64_t columns = end - first;
    std::uint64_t delivered = 0;
    std::vector<Coordinate> meeting;
    for (std::uint64_t n = fold.first; n < fold.end; ++n) {
      const Coordinate k = a_.inner(n);
      const std::uint64_t nonzeros = fibers_[k - slice_begin_].size();
      step.products += nonzeros;
      if (in_fold_[k] != 0) continue;
      in_fold_[k] = 1;
      meeting.push_back(k);
      delivered += nonzeros;
    }
    std::uint64_t cycles = columns;
    if (meeting.size() > width) cycles = column_cycles(meeting, first, columns);
    for (const Coordinate k : meeting) in_fold_[k] = 0;
    step.compute_cycles = divide_up(fold.end - fold.first, width) + cycles;
    step.intersections = columns * slice_k_;
    step.item_bytes = (fold.end - fold.first + delivered) * config_.layout.value_bytes;
  }

  std::uint64_t column_cycles(const std::vector<Coordinate>& meeting, std::uint64_t first, std::uint64_t columns) {
    met_.assign(columns, 0);
    for (const Coordinate k : meeting)
      for (const Coordinate j : fibers_[k - slice_begin_]) ++met_[j - first];
    std::uint64_t cycles = 0;
    for (const std::uint32_t met : met_)
      cycles += std::max<std::uint64_t>(1, divide_up(met, options_.distribution_width));
    return cycles;
  }

  /// Sums of the fold's rows, and the results of those that have no nonzero later (rule G5).
  void count_results(TiledStep& step, std::uint32_t f, const std::vector<std::uint64_t>& results,
                     std::vector<std::uint8_t>& begun, std::uint64_t columns) {
    const Fold& fold = a_.folds()[f];
    const std::uint64_t sums = columns * config_.layout.value_bytes;
    std::uint64_t final_results = 0, final_rows = 0;
    for (std::uint64_t n = fold.first; n < fold.end; ++n) {
      const std::uint32_t row = a_.row(n);
      if (n != fold.first && row == a_.row(n - 1)) continue;
      if (begun[row] != 0) step.item_bytes += sums;
      begun[row] = 1;
      step.held_bytes += sums;
      if (a_.last_fold(row) != f) continue;
      ++final_rows;
      final_results += results[row];
    }
    step.result_bytes = final_results * config_.layout.element_bytes();
    const std::uint64_t bytes = encoded_bytes(final_rows * columns, final_results, config_.layout);
    step.result = {line_, divide_up(bytes, kLineBytes)};
    line_ += step.result.count;
  }

  void check_fit(const TiledStep& step) const {
    const std::uint64_t bytes = 2 * (step.a.count + step.b_tile_lines) * kLineBytes;
    if (bytes + options_.partial_capacity.count > config_.machine.sram.capacity.count)
      throw InputError("machine.sram.capacity: " + to_text(config_.machine.sram.capacity) +
                       "; two folds of A and two slices of B with their bitmaps take " + std::to_string(bytes) +
                       " B beside inner_product.partial_capacity; expected less");
  }

  const Workload& workload_;
  const Config& config_;
  const InnerProductConfig& options_;
  std::uint64_t slice_k_, fold_size_;
  SlicedA a_;
  std::vector<std::uint8_t> in_fold_;                // by k
  std::vector<std::uint32_t> met_;                   // by column of the block
  std::vector<std::span<const Coordinate>> fibers_;  // rows of B of the slice, within the block
  std::uint64_t slice_begin_ = 0, b_tile_lines_ = 0;
  LineAddr line_ = 0;
  std::vector<TiledStep> steps_;
};

}  // namespace

std::vector<TiledStep> plan_bitmap(const Workload& workload, const Config& config) {
  return BitmapPlanner(workload, config).steps();
}

}  // namespace heddle::inner_product
