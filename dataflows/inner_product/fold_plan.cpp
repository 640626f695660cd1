// Two shortcuts, both exact. Only *heavy* columns can be matched by more products than are distributed while they are
// scanned, so only they are counted. Results are counted tile by tile only for rows of C that lie in several lines,
// with several tiles: a row within one line is written in the last tile, however its results come.
#include "dataflows/inner_product/fold_plan.h"

#include <algorithm>
#include <bit>

#include "sim/base/errors.h"

namespace heddle::inner_product {

void FoldPlan::reset(std::uint64_t next_fold, std::size_t tiles) {
  fold = next_fold;
  products = c_bytes = carried_in_bytes = carried_out_bytes = spill_lines = 0;
  extra_cycles.assign(tiles, 0);
  head.assign(tiles, kNone);
  tail.resize(tiles);
  pieces.clear();
  c_pointers = {};
}

FoldPlanner::FoldPlanner(const Workload& workload, const Config& config, const Layout& layout, const Tiling& tiling,
                         std::uint64_t fold_size)
    : workload_(workload),
      layout_(layout),
      tiling_(tiling),
      fold_size_(fold_size),
      folds_((workload.a->nnz() + fold_size - 1) / fold_size),
      element_bytes_(config.layout.element_bytes()),
      partial_capacity_(config.inner_product.partial_capacity.count),
      distribution_width_(config.inner_product.distribution_width),
      columns_(workload.b->cols),
      results_(tiling.tiles().size()),
      result_tiles_(tiling.tiles().size() / 64 + 1) {
  for (std::size_t column = 0; column < columns_.size(); ++column)
    columns_[column].tile = tiling.tile_of_column()[column];
  for (const HeavyColumn& column : tiling.heavy_columns()) heavy_.push_back({0, column.scan_cycles, column.tile});
}

void FoldPlanner::next(FoldPlan& plan) {
  const Csr& a = *workload_.a;
  HEDDLE_CHECK(fold_ < folds_);
  const std::uint64_t begin = fold_ * fold_size_;
  const std::uint64_t end = std::min(a.nnz(), begin + fold_size_);
  plan.reset(fold_, tiling_.tiles().size());
  plan.carried_in_bytes = carried_bytes_;
  for (std::uint64_t n = begin; n < end; ++n) plan.products += workload_.b->row_nnz(a.coordinates[n]);
  match_heavy_columns(plan, begin, end);

  const bool several_tiles = tiling_.tiles().size() > 1;
  for (; row_ < a.rows && a.pointers[row_] < end; ++row_) {
    const bool continues = a.pointers[row_ + 1] > end;
    const bool split = continues || a.pointers[row_] < begin;
    if (a.pointers[row_] == a.pointers[row_ + 1]) continue;
    const bool counted = split || (several_tiles && in_several_lines(row_));
    if (counted) count_results(row_, std::max(begin, a.pointers[row_]), std::min(end, a.pointers[row_ + 1]));
    if (continues) break;
    emit_row(plan, row_);
    if (counted) forget_results();
    rows_passed_ = row_ + std::uint64_t{1};
  }
  carry_over(plan, row_ < a.rows && a.pointers[row_] < end);
  ++fold_;
  if (fold_ == folds_) rows_passed_ = a.rows;
  complete_pointers(plan);
}

void FoldPlanner::match_heavy_columns(FoldPlan& plan, std::uint64_t begin, std::uint64_t end) {
  if (heavy_.empty()) return;
  const std::vector<std::uint64_t>& pointers = tiling_.heavy_pointers();
  const std::uint32_t* const heavy_of_row = tiling_.heavy_of_row().data();
  for (std::uint64_t n = begin; n < end; ++n) {
    const Coordinate k = workload_.a->coordinates[n];
    visits_ += pointers[k + 1] - pointers[k];
    for (std::uint64_t i = pointers[k]; i < pointers[k + 1]; ++i)
      if (heavy_[heavy_of_row[i]].matched++ == 0) heavy_touched_.push_back(heavy_of_row[i]);
  }
  for (const std::uint32_t index : heavy_touched_) {
    Heavy& column = heavy_[index];
    const std::uint32_t needed = (column.matched + distribution_width_ - 1) / distribution_width_;
    if (needed > column.scan_cycles) plan.extra_cycles[column.tile] += needed - column.scan_cycles;
    column.matched = 0;
  }
  heavy_touched_.clear();
}

/// Add the products of nonzeros [begin, end) of `row` to the row's distinct results by tile.
void FoldPlanner::count_results(std::uint32_t row, std::uint64_t begin, std::uint64_t end) {
  const Csr& b = *workload_.b;
  Column* const columns = columns_.data();
  std::uint32_t* const results = results_.data();
  std::uint64_t* const tiles = result_tiles_.data();
  const std::uint32_t stamp = row + 1;
  for (std::uint64_t n = begin; n < end; ++n) {
    const Coordinate k = workload_.a->coordinates[n];
    const Coordinate* coordinate = b.coordinates.data() + b.pointers[k];
    const Coordinate* const last = b.coordinates.data() + b.pointers[k + 1];
    visits_ += static_cast<std::uint64_t>(last - coordinate);
    for (; coordinate != last; ++coordinate) {
      Column& column = columns[*coordinate];
      results[column.tile] += column.row != stamp ? 1 : 0;
      tiles[column.tile / 64] |= std::uint64_t{1} << (column.tile % 64);
      column.row = stamp;
    }
  }
}

std::uint64_t FoldPlanner::distinct_so_far() const {
  std::uint64_t distinct = 0;
  for (std::size_t word = 0; word < result_tiles_.size(); ++word)
    for (std::uint64_t mask = result_tiles_[word]; mask != 0; mask &= mask - 1)
      distinct += results_[word * 64 + static_cast<std::size_t>(std::countr_zero(mask))];
  return distinct;
}

void FoldPlanner::forget_results() {
  for (std::size_t word = 0; word < result_tiles_.size(); ++word) {
    for (std::uint64_t mask = result_tiles_[word]; mask != 0; mask &= mask - 1)
      results_[word * 64 + static_cast<std::size_t>(std::countr_zero(mask))] = 0;
    result_tiles_[word] = 0;
  }
}

bool FoldPlanner::in_several_lines(std::uint32_t row) const {
  const RowOfC e(layout_.c, row);
  return !e.empty() && e.first_line() != e.last_line();
}

void FoldPlanner::emit_row(FoldPlan& plan, std::uint32_t row) {
  const RowOfC e(layout_.c, row);
  if (e.empty()) return;
  plan.c_bytes += e.end - e.begin;
  const auto last_tile = static_cast<std::uint32_t>(tiling_.tiles().size() - 1);
  const LineAddr last_line = e.last_line();
  LineAddr next = e.first_line();
  std::uint64_t results = 0;
  for (std::size_t word = 0; next != last_line && word < result_tiles_.size(); ++word) {
    for (std::uint64_t mask = result_tiles_[word]; mask != 0; mask &= mask - 1) {
      const auto tile = static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(mask));
      if (tile == last_tile) break;
      results += results_[tile];
      const LineAddr end = std::min(last_line, line_of(e.begin + results * element_bytes_));
      if (end > next) add_lines(plan, tile, e, next, end);
      next = std::max(next, end);
    }
  }
  add_lines(plan, last_tile, e, next, last_line + 1);
}

