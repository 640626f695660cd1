// One function per family: the pattern, row by row; generate() adds the values.
#pragma once

#include <cstdint>
#include <utility>

#include "matrices/generate.h"
#include "sim/base/random.h"

namespace heddle {

/// A pattern built in row order.
class PatternBuilder {
 public:
  PatternBuilder(std::uint32_t rows, std::uint32_t cols) {
    csr_.rows = rows;
    csr_.cols = cols;
    csr_.pointers.reserve(std::size_t{rows} + 1);
  }
  void add(Coordinate column) { csr_.coordinates.push_back(column); }
  void end_row() { csr_.pointers.push_back(csr_.coordinates.size()); }
  /// End rows until `row` is the one being filled.
  void go_to_row(std::uint64_t row) { csr_.pointers.resize(row + 1, csr_.coordinates.size()); }
  Csr finish() {
    go_to_row(csr_.rows);
    return std::move(csr_);
  }

 private:
  Csr csr_;
};

std::uint32_t columns_of(const GeneratorConfig& config);
/// Nonzeros wanted of the families that read `entries`.
std::uint64_t wanted_entries(const GeneratorConfig& config);

Csr uniform_pattern(const GeneratorConfig& config, Random& random);  ///< also rectangular and hypersparse
Csr power_law_pattern(const GeneratorConfig& config, Random& random);
Csr pruned_pattern(const GeneratorConfig& config, Random& random);
Csr n_m_pruned_pattern(const GeneratorConfig& config, Random& random);
Csr rmat_pattern(const GeneratorConfig& config, Random& random);
Csr banded_pattern(const GeneratorConfig& config, Random& random);
Csr block_pattern(const GeneratorConfig& config, Random& random);
/// Neighbours along the axes and the point itself; x fastest. A 2-D mesh has grid_z = 1.
Csr mesh_pattern(std::uint32_t grid_x, std::uint32_t grid_y, std::uint32_t grid_z);

}  // namespace heddle
