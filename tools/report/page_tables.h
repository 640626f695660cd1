// The tables of a report's page. Internal to tools/report.
#pragma once

#include <string>

#include "tools/report/page.h"

namespace heddle {

/// "" when there are none.
std::string failed_section(const ReportData& data);
/// Published figures beside ours, and the replay's own tables.
std::string published_section(const PublishedTable& table, std::size_t index);
/// Every run, sortable and filterable; the fastest dataflow of each matrix and machine is marked.
std::string runs_section(const ReportData& data);
/// What the columns of a store mean.
std::string keys_section(const ReportData& data);

}  // namespace heddle
