// Puts points into a store on a thread of its own, so that simulation does not wait for the disk.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dataflows/point.h"
#include "sim/store/store.h"

namespace heddle {

/// Each point is still one transaction of the store, in the order of put(). A process killed loses the points that
/// were put but not yet written: at most twice kMostWaiting, in practice those of the last milliseconds.
class PointWriter {
 public:
  static constexpr std::size_t kMostWaiting = 128;
  static constexpr std::chrono::milliseconds kLookEvery{2};

  /// Puts the plan first, if it has a name.
  explicit PointWriter(Store& store, std::string sweep = {}, std::vector<PlannedPoint> plan = {});
  /// Writes what is left.
  ~PointWriter();
  PointWriter(const PointWriter&) = delete;
  PointWriter& operator=(const PointWriter&) = delete;

  /// By any thread. Of a failed point only the identity is stored. `config`: its JSON, which lives as long as the
  /// writer. Throws what an earlier write threw; waits while kMostWaiting points are waiting.
  void put(const PointHeader& header, const PointRow& row, const std::string& config);
  /// Returns when every point is in the store; throws what a write threw.
  void finish();

 private:
  void run();
  Store::Row spare_row();
  void close();

  Store& store_;
  std::string sweep_;
  std::vector<PlannedPoint> plan_;
  std::mutex mutex_;
  std::condition_variable arrived_, taken_;
  std::vector<Store::Row> waiting_;
  /// Written ones, to be filled again: what a simulation allocates would otherwise lie between rows that wait.
  std::vector<Store::Row> spare_;
  bool closed_ = false, failed_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace heddle
