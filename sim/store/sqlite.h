// SQLite behind two classes that throw: what the user can mend (disk full, no permission, no such file, another file
// format) is an InputError naming the file, anything else an InternalError. Internal to sim/store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/store/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace heddle {

class Statement;

/// One connection; not for two threads at a time.
class Database {
 public:
  /// `uri` as sqlite3_open_v2 takes it with SQLITE_OPEN_URI; `path` for messages.
  Database(const std::string& uri, std::string path, int flags);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Statements without parameters and results.
  void run(const std::string& sql);
  /// Rows the last statement changed.
  std::uint64_t changes() const;
  /// Throws if `code` is an error.
  void require(int code, std::string_view doing);
  sqlite3* handle() { return handle_; }
  const std::string& path() const { return path_; }

 private:
  friend class Transaction;

  std::string path_;
  sqlite3* handle_ = nullptr;
  std::unique_ptr<Statement> begin_, commit_;
};

/// One prepared statement, to be bound and stepped any number of times.
class Statement {
 public:
  Statement(Database& database, const std::string& sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Parameters count from 1. Texts are not copied: they must outlive the next step().
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind(int parameter, const Value& value);
  /// True when there is a row; at the end the statement is ready to be bound anew.
  bool step();
  /// step() of what has no rows.
  void execute();
  void reset();

  /// Columns count from 0.
  Value value(int column) const;
  std::int64_t integer(int column) const;
  std::string text(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// Rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

/// "dram_bytes.total" as an SQL name, quotes doubled.
std::string sql_name(std::string_view name);

}  // namespace heddle
