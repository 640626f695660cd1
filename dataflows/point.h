// One run as a row of the result store: its identity, and what is kept of it.
#pragma once

#include <string>
#include <string_view>

#include "dataflows/config.h"
#include "matrices/profile.h"
#include "matrices/summary.h"
#include "sim/report/report.h"
#include "sim/store/store.h"

namespace heddle {

inline constexpr std::string_view kSpgemmKind = "spgemm";

/// What a point is, before it has run.
struct PointIdentity {
  std::string machine;  ///< machine.name of the configuration
  std::string dataflow;
  WorkloadSummary workload;
  MatrixProfile a;
};
template <class V>
void describe(V& v, PointIdentity& p) {
  v.field("machine", p.machine, "name", "name of the machine in its configuration");
  v.field("dataflow", p.dataflow, "name", "inner_product, outer_product or row_wise");
  v.section("workload", p.workload, "the product that was computed");
  v.section("profile", p.a, "structure of A");
}

/// A point that has run: identity, report and what it took on the host.
struct PointRow {
  PointIdentity identity;
  RunReport report;
  double wall_seconds = 0;
};
template <class V>
void describe(V& v, PointRow& p) {
  v.field("machine", p.identity.machine, "name", "name of the machine in its configuration");
  v.section("workload", p.identity.workload, "the product that was computed");
  v.section("profile", p.identity.a, "structure of A");
  describe(v, p.report);
  v.field("host.wall_seconds", p.wall_seconds, "s", "the simulation took this long on its host");
}

/// The header of the row: the key is made of the effective configuration (by its hash), the content of A and B, the
/// dataflow and the model version.
PointHeader spgemm_header(const std::string& config_hash, const WorkloadSummary& workload, std::string_view dataflow);

}  // namespace heddle
