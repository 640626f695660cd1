// Results for programs: one JSON object per matrix, one CSV row per run. The same run gives the same bytes.
#pragma once

#include <span>
#include <string>

#include "sim/base/json.h"
#include "sim/report/model_version.h"
#include "tools/heddle/simulation.h"

namespace heddle {

/// `with_host` adds wall time and memory of this host to each run.
Json experiment_json(const Experiment& experiment, bool with_host);

/// Header and one row per run; columns are the scalar keys of the JSON, nested ones joined by a dot.
std::string experiments_csv(std::span<const Json> experiments);

/// Every key of a result with unit and sentence, as a table.
std::string report_keys_text();

}  // namespace heddle
