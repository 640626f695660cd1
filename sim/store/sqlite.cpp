#include "sim/store/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

constexpr int kBusyMilliseconds = 30'000;  // another process may be writing the same store

/// What the user can do something about.
bool is_input_error(int code) {
  switch (code & 0xff) {
    case SQLITE_PERM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
      return true;
    default:
      return false;
  }
}

}  // namespace

Database::Database(const std::string& uri, std::string path, int flags) : path_(std::move(path)) {
  const int code = sqlite3_open_v2(uri.c_str(), &handle_, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  try {
    require(code, "open the store");
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  begin_.reset();
  commit_.reset();
  sqlite3_close(handle_);
}

void Database::run(const std::string& sql) {
  require(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr), "use the store");
}

std::uint64_t Database::changes() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(handle_));
}

void Database::require(int code, std::string_view doing) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  const std::string reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const std::string text = path_ + ": cannot " + std::string(doing) + ": " + reason;
  if (is_input_error(code)) throw InputError(text);
  throw InternalError(text);
}

Statement::Statement(Database& database, const std::string& sql) : database_(database) {
  database.require(sqlite3_prepare_v3(database.handle(), sql.c_str(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr),
                   "use the store");
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  database_.require(sqlite3_bind_int64(statement_, parameter, value), "use the store");
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  database_.require(
      sqlite3_bind_text(statement_, parameter, value.data(), static_cast<int>(value.size()), SQLITE_STATIC),
      "use the store");
  return *this;
}

Statement& Statement::bind(int parameter, const Value& value) {
  if (const auto* const whole = std::get_if<std::int64_t>(&value)) return bind(parameter, *whole);
  if (const auto* const text = std::get_if<std::string>(&value)) return bind(parameter, std::string_view(*text));
  const auto* const number = std::get_if<double>(&value);
  database_.require(number != nullptr ? sqlite3_bind_double(statement_, parameter, *number)
                                      : sqlite3_bind_null(statement_, parameter),
                    "use the store");
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    try {
      database_.require(code, "use the store");
    } catch (...) {
      sqlite3_reset(statement_);
      throw;
    }
  }
  reset();
  return false;
}

void Statement::execute() {
  HEDDLE_CHECK(!step());
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Value Statement::value(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return integer(column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement_, column);
    case SQLITE_NULL:
      return std::monostate();
    default:
      return text(column);
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

Transaction::Transaction(Database& database) : database_(database) {
  if (!database_.begin_) {
    database_.begin_ = std::make_unique<Statement>(database_, "BEGIN IMMEDIATE");
    database_.commit_ = std::make_unique<Statement>(database_, "COMMIT");
  }
  database_.begin_->execute();
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.commit_->execute();
  open_ = false;
}

std::string sql_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace heddle
