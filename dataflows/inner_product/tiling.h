// B in CSC, cut into the tiles in which it passes the array (rule I2 of dataflows/SEMANTICS.md).
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/config.h"
#include "dataflows/layout.h"

namespace heddle::inner_product {

/// Consecutive lines; empty when count = 0.
struct LineRange {
  LineAddr first = 0;
  std::uint64_t count = 0;
};

/// Lines that hold bytes [first, last).
inline LineRange lines_of(std::uint64_t first, std::uint64_t last) {
  return {line_of(first), lines_spanned(first, last)};
}

struct Tile {
  LineRange pointers;             ///< of the columns that end in it; empty without columns
  LineRange elements;             ///< never empty
  std::uint64_t scan_cycles = 0;  ///< sum of max(1, ceil(nnz / scan_width)) over its columns
  std::uint64_t nonzeros = 0;     ///< of its columns
  std::uint64_t lines() const { return pointers.count + elements.count; }
};

/// A column that more products of one fold can match than are distributed while it is scanned.
struct HeavyColumn {
  std::uint32_t tile = 0;
  std::uint32_t scan_cycles = 0;
};

class Tiling {
 public:
  /// O(nnz(A) + nnz(B) + cols(B)). `fold_size`: nonzeros of A in one fold.
  Tiling(const Workload& workload, const Config& config, const Layout& layout, std::uint64_t fold_size);

  const std::vector<Tile>& tiles() const { return tiles_; }
  /// Tile 0 stays on chip; all others stream by once per fold.
  bool pinned() const { return pinned_; }
  std::uint64_t streamed_tiles() const { return tiles_.size() - (pinned_ ? 1 : 0); }
  /// Lines that stream by in one fold.
  std::uint64_t streamed_lines() const;
  std::uint64_t scan_cycles() const;

  /// By column of B; 0 for empty columns.
  const std::vector<std::uint32_t>& tile_of_column() const { return tile_of_column_; }
  const std::vector<HeavyColumn>& heavy_columns() const { return heavy_columns_; }
  /// Row k of B has the heavy columns heavy_of_row()[heavy_pointers()[k] ..< heavy_pointers()[k + 1]].
  const std::vector<std::uint64_t>& heavy_pointers() const { return heavy_pointers_; }
  const std::vector<std::uint32_t>& heavy_of_row() const { return heavy_of_row_; }

 private:
  void cut(const std::vector<std::uint64_t>& column_pointers, const Config& config, const Layout& layout);
  void assign_columns(const std::vector<std::uint64_t>& column_pointers, const Config& config, const Layout& layout);
  void find_heavy(const Workload& workload, const std::vector<std::uint64_t>& column_pointers,
                  const InnerProductConfig& options, std::uint64_t fold_size);

  std::vector<Tile> tiles_;
  bool pinned_ = false;
  std::vector<std::uint32_t> tile_of_column_;
  std::vector<HeavyColumn> heavy_columns_;
  std::vector<std::uint64_t> heavy_pointers_;
  std::vector<std::uint32_t> heavy_of_row_;
};

}  // namespace heddle::inner_product
