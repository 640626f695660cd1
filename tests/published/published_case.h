// One run of one dataflow on a machine file and a matrix of the real collection; skipped where the collection is
// absent.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "dataflows/dataflow.h"
#include "matrices/load_matrix.h"
#include "sim/base/config_tree.h"
#include "sim/base/yaml_reader.h"

namespace heddle::published {

inline std::string collection() {
  const char* folder = std::getenv("HEDDLE_MATRICES");
  return folder != nullptr ? folder : HEDDLE_SOURCE_DIR "/../shared/matrices";
}

inline Config machine(const std::string& name) {
  Config config;
  read_config(load_config(HEDDLE_SOURCE_DIR "/configs/machines/" + name + ".yaml"), config);
  return config;
}

/// A*A, or A*At with `transposed`.
inline Workload workload(const std::string& file, bool transposed = false) {
  auto a = std::make_shared<const Csr>(load_matrix(collection() + "/" + file).matrix);
  auto b = transposed ? std::make_shared<const Csr>(transpose(*a)) : a;
  return make_workload(a, b, file, file);
}

inline RunReport run(const Workload& workload, const Config& config, std::string_view dataflow) {
  return find_dataflow(dataflow).run(workload, config, {}).report;
}

}  // namespace heddle::published

#define SKIP_WITHOUT_COLLECTION(file)                                           \
  if (!std::filesystem::exists(heddle::published::collection() + "/" + (file))) \
  GTEST_SKIP() << "needs " << (file) << " in $HEDDLE_MATRICES"
