// The plan of the inner product (rules I2 to I5): tiles of B', folds of A, what each (fold, tile) costs and writes.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "dataflows/config.h"
#include "matrices/workload.h"
#include "tests/twin/twin_combining_buffer.h"

namespace heddle::twin {

/// Lines [first, first + count).
struct Block {
  LineAddr first = 0;
  std::uint64_t count = 0;
};

struct Tile {
  Block elements;
  Block pointers;
  std::vector<Coordinate> columns;  ///< nonempty, their last byte lies in the tile
};

struct Fold {
  std::uint64_t first = 0, last = 0;       ///< nonzeros of A
  Block a_pointers, a_elements;            ///< not read before
  std::vector<std::uint64_t> final_rows;   ///< with nonzeros, ending here
  std::optional<std::uint64_t> continued;  ///< the row that goes on in the next fold
  std::uint64_t partial_columns = 0;       ///< distinct columns of its sums so far
  std::uint64_t spilled_lines = 0;
  std::uint64_t rows_passed = 0;  ///< rows passed when it is done
};

/// A line of C written by a (fold, tile).
struct ResultLine {
  LineAddr line;
  std::uint64_t bytes;
};

class FoldPlan {
 public:
  FoldPlan(const Workload& workload, const Config& config, const Layout& layout);

  bool pinned = false;  ///< the first tile stays on chip
  std::vector<Tile> tiles;
  std::vector<Fold> folds;
  std::vector<std::vector<Coordinate>> c;
  std::vector<ByteRange> c_rows;

  /// Products of column j with the fold.
  std::uint64_t matched(const Fold& fold, Coordinate j) const;
  std::uint64_t cycles(const Fold& fold, const Tile& tile) const;
  /// Lines of C that become complete with this (fold, tile), in order.
  std::vector<ResultLine> results(const Fold& fold, std::size_t tile) const;
  /// Lines of C's pointers completed by the fold.
  std::vector<LineAddr> pointer_lines(std::size_t fold) const;

 private:
  void cut_tiles();
  Tile make_tile(std::uint64_t first_line, std::uint64_t lines) const;
  std::uint64_t pinned_lines(std::uint64_t lines) const;
  void cut_folds();
  std::uint64_t results_up_to(std::uint64_t row, std::size_t tile) const;

  const Csr& a_;
  Csr by_column_;  // B'
  const Csr& b_;
  Config config_;
  Layout layout_;
};

}  // namespace heddle::twin
