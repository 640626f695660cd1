// Generated matrices: seeded, the same on every platform (integer arithmetic, and doubles only where each operation is
// exactly rounded on its own), in O(nnz log nnz + rows).
#pragma once

#include <cstdint>
#include <span>

#include "matrices/csr.h"
#include "sim/base/describe.h"

namespace heddle {

enum class MatrixFamily {
  uniform,
  rectangular,
  rmat,
  power_law,
  banded,
  block,
  mesh2d,
  mesh3d,
  n_m_pruned,
  pruned,
  hypersparse,
};
std::span<const EnumName<MatrixFamily>> enum_names(MatrixFamily);

enum class MatrixValues { ones, real, integer };
std::span<const EnumName<MatrixValues>> enum_names(MatrixValues);

/// A family reads the keys that name it; the rest are ignored.
struct GeneratorConfig {
  MatrixFamily family = MatrixFamily::uniform;
  MatrixValues values = MatrixValues::real;
  std::uint64_t seed = 1;
  std::uint32_t rows = 1024;
  std::uint32_t cols = 0;
  std::uint64_t entries = 0;
  double density = 0.01;
  std::uint32_t scale = 10;
  std::uint32_t edge_factor = 8;
  double a = 0.57;
  double b = 0.19;
  double c = 0.19;
  double d = 0.05;
  bool scramble = false;
  double exponent = 0.7;
  std::uint32_t half_bandwidth = 4;
  std::uint32_t block_size = 8;
  std::uint32_t grid_x = 32;
  std::uint32_t grid_y = 32;
  std::uint32_t grid_z = 32;
  std::uint32_t kept = 2;
  std::uint32_t group = 4;
  double row_spread = 0.5;
};

template <class V>
void describe(V& v, GeneratorConfig& c) {
  constexpr double kMostRows = 2147483647.0;
  constexpr double kMostEntries = 4294967296.0;
  v.field("family", c.family, "", "kind of matrix");
  v.field("values", c.values, "", "values of the nonzeros");
  v.field("seed", c.seed, "", "same seed, same matrix, on every platform");
  v.field("rows", c.rows, "count", "rows (not rmat, mesh2d, mesh3d)", in_range(0, kMostRows));
  v.field("cols", c.cols, "count", "columns; 0: as many as rows (rectangular: rows / 8)", in_range(0, kMostRows));
  v.field("entries", c.entries, "count",
          "uniform, rectangular, power_law, hypersparse: nonzeros; 0: density x rows x cols (hypersparse: rows / 4)",
          in_range(0, kMostEntries));
  v.field("density", c.density, "fraction",
          "uniform, rectangular, power_law, pruned: nonzeros per position; banded: within the band; block: full blocks",
          in_range(0, 1));
  v.field("scale", c.scale, "log2", "rmat: 2^scale rows and columns", in_range(0, 30));
  v.field("edge_factor", c.edge_factor, "count", "rmat: edges drawn per row, repeated ones count once",
          in_range(0, 65536));
  v.field("a", c.a, "fraction", "rmat: probability of the upper left quadrant (Graph500: 0.57)", in_range(0, 1));
  v.field("b", c.b, "fraction", "rmat: of the upper right (0.19)", in_range(0, 1));
  v.field("c", c.c, "fraction", "rmat: of the lower left (0.19)", in_range(0, 1));
  v.field("d", c.d, "fraction", "rmat: of the lower right (0.05)", in_range(0, 1));
  v.field("scramble", c.scramble, "", "rmat: number the vertices at random");
  v.field("exponent", c.exponent, "", "power_law: the r-th longest row is proportional to r^-exponent", in_range(0, 8));
  v.field("half_bandwidth", c.half_bandwidth, "count", "banded: diagonals on either side of the main one",
          in_range(0, kMostRows));
  v.field("block_size", c.block_size, "count", "block: rows and columns of a dense block", in_range(1, 65536));
  v.field("grid_x", c.grid_x, "count", "mesh2d, mesh3d: points along x", in_range(1, kMostRows));
  v.field("grid_y", c.grid_y, "count", "mesh2d, mesh3d: points along y", in_range(1, kMostRows));
  v.field("grid_z", c.grid_z, "count", "mesh3d: points along z", in_range(1, kMostRows));
  v.field("kept", c.kept, "count", "n_m_pruned: nonzeros kept in each group (N of N:M)", in_range(0, 65536));
  v.field("group", c.group, "count", "n_m_pruned: adjacent columns in a group (M of N:M)", in_range(1, 65536));
  v.field("row_spread", c.row_spread, "fraction", "pruned: row lengths lie within mean x (1 +- row_spread)",
          in_range(0, 1));
}

/// Throws InputError naming the key when values contradict each other (kept > group, a + b + c + d other than 1, more
/// entries than positions, more than 2^32 nonzeros).
void check(const GeneratorConfig& config);

/// check() and then the matrix. Duplicates cannot occur; rmat has fewer nonzeros than edges drawn.
Csr generate(const GeneratorConfig& config);

}  // namespace heddle
