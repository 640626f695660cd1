#include "dataflows/point.h"

#include "sim/report/model_version.h"

namespace heddle {

PointHeader spgemm_header(const std::string& config_hash, const WorkloadSummary& workload, std::string_view dataflow) {
  return point_header(kSpgemmKind, config_hash, {workload.a_hash, workload.b_hash, dataflow}, kModelVersion);
}

}  // namespace heddle
