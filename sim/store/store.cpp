#include "sim/store/store.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "sim/base/errors.h"
#include "sim/base/hash.h"
#include "sim/store/schema.h"
#include "sim/store/sqlite.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

constexpr std::array<EnumName<ValueType>, 3> kTypeNames = {{{ValueType::integer, "INTEGER", "a whole number"},
                                                            {ValueType::real, "REAL", "a number"},
                                                            {ValueType::text, "TEXT", "a text"}}};

std::string_view type_name(ValueType type) {
  return kTypeNames[static_cast<std::size_t>(type)].name;
}

ValueType type_of(std::string_view name) {
  for (const auto& entry : kTypeNames)
    if (entry.name == name) return entry.value;
  throw InternalError("a column of the store has the unknown type " + std::string(name));
}

/// A path as part of a URI: SQLite takes %, ? and # for its own.
std::string uri_of(const std::string& path, const std::string& parameters) {
  std::string uri = "file:";
  for (const char c : path) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#')
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    else
      uri += c;
  }
  return uri + parameters;
}

std::unique_ptr<Database> open_to_write(const std::string& path) {
  auto database = std::make_unique<Database>(uri_of(path, ""), path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  // NORMAL: a killed process loses nothing; a power cut may lose the last points, never the file.
  // The log is moved into the file every 4000 pages (16 MB): each time costs two fsync.
  database->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;");
  bring_to_layout(*database, newest_layout());
  return database;
}

/// A store on a medium that cannot be written is taken as immutable: its log, if any, could not be read anyway.
std::unique_ptr<Database> open_to_read(const std::string& path) {
  std::error_code unknown;
  if (!fs::exists(path, unknown)) throw InputError(path + ": no such store");
  if (fs::is_directory(path, unknown)) throw InputError(path + ": expected a store, is a directory");
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : ".";
  const bool writable = access(path.c_str(), W_OK) == 0 && access(folder.c_str(), W_OK) == 0;
  const std::string uri = uri_of(path, writable ? "" : "?immutable=1");
  auto database = std::make_unique<Database>(uri, path, writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  Statement tables(*database, "SELECT count(*) FROM sqlite_master");
  if (!tables.step() || tables.integer(0) == 0)
    throw InputError(path + ": expected a result store of heddle sweep, the file is empty");
  tables.reset();
  bring_to_layout(*database, newest_layout());
  return database;
}

std::string parameters(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ",?";
  return text;
}

template <class Columns>
std::string names(const Columns& columns) {
  std::string text;
  for (const Column& column : columns) text += (text.empty() ? "" : ",") + sql_name(column.name);
  return text;
}

constexpr std::size_t kMostWholeConfigs = 16;  // against which a new one is compared

/// How many bytes two texts share at the begin, and behind those at the end; no character is cut.
struct Shared {
  std::size_t head = 0, tail = 0;
};

Shared shared_ends(std::string_view x, std::string_view y) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  const std::size_t size = std::min(x.size(), y.size());
  Shared shared;
  shared.head = static_cast<std::size_t>(std::mismatch(x.begin(), x.begin() + size, y.begin()).first - x.begin());
  while (shared.head > 0 && shared.head < x.size() && continues(x[shared.head])) --shared.head;
  while (shared.tail < size - shared.head && x[x.size() - 1 - shared.tail] == y[y.size() - 1 - shared.tail])
    ++shared.tail;
  while (shared.tail > 0 && continues(x[x.size() - shared.tail])) --shared.tail;
  return shared;
}

}  // namespace

std::string point_key(std::initializer_list<std::string_view> parts) {
  Hasher hasher;
  for (const std::string_view part : parts) {
    HEDDLE_CHECK(part.find('\n') == std::string_view::npos);
    hasher.update(part);
    hasher.update(std::string_view("\n"));
  }
  return hasher.hex();
}

PointHeader point_header(std::string_view kind, const std::string& config_hash,
                         std::initializer_list<std::string_view> parts, std::uint32_t model_version) {
  PointHeader header;
  header.identity = point_key({kind, config_hash, point_key(parts)});
  header.key = point_key({header.identity, std::to_string(model_version)});
  header.kind = kind;
  header.config_hash = config_hash;
  header.model_version = model_version;
  return header;
}

