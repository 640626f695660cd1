#include "dataflows/point.h"

#include "sim/report/model_version.h"

namespace heddle {

PointHeader spgemm_header(const std::string& config_hash, const WorkloadSummary& workload, std::string_view dataflow) {
  PointHeader header;
  header.key =
      point_key({kSpgemmKind, config_hash, workload.a_hash, workload.b_hash, dataflow, std::to_string(kModelVersion)});
  header.kind = kSpgemmKind;
  header.config_hash = config_hash;
  header.model_version = kModelVersion;
  return header;
}

}  // namespace heddle
