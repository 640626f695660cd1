#include "dataflows/inner_product/tiling.h"

#include <algorithm>
#include <numeric>

#include "sim/base/errors.h"

namespace heddle::inner_product {
namespace {

constexpr std::uint32_t kNotHeavy = ~std::uint32_t{0};

std::uint64_t ceil_divide(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

std::vector<std::uint64_t> column_offsets(const Csr& b) {
  std::vector<std::uint64_t> offsets(std::size_t{b.cols} + 1, 0);
  for (const Coordinate column : b.coordinates) ++offsets[std::size_t{column} + 1];
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
  return offsets;
}

/// By column of B, at least as many as the products any fold has with it: each of its elements B(k, j) taken as often
/// as the fold that has most nonzeros in column k of A.
std::vector<std::uint64_t> most_matches(const Workload& workload, std::uint64_t fold_size) {
  struct Occurrences {
    std::uint64_t fold_end = 0;  // of the fold being counted
    std::uint32_t in_fold = 0, most = 0;
  };
  std::vector<Occurrences> of_row(workload.b->rows);
  std::uint64_t fold_end = fold_size;
  for (std::uint64_t n = 0; n < workload.a->nnz(); ++n) {
    if (n == fold_end) fold_end += fold_size;
    Occurrences& o = of_row[workload.a->coordinates[n]];
    o.in_fold = o.fold_end == fold_end ? o.in_fold + 1 : 1;
    o.fold_end = fold_end;
    o.most = std::max(o.most, o.in_fold);
  }
  std::vector<std::uint64_t> matches(workload.b->cols, 0);
  for (std::uint32_t k = 0; k < workload.b->rows; ++k)
    for (const Coordinate column : workload.b->row(k).coordinates) matches[column] += of_row[k].most;
  return matches;
}

/// Lines of the pinned tile. Columns are in line order, so the largest prefix that fits ends before the line that makes
/// it too large: each line costs 64 B and one pointer per column ending in it.
std::uint64_t pinned_lines(const std::vector<std::uint64_t>& column_pointers, const Config& config,
                           const Layout& layout) {
  const InnerProductConfig& options = config.inner_product;
  const std::uint64_t taken = 2 * options.stream_tile.count + options.partial_capacity.count;
  const std::uint64_t capacity = config.machine.sram.capacity.count;
  const std::uint64_t room = capacity > taken ? capacity - taken : 0;
  const std::uint64_t pointer_bytes = config.layout.pointer_bytes;
  const LineAddr base = line_of(layout.converted.base);
  const std::uint64_t all = lines_of(layout.converted.base, layout.converted.byte(column_pointers.back())).count;
  if (kLineBytes * all + pointer_bytes * column_pointers.size() <= room) return all;

  std::uint64_t lines = 0;
  std::uint64_t bytes = pointer_bytes;
  std::size_t column = 0;
  for (; lines < all; ++lines) {
    bytes += kLineBytes;
    for (; column + 1 < column_pointers.size(); ++column) {
      if (column_pointers[column] == column_pointers[column + 1]) continue;
      if (line_of(layout.converted.byte(column_pointers[column + 1]) - 1) - base > lines) break;
      bytes += pointer_bytes;
    }
    if (bytes > room) break;
  }
  return lines;
}

}  // namespace

Tiling::Tiling(const Workload& workload, const Config& config, const Layout& layout, std::uint64_t fold_size)
    : tile_of_column_(workload.b->cols, 0) {
  const std::vector<std::uint64_t> offsets = column_offsets(*workload.b);
  cut(offsets, config, layout);
  assign_columns(offsets, config, layout);
  find_heavy(workload, offsets, config.inner_product, fold_size);
}

void Tiling::cut(const std::vector<std::uint64_t>& column_pointers, const Config& config, const Layout& layout) {
  const LineRange all = lines_of(layout.converted.base, layout.converted.byte(column_pointers.back()));
  if (all.count == 0) return;
  const std::uint64_t pinned = pinned_lines(column_pointers, config, layout);
  pinned_ = pinned != 0;
  const std::uint64_t tile_lines = config.inner_product.stream_tile.count / kLineBytes;
  const std::uint64_t count = (pinned_ ? 1 : 0) + ceil_divide(all.count - pinned, tile_lines);
  HEDDLE_CHECK(count < ~std::uint32_t{0});
  tiles_.reserve(count);
  if (pinned_) tiles_.push_back({.pointers = {}, .elements = {all.first, pinned}});
  for (std::uint64_t line = pinned; line < all.count; line += tile_lines)
    tiles_.push_back({.pointers = {}, .elements = {all.first + line, std::min(tile_lines, all.count - line)}});
}

void Tiling::assign_columns(const std::vector<std::uint64_t>& column_pointers, const Config& config,
                            const Layout& layout) {
  std::uint32_t tile = 0;
  for (std::size_t column = 0; column + 1 < column_pointers.size(); ++column) {
    const std::uint64_t nnz = column_pointers[column + 1] - column_pointers[column];
    if (nnz == 0) continue;
    const LineAddr last = line_of(layout.converted.byte(column_pointers[column + 1]) - 1);
    while (last >= tiles_[tile].elements.first + tiles_[tile].elements.count) ++tile;
    Tile& own = tiles_[tile];
    tile_of_column_[column] = tile;
    own.scan_cycles += ceil_divide(nnz, config.inner_product.scan_width);
    own.nonzeros += nnz;
    const std::uint64_t end = layout.converted_pointers.byte(column + 2);
    const LineAddr first =
        own.pointers.count == 0 ? line_of(layout.converted_pointers.byte(column)) : own.pointers.first;
    own.pointers = {first, line_of(end - 1) - first + 1};
  }
}

void Tiling::find_heavy(const Workload& workload, const std::vector<std::uint64_t>& column_pointers,
                        const InnerProductConfig& options, std::uint64_t fold_size) {
  const Csr& b = *workload.b;
  const std::vector<std::uint64_t> matches = most_matches(workload, fold_size);
  std::vector<std::uint32_t> heavy_index(b.cols, kNotHeavy);
  for (std::uint32_t column = 0; column < b.cols; ++column) {
    const std::uint64_t nnz = column_pointers[column + 1] - column_pointers[column];
    const std::uint64_t scan = ceil_divide(nnz, options.scan_width);
    if (std::min(matches[column], fold_size) <= scan * options.distribution_width) continue;
    heavy_index[column] = static_cast<std::uint32_t>(heavy_columns_.size());
    heavy_columns_.push_back({tile_of_column_[column], static_cast<std::uint32_t>(scan)});
  }
  heavy_pointers_.assign(std::size_t{b.rows} + 1, 0);
  if (heavy_columns_.empty()) return;
  for (std::uint32_t row = 0; row < b.rows; ++row) {
    for (const Coordinate column : b.row(row).coordinates)
      if (heavy_index[column] != kNotHeavy) heavy_of_row_.push_back(heavy_index[column]);
    heavy_pointers_[row + 1] = heavy_of_row_.size();
  }
}

std::uint64_t Tiling::streamed_lines() const {
  std::uint64_t lines = 0;
  for (std::size_t t = pinned_ ? 1 : 0; t < tiles_.size(); ++t) lines += tiles_[t].lines();
  return lines;
}

std::uint64_t Tiling::scan_cycles() const {
  std::uint64_t cycles = 0;
  for (const Tile& tile : tiles_) cycles += tile.scan_cycles;
  return cycles;
}

}  // namespace heddle::inner_product
