// heddle sweep status | merge | export: what can be done with result stores; and the comparison of two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heddle {

struct StoreCommand {
  std::string_view name;
  int (*run)(const std::vector<std::string>& words);
};
/// nullptr when `name` is none of them.
const StoreCommand* find_store_command(const std::string& name);

bool file_exists(const std::string& path);

/// Does the file begin as a database does? False as well when it cannot be read.
bool is_store(const std::string& path);

/// Every difference of two stores beyond `tolerance` (a fraction of the larger number), one per line; points are
/// matched whatever their model version. What the host needed is not compared.
std::string store_differences(const std::string& x, const std::string& y, double tolerance);

}  // namespace heddle
