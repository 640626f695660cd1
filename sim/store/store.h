// The result store: one SQLite file of points. A point is one run, known by a key; its row holds whatever its struct
// describes, in columns that carry unit and sentence (table `columns`). Every put is one transaction in write-ahead
// mode: a process killed at any moment leaves a valid file with all points put before.
//
//   points   one row per point: PointHeader, then the described columns; NULL where a kind has no such column
//   columns  name, type, unit and sentence of each column of points
//   configs  effective configurations as JSON, by their hash; where `base` is not NULL, `json` is what stands between
//            the first `head` and the last `tail` bytes of the JSON of that one, which is whole
//   planned  what each sweep consists of, so that a store knows what is missing
//
// Errors the user can mend (no permission, disk full, no store, other units) are InputErrors naming the file.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/store/value.h"

namespace heddle {

class Database;
class Statement;

enum class PointStatus : std::uint8_t { ok, failed };
constexpr EnumName<PointStatus> kPointStatusNames[] = {{PointStatus::ok, "ok", "ran to its end, all laws held"},
                                                       {PointStatus::failed, "failed", "`error` says why"}};
constexpr std::span<const EnumName<PointStatus>> enum_names(PointStatus) {
  return kPointStatusNames;
}

struct PointHeader {
  std::string key;
  std::string identity;  ///< the key without the model version: the same experiment in stores of two versions
  std::string kind;      ///< "spgemm", or the kind of a replay: rows of one kind have the same columns
  std::string config_hash;
  std::uint32_t model_version = 0;
  PointStatus status = PointStatus::ok;
  std::string error;
};
template <class V>
void describe(V& v, PointHeader& p) {
  v.field("key", p.key, "",
          "identity: hash of effective configuration, content of the matrices, model version, action");
  v.field("identity", p.identity, "", "the key without the model version");
  v.field("kind", p.kind, "", "what was run; rows of one kind have the same columns");
  v.field("config_hash", p.config_hash, "", "identity of the effective configuration");
  v.field("model_version", p.model_version, "", "results of different model versions are not comparable");
  v.field("status", p.status, "", "ok or failed");
  v.field("error", p.error, "", "why it failed");
}

/// Hash of the parts in this order, 32 hexadecimal digits. No part may hold a newline.
std::string point_key(std::initializer_list<std::string_view> parts);

/// A header with identity and key made of the kind, the configuration's hash, the other `parts` the result depends on
/// (hashes of matrices, name of the dataflow) and, for the key, the model version.
PointHeader point_header(std::string_view kind, const std::string& config_hash,
                         std::initializer_list<std::string_view> parts, std::uint32_t model_version);

struct PlannedPoint {
  std::string key;
  std::string label;  ///< for messages: "karate, shared_budget, row_wise"
};

/// Columns of this prefix tell about the host, not the result: never compared, exported only on request.
inline constexpr std::string_view kHostPrefix = "host.";

/// Usable by several threads; calls take turns.
class Store {
 public:
  enum class Access : std::uint8_t { read, write };

  /// Access::write makes the file if there is none. A store of an older layout is brought up to date; one of a newer
  /// layout is refused.
  Store(std::string path, Access access);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Of the point with this key; none when there is no such point.
  std::optional<PointStatus> status(std::string_view key);

  /// What put() takes; filled again, it allocates nothing.
  struct Row {
    /// T describes the same fields at any time. `config`: the JSON behind header.config_hash, none when empty; it must
    /// outlive the put().
    template <class T>
    void fill(const PointHeader& header, const T& row, std::string_view config) {
      columns = &columns_of<T>();
      ValueCollector collector(values);
      describe_constant(collector, header);
      describe_constant(collector, row);
      collector.finish();
      config_hash = header.config_hash;
      config_json = config;
    }

    const std::vector<Column>* columns = nullptr;  ///< behind those of the header
    std::vector<Value> values;                     ///< the header's first
    std::string config_hash;
    std::string_view config_json;
  };
  /// One row, one transaction; replaces a row of the same key. Its configuration is put with it if that is new.
  void put(const Row& row);
  template <class T>
  void put(const PointHeader& header, const T& row, std::string_view config = {}) {
    Row filled;
    filled.fill(header, row, config);
    put(filled);
  }
  /// Replaces the plan of this name, in one transaction. Keys are distinct.
  void put_plan(const std::string& sweep, std::span<const PlannedPoint> points);

  const std::string& path() const { return path_; }
  /// All columns of points, in the order they were first put; the header first.
  std::vector<Column> columns();
  /// Names of the sweeps planned.
  std::vector<std::string> sweeps();
  std::vector<PlannedPoint> plan(const std::string& sweep);
  /// By hash.
  std::map<std::string, std::string> configs();
  std::uint64_t count(PointStatus status);

  struct Query {
    std::vector<std::string> columns;   ///< unknown ones give absent values
    std::string where;                  ///< SQL condition over the columns; "" for all
    std::vector<std::string> order_by;  ///< columns; the key decides among equals
    std::string sweep;                  ///< only points of this plan, in its order; "" for all
    bool any_order = false;             ///< as it comes: quick for many rows
  };
  /// Calls `row` once per point; the values live until it returns. `row` may not call this store.
  void scan(const Query& query, const std::function<void(std::span<const Value>)>& row);

  struct Merged {
    std::uint64_t added = 0, equal = 0;
    std::vector<std::string> conflicts;  ///< keys whose rows differ in something else than the host; ours are kept
  };
  /// Adds what the other store has and this one has not, in one transaction. A row that is ok replaces a failed one; a
  /// plan of the same name is replaced.
  Merged merge(Store& other);

 private:
  /// `values`: the header's, then those of `columns`.
  void insert(const std::vector<Column>& columns, std::span<const Value> values);
  void add_columns(std::span<const Column> columns);
  /// True if it is kept whole; to be remembered when the transaction is committed.
  bool add_config(std::string_view hash, std::string_view json);
  void remember_config(std::string_view hash, std::string_view json, bool whole);
  void replace_plan(const std::string& sweep, std::span<const PlannedPoint> points);
  void load_columns();

  std::string path_;
  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  std::vector<Column> columns_;
  std::map<std::string, std::size_t, std::less<>> column_index_;
  std::map<const std::vector<Column>*, std::unique_ptr<Statement>> inserts_;  ///< by the address of columns_of<T>()
  std::unique_ptr<Statement> find_, add_config_;
  std::set<std::string, std::less<>> configs_;                     ///< hashes of those in the file
  std::deque<std::pair<std::string, std::string>> whole_configs_;  ///< hash and JSON of the newest that are kept whole
};

}  // namespace heddle