Store::Store(std::string path, Access access)
    : path_(std::move(path)), database_(access == Access::write ? open_to_write(path_) : open_to_read(path_)) {
  load_columns();
  if (access == Access::write) {
    Transaction transaction(*database_);
    add_columns(columns_of<PointHeader>());
    transaction.commit();
    Statement known(*database_, "SELECT hash, json, base IS NULL FROM configs ORDER BY rowid");
    while (known.step()) remember_config(known.text(0), known.text(1), known.integer(2) != 0);
  }
}

Store::~Store() = default;

std::optional<PointStatus> Store::status(std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (!find_) find_ = std::make_unique<Statement>(*database_, "SELECT status FROM points WHERE key = ?");
  find_->bind(1, key);
  if (!find_->step()) return std::nullopt;
  const bool ok = find_->text(0) == enum_name(PointStatus::ok);
  find_->reset();
  return ok ? PointStatus::ok : PointStatus::failed;
}

void Store::put(const Row& row) {
  const std::lock_guard lock(mutex_);
  const bool new_config = !row.config_json.empty() && !configs_.contains(row.config_hash);
  if (!new_config && inserts_.contains(row.columns)) {  // one statement is a transaction
    insert(*row.columns, row.values);
    return;
  }
  Transaction transaction(*database_);
  const bool whole = new_config && add_config(row.config_hash, row.config_json);
  insert(*row.columns, row.values);
  transaction.commit();
  if (new_config) remember_config(row.config_hash, row.config_json, whole);
}

void Store::insert(const std::vector<Column>& columns, std::span<const Value> values) {
  HEDDLE_CHECK(values.size() == columns_of<PointHeader>().size() + columns.size());
  auto found = inserts_.find(&columns);
  if (found == inserts_.end()) {
    add_columns(columns);
    const std::string list = names(columns_of<PointHeader>()) + (columns.empty() ? "" : ",") + names(columns);
    const std::string sql = "INSERT OR REPLACE INTO points(" + list + ") VALUES(" + parameters(values.size()) + ")";
    found = inserts_.emplace(&columns, std::make_unique<Statement>(*database_, sql)).first;
  }
  int parameter = 0;
  for (const Value& value : values) found->second->bind(++parameter, value);
  found->second->execute();
}

void Store::add_columns(std::span<const Column> columns) {
  for (const Column& column : columns) {
    const auto known = column_index_.find(column.name);
    if (known != column_index_.end()) {
      const Column& ours = columns_[known->second];
      if (ours.unit != column.unit || ours.type != column.type)
        throw InputError(path_ + ": column " + column.name + " is kept there as " + std::string(type_name(ours.type)) +
                         " in \"" + ours.unit + "\", this Heddle has " + std::string(type_name(column.type)) +
                         " in \"" + column.unit + "\"; expected a store of its own for new results");
      continue;
    }
    Statement exists(*database_, "SELECT count(*) FROM pragma_table_info('points') WHERE name = ?");
    if (exists.bind(1, std::string_view(column.name)).step() && exists.integer(0) == 0)
      database_->run("ALTER TABLE points ADD COLUMN " + sql_name(column.name) + " " +
                     std::string(type_name(column.type)));
    Statement describe_it(*database_, "INSERT OR IGNORE INTO columns(name, type, unit, text) VALUES(?, ?, ?, ?)");
    describe_it.bind(1, std::string_view(column.name)).bind(2, type_name(column.type));
    describe_it.bind(3, std::string_view(column.unit)).bind(4, std::string_view(column.text)).execute();
    column_index_.emplace(column.name, columns_.size());
    columns_.push_back(column);
  }
}

void Store::load_columns() {
  Statement all(*database_, "SELECT name, type, unit, text FROM columns ORDER BY ordinal");
  while (all.step()) {
    column_index_.emplace(all.text(0), columns_.size());
    columns_.push_back({all.text(0), type_of(all.text(1)), all.text(2), all.text(3)});
  }
}

void Store::put_plan(const std::string& sweep, std::span<const PlannedPoint> points) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*database_);
  replace_plan(sweep, points);
  transaction.commit();
}

bool Store::add_config(std::string_view hash, std::string_view json) {
  const std::string* base = nullptr;
  Shared shared;
  for (const auto& [other_hash, other] : whole_configs_) {
    const Shared candidate = shared_ends(json, other);
    if (candidate.head + candidate.tail <= std::max(shared.head + shared.tail, json.size() / 2)) continue;
    base = &other_hash;
    shared = candidate;
  }
  if (!add_config_) add_config_ = std::make_unique<Statement>(*database_, "INSERT INTO configs VALUES(?, ?, ?, ?, ?)");
  add_config_->bind(1, hash).bind(5, json.substr(shared.head, json.size() - shared.head - shared.tail));
  if (base != nullptr) add_config_->bind(2, std::string_view(*base));
  add_config_->bind(3, static_cast<std::int64_t>(shared.head)).bind(4, static_cast<std::int64_t>(shared.tail));
  add_config_->execute();
  return base == nullptr;
}

