// Small sweeps for tests.
#pragma once

#include <string>

#include "tests/cli/run_command.h"

namespace heddle::cli_test {

/// 2 matrices x 3 settings x 3 dataflows = 18 points on the tiny machine; writes `name` and returns its path.
inline std::string small_sweep(const ScratchFolder& scratch, const std::string& name = "s.yaml",
                               const std::string& more = "") {
  small_matrix(scratch);
  write_file(scratch.path(name),
             "name: s\n"
             "machines: tiny\n"
             "matrices:\n"
             "  - files: small.mtx\n"
             "  - generate: {family: rmat, scale: 6, edge_factor: 4, seed: 3}\n"
             "config:\n"
             "  machine: {pe: {count: [1, 2, 4]}}\n" +
                 more);
  return scratch.path(name);
}

/// Every row as CSV, in an order that does not depend on how it came there.
inline std::string rows_of(const std::string& store) {
  return run_heddle({"sweep", "export", store}).out;
}

}  // namespace heddle::cli_test
