#include "matrices/load_matrix.h"

#include "matrices/byte_source.h"
#include "matrices/matrix_market.h"
#include "matrices/smtx.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

bool is_smtx(const std::string& name) {
  return name.ends_with(".smtx") || name.ends_with(".smtx.gz");
}
bool is_market(const std::string& name) {
  return name.ends_with(".mtx") || name.ends_with(".mtx.gz");
}

LoadedMatrix load(ByteSource& bytes, const std::string& name, const ReadLimits& limits) {
  return is_smtx(name) ? read_smtx(bytes, name, limits) : read_matrix_market(bytes, name, limits);
}

}  // namespace

LoadedMatrix load_matrix(const std::string& path, const ReadLimits& limits) {
  const auto bytes = open_bytes(path);
  if (!is_smtx(path) && !is_market(path))
    throw InputError(path + ": unknown kind of file; expected a name ending in .mtx, .mtx.gz, .smtx or .smtx.gz");
  return load(*bytes, path, limits);
}

LoadedMatrix load_matrix(std::istream& stream, const std::string& name, const ReadLimits& limits) {
  return load(*open_bytes(stream), name, limits);
}

}  // namespace heddle
