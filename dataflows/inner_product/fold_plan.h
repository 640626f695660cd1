// What one fold of A does to every tile of B: matched columns, and which lines of C its results complete where (rules
// I4 and I5 of dataflows/SEMANTICS.md). Counting only; no time passes here.
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/inner_product/row_of_c.h"
#include "dataflows/inner_product/tiling.h"
#include "matrices/workload.h"

namespace heddle::inner_product {

/// Lines of C that one row completes in one tile.
struct OutputPiece {
  LineAddr line = 0;
  std::uint32_t count = 0;         ///< lines, for a private run; 1 for a shared line
  std::uint32_t shared_bytes = 0;  ///< bytes for the combining buffer; 0: the row has the lines to itself
  std::uint32_t next = 0;          ///< index of the next piece of the same tile, or FoldPlan::kNone
};

/// Filled by FoldPlanner::next(); reused from fold to fold, so that nothing is allocated once it has grown.
struct FoldPlan {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::uint64_t fold = 0;
  std::uint64_t products = 0;
  std::vector<std::uint32_t> extra_cycles;  ///< by tile: beyond the scan, for columns with many matches
  std::vector<std::uint32_t> head, tail;    ///< by tile: first and last piece, or kNone
  std::vector<OutputPiece> pieces;          ///< rows in order within a tile, lines in order within a row
  LineRange c_pointers;                     ///< completed by this fold
  std::uint64_t c_bytes = 0;                ///< in all pieces
  std::uint64_t carried_in_bytes = 0;       ///< partial sums of a row continued from the fold before
  std::uint64_t carried_out_bytes = 0;      ///< partial sums of the row that continues
  std::uint64_t spill_lines = 0;            ///< of those, what does not stay on chip

  void reset(std::uint64_t next_fold, std::size_t tiles);
};

class FoldPlanner {
 public:
  FoldPlanner(const Workload& workload, const Config& config, const Layout& layout, const Tiling& tiling,
              std::uint64_t fold_size);

  std::uint64_t folds() const { return folds_; }
  /// Plan the next fold, in order. O(products of the fold + rows ending in it x tiles / 64).
  void next(FoldPlan& plan);
  /// Products whose output column had to be looked up so far: the cost of planning.
  std::uint64_t visits() const { return visits_; }

 private:
  struct Column {
    std::uint32_t row = 0;  // 1 + the row of C in which it was last seen
    std::uint32_t tile = 0;
  };
  struct Heavy {
    std::uint32_t matched = 0;
    std::uint32_t scan_cycles = 0;
    std::uint32_t tile = 0;
  };
  void match_heavy_columns(FoldPlan& plan, std::uint64_t begin, std::uint64_t end);
  void count_results(std::uint32_t row, std::uint64_t begin, std::uint64_t end);
  std::uint64_t distinct_so_far() const;
  void forget_results();
  void emit_row(FoldPlan& plan, std::uint32_t row);
  void add_lines(FoldPlan& plan, std::uint32_t tile, const RowOfC& row, LineAddr first, LineAddr end);
  void add_piece(FoldPlan& plan, std::uint32_t tile, OutputPiece piece);
  void carry_over(FoldPlan& plan, bool continues);
  void complete_pointers(FoldPlan& plan);

  bool in_several_lines(std::uint32_t row) const;

  const Workload& workload_;
  const Layout layout_;
  const Tiling& tiling_;
  std::uint64_t fold_size_;
  std::uint64_t folds_;
  std::uint64_t element_bytes_;
  std::uint64_t partial_capacity_;
  std::uint32_t distribution_width_;

  std::uint64_t fold_ = 0;             // the next one
  std::uint32_t row_ = 0;              // first row not planned, or the one that continues
  std::uint64_t rows_passed_ = 0;      // up to the last final one
  std::uint64_t carried_bytes_ = 0;    // of row_, when it continues
  std::uint64_t c_pointer_lines_ = 0;  // lines of C's pointers completed so far
  std::uint64_t visits_ = 0;
  std::vector<Column> columns_;
  std::vector<Heavy> heavy_;
  std::vector<std::uint32_t> heavy_touched_;
  std::vector<std::uint32_t> results_;       // by tile: of the row at work
  std::vector<std::uint64_t> result_tiles_;  // bit per tile with results
};

}  // namespace heddle::inner_product
