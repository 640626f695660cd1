// A sweep as its YAML file describes it: variants (configuration and dataflow) times matrices, less what is excluded.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dataflows/dataflow.h"
#include "tools/heddle/simulation.h"
#include "tools/sweep/matrix_source.h"

namespace heddle {

/// The keys of a sweep file.
struct SweepKeys {
  RawNode name, machines, dataflows, matrices, config, zip, exclude, check;
};
template <class V>
void describe(V& v, SweepKeys& s) {
  v.field("name", s.name, "text", "of the sweep and of its store; otherwise the name of the file");
  v.field("machines", s.machines, "text", "names or files of machines; otherwise shared_budget");
  v.field("dataflows", s.dataflows, "text", "names of dataflows; otherwise all");
  v.field("matrices", s.matrices, "text", "a list of sets, each with files, index or generate");
  v.field("config", s.config, "text", "keys of the configuration, over those of the machine; a list is an axis");
  v.field("zip", s.zip, "text", "lists of axes that advance together: config keys, machines, dataflows");
  v.field("exclude", s.exclude, "text", "points to leave out, by values of axes, machine, dataflow and matrix");
  v.field("check", s.check, "text", "auto, on or off: form C and compare it, as heddle simulate --check");
}

/// A configuration shared by all points that have it.
struct EffectiveConfig {
  Config config;
  std::string hash, json;
};

/// What a point is apart from its matrix.
struct Variant {
  std::shared_ptr<const EffectiveConfig> config;
  const CatalogEntry* dataflow = nullptr;
  std::map<std::string, std::string> settings;  ///< "machine", "dataflow" and each axis by its key
  std::string label;                            ///< "shared_budget machine.pe.count=8 row_wise"
};

/// A point is left out when all of these hold: name of an axis, machine, dataflow or matrix, and patterns for its
/// value.
using Exclusion = std::map<std::string, std::vector<std::string>>;

struct Sweep {
  std::string name;
  std::vector<Variant> variants;  ///< in the order written, dataflows running fastest
  std::vector<MatrixSource> matrices;
  std::vector<Exclusion> exclusions;
  CheckMode check = CheckMode::automatic;
  std::vector<std::string> notes;  ///< optional matrix sets that are not there

  bool excludes(const Variant& variant, const std::string& matrix) const;
};

/// Throws InputError with file:line, key path, what was expected and the nearest spelling. Matrix files must exist but
/// are not read.
Sweep load_sweep(const std::string& path);

}  // namespace heddle
