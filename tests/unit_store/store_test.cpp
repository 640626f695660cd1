// The result store: what goes in comes out, files that are no stores, older and newer layouts, merging.
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include "sim/store/schema.h"
#include "tests/unit_store/store_helpers.h"

namespace heddle::store_test {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(StoreTest, GivesBackWhatWasPut) {
  {
    Store store(path("s.db"), Store::Access::write);
    Sample sample{"one, \"two\"", 9'007'199'254'740'993, 0.1, true, Bytes{3 << 20}, {{"b.refresh", 4}}};
    store.put(header_of("k1"), sample);
    sample.share = 1e-300;
    store.put(header_of("k2"), sample);
  }
  Store store(path("s.db"), Store::Access::read);
  EXPECT_EQ(rows_of(store, {"key", "name", "cycles", "share", "checked", "capacity", "stalls", "model_version"}),
            (Rows{{"k1", "one, \"two\"", "9007199254740993", "0.1", "1", "3145728", "{\"b.refresh\":4}", "7"},
                  {"k2", "one, \"two\"", "9007199254740993", "1e-300", "1", "3145728", "{\"b.refresh\":4}", "7"}}));
  EXPECT_EQ(store.status("k1"), PointStatus::ok);
  EXPECT_EQ(store.status("k3"), std::nullopt);
}

TEST_F(StoreTest, ColumnsCarryUnitAndSentence) {
  Store store(path("s.db"), Store::Access::write);
  store.put(header_of("k1"), Sample{});
  const std::vector<Column> columns = store.columns();
  const auto found = std::find_if(columns.begin(), columns.end(), [](const Column& c) { return c.name == "cycles"; });
  ASSERT_NE(found, columns.end());
  EXPECT_EQ(*found, (Column{"cycles", ValueType::integer, "cycles", "how long it took"}));
  EXPECT_EQ(columns.front().name, "key");
}

TEST_F(StoreTest, ReplacesARowOfTheSameKey) {
  Store store(path("s.db"), Store::Access::write);
  store.put(header_of("k1"), Sample{"a", 1, 0, false, {}, {}});
  store.put(header_of("k1"), Sample{"a", 2, 0, false, {}, {}});
  EXPECT_EQ(rows_of(store, {"cycles"}), (Rows{{"2"}}));
}

TEST_F(StoreTest, KindsShareColumnsAndLeaveOthersAbsent) {
  Store store(path("s.db"), Store::Access::write);
  store.put(header_of("k1"), Sample{"a", 1, 0, false, {}, {}});
  PointHeader failed = header_of("k2");
  failed.status = PointStatus::failed;
  failed.error = "because";
  store.put(failed, PointHeader{});
  EXPECT_EQ(rows_of(store, {"cycles", "error", "nonsense"}), (Rows{{"1", "", ""}, {"", "because", ""}}));
  EXPECT_EQ(store.count(PointStatus::failed), 1u);
}

struct OtherUnit {
  std::uint64_t cycles = 0;
};
template <class V>
void describe(V& v, OtherUnit& o) {
  v.field("cycles", o.cycles, "ns", "not what it was");
}

TEST_F(StoreTest, RefusesAColumnInAnotherUnit) {
  Store store(path("s.db"), Store::Access::write);
  store.put(header_of("k1"), Sample{});
  const std::string message = message_of([&] { store.put(header_of("k2"), OtherUnit{}); });
  EXPECT_NE(message.find("s.db: column cycles is kept there as INTEGER in \"cycles\""), std::string::npos) << message;
  EXPECT_EQ(rows_of(store, {"key"}).size(), 1u);
}

TEST_F(StoreTest, RefusesACountBeyondSqlite) {
  Store store(path("s.db"), Store::Access::write);
  EXPECT_THROW(store.put(header_of("k"), Sample{"", std::uint64_t{1} << 63, 0, false, {}, {}}), InternalError);
}

TEST_F(StoreTest, RefusesWhatIsNoStore) {
  const auto reading = [&](const std::string& name) {
    return message_of([&] { Store(path(name), Store::Access::read); });
  };
  const auto writing = [&](const std::string& name) {
    return message_of([&] { Store(path(name), Store::Access::write); });
  };
  EXPECT_NE(reading("absent.db").find("absent.db: no such store"), std::string::npos);
  std::ofstream(path("empty.db")).flush();
  EXPECT_NE(reading("empty.db").find("the file is empty"), std::string::npos);
  std::ofstream(path("text.db")) << "this is no database at all, but long enough to look at: " << std::string(200, 'x');
  EXPECT_NE(reading("text.db").find("not a database"), std::string::npos) << reading("text.db");
  EXPECT_NE(writing("text.db").find("not a database"), std::string::npos);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path("other.db").c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "CREATE TABLE t(x)", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_NE(reading("other.db").find("no result store"), std::string::npos);
  EXPECT_NE(writing("other.db").find("no result store"), std::string::npos);
  std::filesystem::create_directory(path("folder.db"));
  EXPECT_NE(reading("folder.db").find("directory"), std::string::npos);
  EXPECT_NE(writing("folder.db").find("cannot open"), std::string::npos);
  EXPECT_NE(writing("no/such/folder.db").find("cannot open"), std::string::npos);
}

TEST_F(StoreTest, SurvivesEveryTruncation) {
  {
    Store store(path("s.db"), Store::Access::write);
    for (int i = 0; i < 50; ++i) store.put(header_of("k" + std::to_string(i)), Sample{});
  }
  const auto size = std::filesystem::file_size(path("s.db"));
  for (std::uintmax_t length = 0; length < size; length += 1024) {
    std::filesystem::copy_file(path("s.db"), path("t.db"), std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(path("t.db"), length);
    std::size_t rows = 0;  // what is cut off may be a page nobody needs
    const std::string message = message_of([&] {
      Store store(path("t.db"), Store::Access::read);
      rows = rows_of(store, {"key", "stalls"}).size();
    });
    EXPECT_TRUE(message.find("t.db: ") != std::string::npos || rows == 50) << length << " bytes: " << message;
  }
}

TEST_F(StoreTest, BringsOlderLayoutsUpToDate) {
  for (std::int64_t layout = 1; layout < newest_layout(); ++layout) {
    const std::string file = path("old" + std::to_string(layout) + ".db");
    {
      Database database(file, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
      bring_to_layout(database, layout);
      database.run("INSERT INTO points VALUES('k1', 'i1', 'sample', 'c0', 7, 'ok', '')");
      database.run("INSERT INTO configs(hash, json) VALUES('c0', '{}')");
    }
    Store store(file, Store::Access::write);
    store.put_plan("mine", std::vector<PlannedPoint>{{"k1", "one"}, {"k2", "two"}});
    store.put(header_of("k2"), Sample{"b", 2, 0, false, {}, {}});
    EXPECT_EQ(rows_of(store, {"key", "cycles"}), (Rows{{"k1", ""}, {"k2", "2"}}));
    EXPECT_EQ(store.configs(), (std::map<std::string, std::string>{{"c0", "{}"}}));
    EXPECT_EQ(store.plan("mine").size(), 2u);
    EXPECT_EQ(store.plan("mine")[1].label, "two");
  }
}

TEST_F(StoreTest, KeepsConfigurationsWholeOrAsTheirDifference) {
  const std::string filler(200, 'x');
  std::map<std::string, std::string> configs;
  const auto add = [&](const std::string& begin, const std::string& middle, const std::string& end) {
    configs["c" + std::to_string(configs.size())] = begin + middle + end;
  };
  for (const char* const middle : {"\xc3\xa4", "\xc3\xb6", "", "\xc3\xa4\xc3\xa4", "\xc4\xa4", "1"})
    add(filler, middle, filler);
  add(filler, "", "");
  add("", "", filler + filler + filler);
  for (int i = 0; i < 40; ++i) add(std::string(200, static_cast<char>('0' + i)), "", "");  // more than are compared
  const auto put_all = [&](Store& store, const std::string& key) {
    for (const auto& [hash, json] : configs) {
      PointHeader header = header_of(key + hash);
      header.config_hash = hash;
      store.put(header, Sample{}, json);
    }
  };
  {
    Store store(path("s.db"), Store::Access::write);
    put_all(store, "first");
    EXPECT_EQ(store.configs(), configs);
  }
  Store store(path("s.db"), Store::Access::write), other(path("t.db"), Store::Access::write);
  put_all(store, "again");
  EXPECT_EQ(store.configs(), configs);
  other.merge(store);
  EXPECT_EQ(other.configs(), configs);
  Database database(path("s.db"), path("s.db"), SQLITE_OPEN_READWRITE);
  Statement rows(database, "SELECT count(*), count(base), sum(length(json) < 3) FROM configs");
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.integer(0), static_cast<std::int64_t>(configs.size()));
  EXPECT_GE(rows.integer(1), 5);
  EXPECT_GE(rows.integer(2), 4);
}

TEST_F(StoreTest, RefusesANewerLayout) {
  { Store store(path("s.db"), Store::Access::write); }
  {
    Database database(path("s.db"), path("s.db"), SQLITE_OPEN_READWRITE);
    database.run("PRAGMA user_version = 99");
  }
  const std::string message = message_of([&] { Store(path("s.db"), Store::Access::read); });
  EXPECT_NE(message.find("written by a newer Heddle: layout 99"), std::string::npos) << message;
}

TEST_F(StoreTest, IsReadWhereNothingCanBeWritten) {
  {
    Store store(path("s.db"), Store::Access::write);
    store.put(header_of("k1"), Sample{});
  }
  ::chmod(folder_.c_str(), 0555);
  const auto read_as_nobody = [&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(2);  // root may write anywhere
    Store store(path("s.db"), Store::Access::read);
    const bool read = rows_of(store, {"key"}) == Rows{{"k1"}};
    const std::string message = message_of([&] { Store(path("new.db"), Store::Access::write); });
    ::_exit(read && message.find("cannot open") != std::string::npos ? 0 : 1);
  };
  EXPECT_EXIT(read_as_nobody(), ::testing::ExitedWithCode(0), "");
  ::chmod(folder_.c_str(), 0755);
}

TEST_F(StoreTest, LosesNothingOfAKilledProcess) {
  const pid_t child = ::fork();
  if (child == 0) {
    Store store(path("s.db"), Store::Access::write);
    for (int i = 0; i < 20; ++i) store.put(header_of("k" + std::to_string(i)), Sample{});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  Store store(path("s.db"), Store::Access::read);
  EXPECT_EQ(rows_of(store, {"key"}).size(), 20u);
}

TEST_F(StoreTest, TakesRowsFromThreads) {
  Store store(path("s.db"), Store::Access::write);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&store, t] {
      for (int i = 0; i < 50; ++i)
        store.put(header_of(std::to_string(t) + "." + std::to_string(i)),
                  Sample{"x", std::uint64_t(i), 0, false, {}, {}});
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store.count(PointStatus::ok), 200u);
}

TEST_F(StoreTest, MergesWhatIsMissing) {
  Store a(path("a.db"), Store::Access::write), b(path("b.db"), Store::Access::write);
  PointHeader failed = header_of("k3");
  failed.status = PointStatus::failed;
  a.put(header_of("k1"), Sample{"one", 1, 0.5, false, {}, {}});
  a.put(failed, PointHeader{});
  b.put(header_of("k1"), Sample{"one", 1, 0.5, false, {}, {}});
  b.put(header_of("k2"), Sample{"two", 2, 0, false, {}, {}}, "{}");
  b.put(header_of("k3"), Sample{"three", 3, 0, false, {}, {}}, "{}");
  b.put_plan("mine", std::vector<PlannedPoint>{{"k1", "one"}});
  const Store::Merged merged = a.merge(b);
  EXPECT_EQ(merged.added, 2u);
  EXPECT_EQ(merged.equal, 1u);
  EXPECT_TRUE(merged.conflicts.empty());
  EXPECT_EQ(rows_of(a, {"key", "cycles", "status"}), (Rows{{"k1", "1", "ok"}, {"k2", "2", "ok"}, {"k3", "3", "ok"}}));
  EXPECT_EQ(a.configs(), (std::map<std::string, std::string>{{"c0", "{}"}}));
  EXPECT_EQ(a.sweeps(), std::vector<std::string>{"mine"});
}

TEST_F(StoreTest, ReportsRowsThatDiffer) {
  Store a(path("a.db"), Store::Access::write), b(path("b.db"), Store::Access::write);
  a.put(header_of("k1"), Sample{"one", 1, 0, false, {}, {}});
  b.put(header_of("k1"), Sample{"one", 2, 0, false, {}, {}});
  EXPECT_EQ(a.merge(b).conflicts, std::vector<std::string>{"k1"});
  EXPECT_EQ(rows_of(a, {"cycles"}), (Rows{{"1"}}));
}

TEST_F(StoreTest, MergesColumnsItDidNotKnow) {
  Store a(path("a.db"), Store::Access::write), b(path("b.db"), Store::Access::write);
  b.put(header_of("k1"), Sample{"one", 1, 0, false, {}, {}});
  EXPECT_EQ(a.merge(b).added, 1u);
  EXPECT_EQ(a.columns(), b.columns());
}

TEST(PointKey, DependsOnEveryPart) {
  EXPECT_NE(point_key({"a", "b"}), point_key({"ab", ""}));
  EXPECT_NE(point_key({"a", "b"}), point_key({"b", "a"}));
  EXPECT_EQ(point_key({"a", "b"}).size(), 32u);
}

}  // namespace
}  // namespace heddle::store_test
