// Result files of simulate, replay and reproduce as parts of a report. Internal to tools/report.
#pragma once

#include <string>

#include "tools/report/row_reader.h"

namespace heddle {

/// The runs of one matrix of `heddle simulate --json`.
void load_simulation(const std::string& path, const Json& result, RowReader& reader);

/// `rows` of `heddle replay --json` or `heddle reproduce --json`.
PublishedTable published_table(const std::string& path, const Json& result);

}  // namespace heddle
