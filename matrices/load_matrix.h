// Any matrix file, by its name.
#pragma once

#include <iosfwd>
#include <string>

#include "matrices/loaded_matrix.h"

namespace heddle {

/// .mtx, .smtx and each with .gz. Throws InputError that names the path, and the line where there is one.
LoadedMatrix load_matrix(const std::string& path, const ReadLimits& limits = {});

/// The same from a stream that stands for `name`: read as .smtx when the name says so, else as Matrix Market.
LoadedMatrix load_matrix(std::istream& stream, const std::string& name, const ReadLimits& limits = {});

}  // namespace heddle
