// Paths as sweep files write them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/yaml_reader.h"

namespace heddle {

/// Relative to `folder`, ${NAME} at the beginning replaced by the environment variable; none when that is not set.
/// Throws InputError at `at` for a malformed ${.
std::optional<std::string> resolve_path(const ConfigPlace& at, const std::string& folder);

/// The files a path or a pattern names, sorted; none when there are none.
std::vector<std::string> files_of(const std::string& pattern);

/// Throws InputError at `at`: there is no such file; names the nearest one in its folder.
[[noreturn]] void fail_no_file(const ConfigPlace& at, const std::string& path);

/// "karate" of "data/karate.mtx.gz".
std::string matrix_stem(const std::string& path);

}  // namespace heddle
