// A small struct to be stored, and a folder per test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "sim/store/store.h"

namespace heddle::store_test {

struct Sample {
  std::string name;
  std::uint64_t cycles = 0;
  double share = 0;
  bool checked = false;
  Bytes capacity{0};
  std::map<std::string, std::uint64_t> stalls;
};
template <class V>
void describe(V& v, Sample& s) {
  v.field("name", s.name, "text", "which one");
  v.field("cycles", s.cycles, "cycles", "how long it took");
  v.field("share", s.share, "fraction", "a share");
  v.field("checked", s.checked, "bool", "was it checked");
  v.field("capacity", s.capacity, "bytes", "of a buffer");
  v.field("stalls", s.stalls, "cycles", "by reason");
  v.field("host.seconds", s.share, "s", "on this host");
}

inline PointHeader header_of(const std::string& key) {
  PointHeader header;
  header.key = key;
  header.kind = "sample";
  header.config_hash = "c0";
  header.model_version = 7;
  return header;
}

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("heddle_store_" + std::to_string(::getpid()) + "_" + std::string(info->name()));
    std::filesystem::create_directories(folder_);
  }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

/// All rows of the named columns as texts.
inline std::vector<std::vector<std::string>> rows_of(Store& store, std::vector<std::string> columns) {
  std::vector<std::vector<std::string>> rows;
  store.scan({std::move(columns), "", {}, "", false}, [&](std::span<const Value> values) {
    auto& row = rows.emplace_back();
    for (const Value& value : values) row.push_back(value_text(value));
  });
  return rows;
}

}  // namespace heddle::store_test