void Store::remember_config(std::string_view hash, std::string_view json, bool whole) {
  configs_.emplace(hash);
  if (!whole) return;
  whole_configs_.emplace_back(hash, json);
  if (whole_configs_.size() > kMostWholeConfigs) whole_configs_.pop_front();
}

void Store::replace_plan(const std::string& sweep, std::span<const PlannedPoint> points) {
  Statement clear(*database_, "DELETE FROM planned WHERE sweep = ?");
  clear.bind(1, std::string_view(sweep)).execute();
  Statement insert(*database_, "INSERT INTO planned VALUES(?, ?, ?, ?)");
  std::int64_t ordinal = 0;
  for (const PlannedPoint& point : points) {
    insert.bind(1, std::string_view(sweep)).bind(2, ordinal++);
    insert.bind(3, std::string_view(point.key)).bind(4, std::string_view(point.label)).execute();
  }
}

std::vector<Column> Store::columns() {
  const std::lock_guard lock(mutex_);
  return columns_;
}

std::vector<std::string> Store::sweeps() {
  const std::lock_guard lock(mutex_);
  Statement all(*database_, "SELECT DISTINCT sweep FROM planned ORDER BY sweep");
  std::vector<std::string> found;
  while (all.step()) found.push_back(all.text(0));
  return found;
}

std::vector<PlannedPoint> Store::plan(const std::string& sweep) {
  const std::lock_guard lock(mutex_);
  Statement all(*database_, "SELECT key, label FROM planned WHERE sweep = ? ORDER BY ordinal");
  all.bind(1, std::string_view(sweep));
  std::vector<PlannedPoint> found;
  while (all.step()) found.push_back({all.text(0), all.text(1)});
  return found;
}

std::map<std::string, std::string> Store::configs() {
  const std::lock_guard lock(mutex_);
  Statement all(*database_, "SELECT hash, json, base, head, tail FROM configs ORDER BY base IS NOT NULL");
  std::map<std::string, std::string> found;
  while (all.step()) {
    std::string json = all.text(1);
    if (const std::string base = all.text(2); !base.empty()) {
      const std::string& whole = found[base];
      const auto head = static_cast<std::size_t>(all.integer(3)), tail = static_cast<std::size_t>(all.integer(4));
      if (head > whole.size() || tail > whole.size() - head)
        throw InputError(path_ + ": damaged: configuration " + all.text(0) + " differs from one that is not there");
      json = whole.substr(0, head) + json + whole.substr(whole.size() - tail);
    }
    found.emplace(all.text(0), std::move(json));
  }
  return found;
}

std::uint64_t Store::count(PointStatus status) {
  const std::lock_guard lock(mutex_);
  Statement all(*database_, "SELECT count(*) FROM points WHERE status = ?");
  HEDDLE_CHECK(all.bind(1, enum_name(status)).step());
  return static_cast<std::uint64_t>(all.integer(0));
}

void Store::scan(const Query& query, const std::function<void(std::span<const Value>)>& row) {
  const std::lock_guard lock(mutex_);
  std::string sql = "SELECT ";
  for (const std::string& name : query.columns)
    sql += (&name == &query.columns.front() ? "" : ",") + (column_index_.count(name) ? sql_name(name) : "NULL");
  sql += query.sweep.empty() ? " FROM points" : " FROM planned JOIN points USING(key)";
  sql += " WHERE " + (query.where.empty() ? "true" : "(" + query.where + ")");
  if (!query.sweep.empty()) sql += " AND sweep = ?";
  if (!query.any_order) {
    sql += query.sweep.empty() ? " ORDER BY " : " ORDER BY ordinal,";
    for (const std::string& name : query.order_by)
      if (column_index_.count(name)) sql += sql_name(name) + ",";
    sql += "key";
  }
  Statement all(*database_, sql);
  if (!query.sweep.empty()) all.bind(1, std::string_view(query.sweep));
  std::vector<Value> values(query.columns.size());
  while (all.step()) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = all.value(static_cast<int>(i));
    row(values);
  }
}

}  // namespace heddle
