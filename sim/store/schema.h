// The layout of a store file, and how older layouts become the newest. Internal to sim/store.
#pragma once

#include "sim/store/sqlite.h"

namespace heddle {

/// In the header of every store: "HEDL".
inline constexpr std::int64_t kStoreApplicationId = 0x4845444c;

/// Number of the newest layout; PRAGMA user_version of a file.
std::int64_t newest_layout();

/// Brings an empty file or a store of any older layout to `layout`, each step in a transaction of its own. Throws
/// InputError for a newer one and for a file that is no store.
void bring_to_layout(Database& database, std::int64_t layout);

}  // namespace heddle
