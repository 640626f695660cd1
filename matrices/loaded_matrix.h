// What a reader of matrix files gives back, and the bounds it keeps.
#pragma once

#include <cstdint>

#include "matrices/csr.h"

namespace heddle {

/// Largest number of rows or columns.
inline constexpr std::uint64_t kMostRows = (std::uint64_t{1} << 31) - 1;

/// Rows and columns are arrays of ours, so a header alone must not size them: a file may announce this many, or this
/// many times its stored entries, whichever is more.
struct ReadLimits {
  std::uint64_t dimension = std::uint64_t{1} << 24;
  std::uint64_t dimension_per_entry = 64;
};

/// nnz = stored_entries + mirrored_entries - duplicates_merged.
struct ReadStatistics {
  std::uint64_t stored_entries = 0;     ///< entries of the file; of an array file its nonzeros
  std::uint64_t mirrored_entries = 0;   ///< added by symmetry
  std::uint64_t duplicates_merged = 0;  ///< summed into another of the same coordinates (pattern: dropped)
  std::uint64_t explicit_zeros = 0;     ///< elements of the matrix whose value is 0
  std::uint64_t text_bytes = 0;         ///< read, after decompression
};

template <class V>
void describe(V& v, ReadStatistics& s) {
  v.field("stored_entries", s.stored_entries, "count", "entries of the file (array files: its nonzeros)");
  v.field("mirrored_entries", s.mirrored_entries, "count", "entries added by symmetry");
  v.field("duplicates_merged", s.duplicates_merged, "count", "entries summed into another of the same coordinates");
  v.field("explicit_zeros", s.explicit_zeros, "count", "stored elements whose value is 0");
  v.field("text_bytes", s.text_bytes, "B", "text read, after decompression");
}

struct LoadedMatrix {
  Csr matrix;
  bool pattern = false;  ///< the file carries no values; all are 1
  ReadStatistics statistics;
};

}  // namespace heddle
