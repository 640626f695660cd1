// Names of DRAM parts as test parameters.
#pragma once

#include <ostream>

#include "sim/memory/dram_part.h"

namespace heddle {

inline void PrintTo(const DramPart& part, std::ostream* out) {
  *out << part.name;
}

}  // namespace heddle
