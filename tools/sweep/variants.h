// From machines, configuration axes and dataflows to the variants of a sweep.
#pragma once

#include <vector>

#include "tools/sweep/sweep_file.h"

namespace heddle {

/// The product of all axes, zipped ones advancing together. Throws InputError.
std::vector<Variant> expand_variants(const SweepKeys& keys, const std::string& folder);

}  // namespace heddle
