#include "tests/twin/twin_folds.h"

#include "tests/twin/twin_machine.h"

namespace heddle::twin {
namespace {

std::uint64_t round_up_divide(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

FoldPlan::FoldPlan(const Workload& workload, const Config& config, const Layout& layout)
    : c(structure_of_c(workload)),
      c_rows(byte_ranges_of_c(workload, config, layout)),
      a_(*workload.a),
      by_column_(transpose(*workload.b)),
      b_(*workload.b),
      config_(config),
      layout_(layout) {
  if (a_.nnz() == 0 || b_.nnz() == 0) return;
  cut_tiles();
  cut_folds();
}

void FoldPlan::cut_tiles() {
  const std::uint64_t lines = lines_spanned(layout_.converted.byte(0), layout_.converted.byte(b_.nnz()));
  const std::uint64_t pinned_size = pinned_lines(lines);
  pinned = pinned_size > 0;
  if (pinned) tiles.push_back(make_tile(0, pinned_size));
  const std::uint64_t size = config_.inner_product.stream_tile.count / kLineBytes;
  for (std::uint64_t first = pinned_size; first < lines; first += size)
    tiles.push_back(make_tile(first, std::min(size, lines - first)));
}

/// The leading lines of B' that stay on chip.
std::uint64_t FoldPlan::pinned_lines(std::uint64_t lines) const {
  const InnerProductConfig& options = config_.inner_product;
  const std::uint64_t room =
      config_.machine.sram.capacity.count - 2 * options.stream_tile.count - options.partial_capacity.count;
  const std::uint64_t pointer = config_.layout.pointer_bytes;
  if (lines * kLineBytes + pointer * (by_column_.rows + std::uint64_t{1}) <= room) return lines;
  for (std::uint64_t p = lines; p > 0; --p)
    if (p * kLineBytes + pointer * (make_tile(0, p).columns.size() + 1) <= room) return p;
  return 0;
}

Tile FoldPlan::make_tile(std::uint64_t first_line, std::uint64_t lines) const {
  Tile tile;
  const LineAddr base = line_of(layout_.converted.base);
  tile.elements = {base + first_line, lines};
  for (Coordinate j = 0; j < by_column_.rows; ++j) {
    if (by_column_.row_nnz(j) == 0) continue;
    const LineAddr last = line_of(layout_.converted.byte(by_column_.pointers[j + 1]) - 1);
    if (base + first_line <= last && last < base + first_line + lines) tile.columns.push_back(j);
  }
  if (tile.columns.empty()) return tile;
  const std::uint64_t first = layout_.converted_pointers.byte(tile.columns.front());
  const std::uint64_t end = layout_.converted_pointers.byte(tile.columns.back() + std::uint64_t{2});
  tile.pointers = {line_of(first), lines_spanned(first, end)};
  return tile;
}

void FoldPlan::cut_folds() {
  const std::uint64_t width = std::uint64_t{config_.machine.pe.count} * config_.machine.pe.multipliers;
  LineAddr pointers_read = line_of(layout_.a_pointers.base), elements_read = line_of(layout_.a.base);  // past the last
  for (std::uint64_t first = 0; first < a_.nnz(); first += width) {
    Fold fold;
    fold.first = first, fold.last = std::min(first + width, a_.nnz());
    if (!folds.empty()) fold.rows_passed = folds.back().rows_passed;
    std::uint64_t last_row = 0;
    for (std::uint64_t r = 0; r < a_.rows; ++r) {
      const std::uint64_t begin = a_.pointers[r], end = a_.pointers[r + 1];
      if (begin == end || end <= fold.first || begin >= fold.last) continue;
      last_row = r;
      if (end <= fold.last) {
        fold.final_rows.push_back(r);
        fold.rows_passed = r + 1;
      } else {
        fold.continued = r;
        std::set<Coordinate> columns;
        for (std::uint64_t i = begin; i < fold.last; ++i)
          for (const Coordinate j : b_.row(a_.coordinates[i]).coordinates) columns.insert(j);
        fold.partial_columns = columns.size();
        const std::uint64_t bytes = columns.size() * config_.layout.element_bytes();
        const std::uint64_t room = config_.inner_product.partial_capacity.count;
        if (bytes > room) fold.spilled_lines = round_up_divide(bytes - room, kLineBytes);
      }
    }
    if (fold.last == a_.nnz()) fold.rows_passed = a_.rows;
    const LineAddr pointers_end = line_of(layout_.a_pointers.byte(last_row + 2) - 1) + 1;
    const LineAddr elements_end = line_of(layout_.a.byte(fold.last) - 1) + 1;
    if (pointers_end > pointers_read) fold.a_pointers = {pointers_read, pointers_end - pointers_read};
    if (elements_end > elements_read) fold.a_elements = {elements_read, elements_end - elements_read};
    pointers_read = std::max(pointers_read, pointers_end);
    elements_read = std::max(elements_read, elements_end);
    folds.push_back(fold);
  }
}

std::uint64_t FoldPlan::matched(const Fold& fold, Coordinate j) const {
  const std::set<Coordinate> rows_of_b(by_column_.row(j).coordinates.begin(), by_column_.row(j).coordinates.end());
  std::uint64_t count = 0;
  for (std::uint64_t i = fold.first; i < fold.last; ++i) count += rows_of_b.count(a_.coordinates[i]);
  return count;
}

std::uint64_t FoldPlan::cycles(const Fold& fold, const Tile& tile) const {
  std::uint64_t sum = 0;
  for (const Coordinate j : tile.columns) {
    const std::uint64_t scan = round_up_divide(by_column_.row_nnz(j), config_.inner_product.scan_width);
    const std::uint64_t distribute = round_up_divide(matched(fold, j), config_.inner_product.distribution_width);
    sum += std::max<std::uint64_t>({1, scan, distribute});
  }
  return sum;
}

/// Elements of a row of C whose columns lie in tiles up to `tile`.
std::uint64_t FoldPlan::results_up_to(std::uint64_t row, std::size_t tile) const {
  std::uint64_t count = 0;
  for (const Coordinate j : c[row])
    for (std::size_t s = 0; s <= tile; ++s)
      for (const Coordinate column : tiles[s].columns) count += column == j;
  return count;
}

std::vector<ResultLine> FoldPlan::results(const Fold& fold, std::size_t tile) const {
  std::vector<ResultLine> lines;
  const bool last_tile = tile + 1 == tiles.size();
  for (const std::uint64_t row : fold.final_rows) {
    const ByteRange bytes = c_rows[row];
    if (bytes.first == bytes.last) continue;
    const std::uint64_t element_bytes = config_.layout.element_bytes();
    const std::uint64_t before = bytes.first + (tile == 0 ? 0 : results_up_to(row, tile - 1)) * element_bytes;
    const std::uint64_t now = bytes.first + results_up_to(row, tile) * element_bytes;
    const LineAddr last_line = line_of(bytes.last - 1);
    for (LineAddr line = line_of(bytes.first); line < last_line; ++line) {
      const std::uint64_t end = (line + 1) * kLineBytes;
      if (before < end && end <= now) lines.push_back({line, bytes.in_line(line)});
    }
    if (last_tile) lines.push_back({last_line, bytes.in_line(last_line)});
  }
  return lines;
}

std::vector<LineAddr> FoldPlan::pointer_lines(std::size_t fold) const {
  const std::uint64_t before = fold == 0 ? 0 : folds[fold - 1].rows_passed;
  std::vector<LineAddr> lines;
  for (std::uint64_t r = before; r < folds[fold].rows_passed; ++r) {
    const std::uint64_t first = layout_.c_pointers.byte(r + 1), last = layout_.c_pointers.byte(r + 2);
    for (LineAddr line = line_of(first); line <= line_of(last - 1); ++line)
      if ((line + 1) * kLineBytes <= last || r + 1 == a_.rows) lines.push_back(line);
  }
  return lines;
}

}  // namespace heddle::twin