/// Lines [first, end) of `row`, complete in `tile`: the first and the last may be shared with other rows.
void FoldPlanner::add_lines(FoldPlan& plan, std::uint32_t tile, const RowOfC& row, LineAddr first, LineAddr end) {
  if (row.shares(first)) {
    add_piece(plan, tile, {first, 1, row.bytes_in(first), FoldPlan::kNone});
    ++first;
  }
  if (first == end) return;
  const bool last_shared = row.shares(end - 1);
  const LineAddr private_end = last_shared ? end - 1 : end;
  if (private_end > first)
    add_piece(plan, tile, {first, static_cast<std::uint32_t>(private_end - first), 0, FoldPlan::kNone});
  if (last_shared) add_piece(plan, tile, {end - 1, 1, row.bytes_in(end - 1), FoldPlan::kNone});
}

void FoldPlanner::add_piece(FoldPlan& plan, std::uint32_t tile, OutputPiece piece) {
  const auto index = static_cast<std::uint32_t>(plan.pieces.size());
  plan.pieces.push_back(piece);
  if (plan.head[tile] == FoldPlan::kNone) {
    plan.head[tile] = index;
  } else {
    plan.pieces[plan.tail[tile]].next = index;
  }
  plan.tail[tile] = index;
}

void FoldPlanner::carry_over(FoldPlan& plan, bool continues) {
  carried_bytes_ = continues ? distinct_so_far() * element_bytes_ : 0;
  plan.carried_out_bytes = carried_bytes_;
  const std::uint64_t overflow = carried_bytes_ - std::min(carried_bytes_, partial_capacity_);
  plan.spill_lines = (overflow + kLineBytes - 1) / kLineBytes;
}

/// Pointer r + 1 is known once row r is passed; pointer 0 always.
void FoldPlanner::complete_pointers(FoldPlan& plan) {
  if (rows_passed_ == 0) return;
  const std::uint64_t base = layout_.c_pointers.base;
  const std::uint64_t known = layout_.c_pointers.byte(rows_passed_ + 1);
  const bool all = rows_passed_ == workload_.a->rows;
  const std::uint64_t lines = all ? lines_spanned(base, known) : line_of(known) - line_of(base);
  plan.c_pointers = {line_of(base) + c_pointer_lines_, lines - c_pointer_lines_};
  c_pointer_lines_ = lines;
}

}  // namespace heddle::inner_product
