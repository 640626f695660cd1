#include "matrices/generate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "matrices/generate_families.h"
#include "matrices/loaded_matrix.h"
#include "matrices/sampling.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

constexpr std::uint64_t kMostGenerated = std::uint64_t{1} << 32;

std::uint64_t positions(const GeneratorConfig& config) {
  return std::uint64_t{config.rows} * columns_of(config);
}

bool reads_entries(MatrixFamily family) {
  return family == MatrixFamily::uniform || family == MatrixFamily::rectangular || family == MatrixFamily::power_law ||
         family == MatrixFamily::hypersparse;
}

/// An upper bound of the nonzeros to come, as a double because it may be beyond 2^64.
double expected_nonzeros(const GeneratorConfig& config) {
  const double cells = static_cast<double>(positions(config));
  const double rows = config.rows;
  switch (config.family) {
    case MatrixFamily::rmat:
      return std::ldexp(config.edge_factor, static_cast<int>(config.scale));
    case MatrixFamily::banded:
      return config.density * rows * std::min(2.0 * config.half_bandwidth + 1, cells / rows);
    case MatrixFamily::mesh2d:
      return 5.0 * config.grid_x * config.grid_y;
    case MatrixFamily::mesh3d:
      return 7.0 * config.grid_x * config.grid_y * config.grid_z;
    case MatrixFamily::n_m_pruned:
      return cells * config.kept / config.group;
    case MatrixFamily::block:
    case MatrixFamily::pruned:
      return config.density * cells;
    default:
      return static_cast<double>(wanted_entries(config));
  }
}

void check_mesh(const GeneratorConfig& config) {
  const bool flat = config.family == MatrixFamily::mesh2d;
  const double points = double(config.grid_x) * double(config.grid_y) * (flat ? 1.0 : double(config.grid_z));
  if (points > double(kMostRows))
    throw InputError("grid_x x grid_y" + std::string(flat ? "" : " x grid_z") + ": more than " +
                     std::to_string(kMostRows) + " points; expected fewer");
}

void add_values(const GeneratorConfig& config, Random& random, Csr& matrix) {
  matrix.values.resize(matrix.nnz());
  for (double& value : matrix.values) {
    if (config.values == MatrixValues::ones) {
      value = 1.0;
    } else if (config.values == MatrixValues::real) {
      value = static_cast<double>(random.bits() >> 11 | 1) * 0x1p-52 - 1.0;  // an odd multiple of 2^-52, never 0
    } else {
      const std::uint64_t drawn = random.uniform_u64(18);
      value = drawn < 9 ? static_cast<double>(drawn) - 9.0 : static_cast<double>(drawn) - 8.0;
    }
  }
}

/// The discrete Laplacian: each point against the mean of its neighbours.
void add_stencil(const GeneratorConfig& config, Csr& matrix) {
  const double centre = config.family == MatrixFamily::mesh2d ? 4.0 : 6.0;
  matrix.values.resize(matrix.nnz());
  for (std::uint32_t row = 0; row < matrix.rows; ++row)
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i)
      matrix.values[i] = config.values == MatrixValues::ones ? 1.0 : matrix.coordinates[i] == row ? centre : -1.0;
}

Csr pattern(const GeneratorConfig& config, Random& random) {
  switch (config.family) {
    case MatrixFamily::uniform:
    case MatrixFamily::rectangular:
    case MatrixFamily::hypersparse:
      return uniform_pattern(config, random);
    case MatrixFamily::rmat:
      return rmat_pattern(config, random);
    case MatrixFamily::power_law:
      return power_law_pattern(config, random);
    case MatrixFamily::banded:
      return banded_pattern(config, random);
    case MatrixFamily::block:
      return block_pattern(config, random);
    case MatrixFamily::mesh2d:
      return mesh_pattern(config.grid_x, config.grid_y, 1);
    case MatrixFamily::mesh3d:
      return mesh_pattern(config.grid_x, config.grid_y, config.grid_z);
    case MatrixFamily::n_m_pruned:
      return n_m_pruned_pattern(config, random);
    case MatrixFamily::pruned:
      return pruned_pattern(config, random);
  }
  throw InternalError("generate: unknown family");
}

}  // namespace

