// The thread that puts points into a store: everything arrives, in order, and errors reach those who put.
#include "tools/sweep/point_writer.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>
#include <thread>
#include <vector>

#include "sim/store/sqlite.h"
#include "tests/unit_store/store_helpers.h"

namespace heddle::store_test {
namespace {

using Rows = std::vector<std::vector<std::string>>;

class PointWriterTest : public StoreTest {
 protected:
  void put(PointWriter& writer, int number, PointStatus status = PointStatus::ok) {
    PointHeader header;
    header.key = header.identity = "k" + std::to_string(10'000 + number);
    header.kind = "spgemm";
    header.config_hash = "c" + std::to_string(number % 7);
    header.status = status;
    PointRow row;
    row.report.cycles = static_cast<std::uint64_t>(number);
    writer.put(header, row, config_);
  }

  std::string config_ = "{}";
};

TEST_F(PointWriterTest, StoresWhatSeveralThreadsPut) {
  Store store(path("s.db"), Store::Access::write);
  PointWriter writer(store);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) put(writer, 4 * i + t);  // more than may wait
    });
  for (std::thread& thread : threads) thread.join();
  writer.finish();
  EXPECT_EQ(store.count(PointStatus::ok), 800u);
  EXPECT_EQ(store.configs().size(), 7u);
  EXPECT_EQ(rows_of(store, {"key", "cycles"})[799], (std::vector<std::string>{"k10799", "799"}));
}

TEST_F(PointWriterTest, PutsThePlanFirst) {
  Store store(path("s.db"), Store::Access::write);
  PointWriter writer(store, "mine", {{"k10001", "one"}});
  put(writer, 1);
  writer.finish();
  EXPECT_EQ(store.plan("mine").size(), 1u);
  EXPECT_EQ(store.count(PointStatus::ok), 1u);
}

TEST_F(PointWriterTest, AFailedPointKeepsItsIdentityOnly) {
  Store store(path("s.db"), Store::Access::write);
  PointWriter writer(store);
  put(writer, 1, PointStatus::failed);
  put(writer, 2);
  writer.finish();
  EXPECT_EQ(rows_of(store, {"status", "cycles"}), (Rows{{"failed", ""}, {"ok", "2"}}));
}

TEST_F(PointWriterTest, WritesWhatIsLeftWhenItEnds) {
  Store store(path("s.db"), Store::Access::write);
  {
    PointWriter writer(store);
    for (int i = 0; i < 50; ++i) put(writer, i);
  }
  EXPECT_EQ(store.count(PointStatus::ok), 50u);
}

TEST_F(PointWriterTest, AWriteThatFailsIsThrownByLaterPutsAndByTheEnd) {
  Store store(path("s.db"), Store::Access::write);
  {
    Database database(path("s.db"), path("s.db"), SQLITE_OPEN_READWRITE);
    database.run("CREATE TRIGGER full BEFORE INSERT ON points BEGIN SELECT raise(ABORT, 'full'); END");
  }
  PointWriter writer(store);
  const auto put_many = [&] {
    for (int i = 0; i < 100'000; ++i) put(writer, i);
  };
  EXPECT_THROW(put_many(), InternalError);
  EXPECT_THROW(writer.finish(), InternalError);
}

}  // namespace
}  // namespace heddle::store_test
