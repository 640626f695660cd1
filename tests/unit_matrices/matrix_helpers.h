// Small things that the tests of matrices/ share.
#pragma once

#include <Eigen/SparseCore>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "matrices/csr.h"
#include "matrices/generate.h"
#include "matrices/load_matrix.h"
#include "matrices/workload.h"
#include "sim/base/errors.h"

namespace heddle {

using EigenMatrix = Eigen::SparseMatrix<double, Eigen::RowMajor, std::int64_t>;

inline LoadedMatrix read_text(const std::string& text, const std::string& name = "text.mtx") {
  std::istringstream stream(text);
  return load_matrix(stream, name);
}

/// The message with which reading `text` fails; "accepted" when it does not.
inline std::string failure_of(const std::string& text, const std::string& name = "text.mtx") {
  try {
    read_text(text, name);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

inline std::shared_ptr<const Csr> shared(Csr matrix) {
  return std::make_shared<const Csr>(std::move(matrix));
}

inline Workload square(const Csr& matrix) {
  const auto a = shared(matrix);
  return make_workload(a, a, "a", "a");
}

inline EigenMatrix to_eigen(const Csr& matrix) {
  std::vector<Eigen::Triplet<double, std::int64_t>> entries;
  for (std::uint32_t row = 0; row < matrix.rows; ++row)
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i)
      entries.emplace_back(row, matrix.coordinates[i], matrix.values[i]);
  EigenMatrix result(matrix.rows, matrix.cols);
  result.setFromTriplets(entries.begin(), entries.end());
  return result;
}

/// Offsets rise to nnz, coordinates ascend within rows and stay below cols.
inline bool well_formed(const Csr& matrix) {
  if (matrix.pointers.size() != std::size_t{matrix.rows} + 1 || matrix.pointers.front() != 0) return false;
  if (matrix.pointers.back() != matrix.nnz() || matrix.values.size() != matrix.nnz()) return false;
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    if (matrix.pointers[row] > matrix.pointers[row + 1]) return false;
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i) {
      if (matrix.coordinates[i] >= matrix.cols) return false;
      if (i > matrix.pointers[row] && matrix.coordinates[i - 1] >= matrix.coordinates[i]) return false;
    }
  }
  return true;
}

/// Folder of the real matrices; empty when there is none.
inline std::filesystem::path collection_folder() {
  const char* const named = std::getenv("HEDDLE_MATRICES");
  const std::filesystem::path folder =
      named ? std::filesystem::path(named) : std::filesystem::path(HEDDLE_SOURCE_DIR) / "../shared/matrices";
  return std::filesystem::exists(folder / "INDEX.csv") ? folder : std::filesystem::path();
}

inline std::filesystem::path source_folder(const std::string& below) {
  return std::filesystem::path(HEDDLE_SOURCE_DIR) / below;
}

}  // namespace heddle
