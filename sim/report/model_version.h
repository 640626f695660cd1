// One number for "the same input gives the same figures".
#pragma once

namespace heddle {

/// Bumped by one whenever a golden cycle count, a count of traffic or any other figure of a run changes for an
/// unchanged input: results of different model versions are not comparable, so the store simulates anew. Not bumped for
/// new keys, new options that default to what was, or speed. A bump comes with `tools/results`, which regenerates the
/// tables in results/.
inline constexpr int kModelVersion = 4;

}  // namespace heddle
