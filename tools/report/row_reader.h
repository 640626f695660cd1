// From rows of a store, or of a result file, to rows of a report. Internal to tools/report.
#pragma once

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/store/value.h"
#include "tools/report/report_data.h"

namespace heddle {

class RowReader {
 public:
  explicit RowReader(ReportData& data) : data_(data) {}

  /// What add() wants, in this order; absent values are fine.
  static std::span<const char* const> columns();

  /// Rows that follow are from here; `configs` are effective configurations (JSON) by hash.
  void begin_source(const std::string& name, const std::map<std::string, std::string>& configs);
  void add(std::span<const Value> row);
  /// Names the variants, once all configurations are known, and sorts the rows.
  void finish();

 private:
  std::uint32_t index_of(std::vector<std::string>& names, std::unordered_map<std::string, std::uint32_t>& known,
                         const std::string& name);
  void add_stalls(const ResultRow& row, const std::string& json);
  void name_variants();
  void order_dataflows();
  void sort_rows();

  ReportData& data_;
  std::uint32_t source_ = 0;
  std::unordered_map<std::string, std::uint32_t> matrices_, dataflows_, variants_;  ///< variants by config hash
  std::map<std::string, std::string> configs_;
  std::vector<std::string> variant_hashes_, variant_machines_;
  std::map<std::string, std::uint64_t> versions_;
};

}  // namespace heddle