std::span<const EnumName<MatrixFamily>> enum_names(MatrixFamily) {
  static constexpr EnumName<MatrixFamily> kNames[] = {
      {MatrixFamily::uniform, "uniform", "nonzeros anywhere, every set of positions equally likely"},
      {MatrixFamily::rectangular, "rectangular", "uniform, by default eight times as many rows as columns"},
      {MatrixFamily::rmat, "rmat", "recursive graph (Chakrabarti et al. 2004) with Graph500 parameters"},
      {MatrixFamily::power_law, "power_law", "row lengths by a power law, columns uniform"},
      {MatrixFamily::banded, "banded", "nonzeros near the diagonal"},
      {MatrixFamily::block, "block", "dense blocks at random places of a block grid"},
      {MatrixFamily::mesh2d, "mesh2d", "5-point stencil of a 2-D grid"},
      {MatrixFamily::mesh3d, "mesh3d", "7-point stencil of a 3-D grid"},
      {MatrixFamily::n_m_pruned, "n_m_pruned", "N nonzeros in every M adjacent columns of a row (2:4 and the like)"},
      {MatrixFamily::pruned, "pruned", "unstructured pruned layer: row lengths spread about their mean"},
      {MatrixFamily::hypersparse, "hypersparse", "fewer nonzeros than rows, most rows empty"},
  };
  return kNames;
}

std::span<const EnumName<MatrixValues>> enum_names(MatrixValues) {
  static constexpr EnumName<MatrixValues> kNames[] = {
      {MatrixValues::ones, "ones", "every nonzero is 1, written as a pattern"},
      {MatrixValues::real, "real", "uniform in (-1, 1) without 0; meshes: the Laplacian stencil"},
      {MatrixValues::integer, "integer", "-9 ... 9 without 0; meshes: the Laplacian stencil"},
  };
  return kNames;
}

void check(const GeneratorConfig& config) {
  if (config.family == MatrixFamily::n_m_pruned && config.kept > config.group)
    throw InputError("kept: " + std::to_string(config.kept) + " of a group of " + std::to_string(config.group) +
                     "; expected at most group");
  if (config.family == MatrixFamily::rmat && std::abs(config.a + config.b + config.c + config.d - 1.0) > 1e-9)
    throw InputError("a, b, c, d: they sum to " + std::to_string(config.a + config.b + config.c + config.d) +
                     "; expected 1");
  if (config.family == MatrixFamily::mesh2d || config.family == MatrixFamily::mesh3d) check_mesh(config);
  if (reads_entries(config.family) && wanted_entries(config) > positions(config))
    throw InputError("entries: " + std::to_string(config.entries) + " nonzeros in a matrix of " +
                     std::to_string(positions(config)) + " positions; expected no more than positions");
  if (config.rows > 0 && expected_nonzeros(config) > double(kMostGenerated))
    throw InputError("the matrix would have more than " + std::to_string(kMostGenerated) +
                     " nonzeros; expected fewer (rows, cols, density, entries)");
}

Csr generate(const GeneratorConfig& config) {
  check(config);
  Random random(config.seed);
  Csr matrix = pattern(config, random);
  if (config.family == MatrixFamily::mesh2d || config.family == MatrixFamily::mesh3d)
    add_stencil(config, matrix);
  else
    add_values(config, random, matrix);
  return matrix;
}

std::uint32_t columns_of(const GeneratorConfig& config) {
  if (config.cols != 0) return config.cols;
  return config.family == MatrixFamily::rectangular ? (config.rows + 7) / 8 : config.rows;
}

std::uint64_t wanted_entries(const GeneratorConfig& config) {
  if (config.entries != 0) return config.entries;
  if (config.family == MatrixFamily::hypersparse) return config.rows / 4;
  return nearest_count(config.density, positions(config));
}

}  // namespace heddle
