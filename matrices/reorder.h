// Orders of rows that make neighbours share columns, so that a cache of B's rows is reused.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "matrices/csr.h"
#include "sim/base/describe.h"

namespace heddle {

enum class ReorderMethod : std::uint8_t { given, affinity, rcm, degree };
constexpr EnumName<ReorderMethod> kReorderMethodNames[] = {
    {ReorderMethod::given, "given", "as it is"},
    {ReorderMethod::affinity, "affinity",
     "next comes the row that shares most columns with the last `window` rows (Gamma, ASPLOS 2021); rows only"},
    {ReorderMethod::rcm, "rcm", "reverse Cuthill-McKee on the pattern of A + A^T; rows and columns alike"},
    {ReorderMethod::degree, "degree", "longest row first; rows only"}};
constexpr std::span<const EnumName<ReorderMethod>> enum_names(ReorderMethod) {
  return kReorderMethodNames;
}

/// Row `order[i]` of the matrix comes i-th.
struct Reordering {
  std::vector<std::uint32_t> order;
  std::uint64_t visits = 0;  ///< nonzeros looked at: what finding the order costs
};

/// Rows within which affinity counts: as many as a cache of `cache_bytes` holds with the rows of B that they name, all
/// rows taken to be of mean length (Gamma's rule). At least 1.
std::uint64_t affinity_window(const Csr& matrix, std::uint64_t cache_bytes, std::uint32_t element_bytes);

/// Ties go to the lowest row. `window` is used by affinity alone. Throws InputError for rcm of a matrix that is not
/// square. Affinity: O(sum over columns of nnz(column)^2 log rows); rcm: O(nnz log nnz); degree: O(rows log rows).
Reordering reorder(const Csr& matrix, ReorderMethod method, std::uint64_t window);

/// Row order[i] of `matrix` becomes row i.
Csr permute_rows(const Csr& matrix, std::span<const std::uint32_t> order);
/// The same, and column order[i] becomes column i. The matrix must be square.
Csr permute_symmetric(const Csr& matrix, std::span<const std::uint32_t> order);

/// The one or the other: rcm is of rows and columns.
Csr permute(const Csr& matrix, ReorderMethod method, std::span<const std::uint32_t> order);
/// `matrix` by `method`, the window being that of a cache of `cache_bytes`; itself if the order is the given one.
std::shared_ptr<const Csr> reordered(std::shared_ptr<const Csr> matrix, ReorderMethod method, std::uint64_t cache_bytes,
                                     std::uint32_t element_bytes);

/// Columns that a row shares with the row before it, mean over rows: what reordering is after.
double mean_affinity(const Csr& matrix);

}  // namespace heddle
