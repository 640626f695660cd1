#include "models/replay/result.h"

#include <cmath>

#include "sim/base/errors.h"

namespace heddle {

double ReplayRow::error() const {
  HEDDLE_CHECK(published && *published != 0 && std::isfinite(ours));
  return ours / *published - 1;
}

bool ReplayRow::holds() const {
  return !judged() || std::fabs(error()) <= *tolerance;
}

}  // namespace heddle
