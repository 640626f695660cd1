// Rows of a store for people and programs: the described columns, and the keys of the configuration that vary.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/store/store.h"

namespace heddle {

/// Of the columns made from configurations: "config.machine.pe.count".
inline constexpr std::string_view kConfigPrefix = "config.";

/// Every scalar of an effective configuration by its path; quantities ("3 MiB") as numbers of their base unit.
std::map<std::string, Value> config_values(const std::string& json);

struct RowChoice {
  std::string sweep;                 ///< only of this plan, in its order; "" for all, by matrix, machine and dataflow
  std::vector<std::string> columns;  ///< in this order; empty: all
  bool host = false;                 ///< with the columns about the host, if all
  bool failed = true;                ///< with points that failed
};

class ResultRows {
 public:
  /// Throws InputError for an unknown column or sweep, naming the nearest.
  ResultRows(Store& store, const RowChoice& choice);

  const std::vector<Column>& columns() const { return columns_; }
  void for_each(const std::function<void(std::span<const Value>)>& row);

 private:
  void find_varying_keys();
  void choose_columns(const std::vector<std::string>& wanted, bool host);
  Store::Query query() const;

  Store& store_;
  RowChoice choice_;
  std::map<std::string, std::map<std::string, Value>> configs_;  ///< varying keys by configuration
  std::vector<Column> columns_;
};

std::string rows_csv(ResultRows& rows);
/// One JSON object per line; absent values are left out.
std::string rows_jsonl(ResultRows& rows);
/// Name, type, unit and sentence of each column.
std::string columns_csv(const ResultRows& rows);

}  // namespace heddle
