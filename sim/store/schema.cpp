#include "sim/store/schema.h"

#include <array>

#include "sim/base/errors.h"

namespace heddle {
namespace {

/// Layout n is made from layout n - 1 by step n - 1. Steps are never changed, only added.
constexpr std::array<const char*, 4> kSteps = {
    // 1: points with the header of every row; described columns are added as they are first put.
    "CREATE TABLE points(key TEXT NOT NULL UNIQUE, identity TEXT NOT NULL, kind TEXT NOT NULL, config_hash TEXT NOT "
    "NULL,"
    "  model_version INTEGER NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL) STRICT;"
    "CREATE TABLE columns(ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL,"
    "  unit TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE TABLE configs(hash TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;",
    // 2: a store knows which points its sweeps want.
    "CREATE TABLE planned(sweep TEXT NOT NULL, ordinal INTEGER NOT NULL, key TEXT NOT NULL, label TEXT NOT NULL,"
    "  PRIMARY KEY(sweep, ordinal)) STRICT, WITHOUT ROWID;",
    // 3: configurations in the order they came: half the pages to write, as none is split by a long text.
    "ALTER TABLE configs RENAME TO old_configs;"
    "CREATE TABLE configs(hash TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;"
    "INSERT INTO configs(hash, json) SELECT hash, json FROM old_configs;"
    "DROP TABLE old_configs;",
    // 4: a configuration that is much like another is kept as its difference, and without an index, as all are read
    // when a store is opened: two pages less to write per configuration.
    "ALTER TABLE configs RENAME TO old_configs;"
    "CREATE TABLE configs(hash TEXT NOT NULL, base TEXT, head INTEGER NOT NULL, tail INTEGER NOT NULL,"
    "  json TEXT NOT NULL) STRICT;"
    "INSERT INTO configs SELECT hash, NULL, 0, 0, json FROM old_configs;"
    "DROP TABLE old_configs;"};

std::int64_t pragma(Database& database, const std::string& name) {
  Statement statement(database, "PRAGMA " + name);
  HEDDLE_CHECK(statement.step());
  return statement.integer(0);
}

bool has_tables(Database& database) {
  Statement statement(database, "SELECT count(*) FROM sqlite_master");
  return statement.step() && statement.integer(0) > 0;
}

}  // namespace

std::int64_t newest_layout() {
  return kSteps.size();
}

void bring_to_layout(Database& database, std::int64_t layout) {
  if (has_tables(database) && pragma(database, "application_id") != kStoreApplicationId)
    throw InputError(database.path() + ": a database, but no result store of heddle sweep");
  if (pragma(database, "user_version") > newest_layout())
    throw InputError(database.path() + ": written by a newer Heddle: layout " +
                     std::to_string(pragma(database, "user_version")) + ", this one knows up to " +
                     std::to_string(newest_layout()));
  while (pragma(database, "user_version") < layout) {
    Transaction transaction(database);
    const std::int64_t from = pragma(database, "user_version");  // another process may have been here first
    if (from < layout) {
      database.run(kSteps[static_cast<std::size_t>(from)]);
      database.run("PRAGMA application_id = " + std::to_string(kStoreApplicationId));
      database.run("PRAGMA user_version = " + std::to_string(from + 1));
    }
    transaction.commit();
  }
}

}  // namespace heddle
