// Puts points into a store on a thread of its own, so that simulation does not wait for the disk.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
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

  struct Point {
    PointHeader header;
    PointRow row;                         ///< of a failed point only the identity is stored
    const std::string* config = nullptr;  ///< JSON of the configuration; lives as long as the writer
  };

  explicit PointWriter(Store& store);
  /// Writes what is left.
  ~PointWriter();
  PointWriter(const PointWriter&) = delete;
  PointWriter& operator=(const PointWriter&) = delete;

  /// By any thread. Throws what an earlier write threw; waits while kMostWaiting points are waiting.
  void put(Point&& point);
  /// Returns when every point is in the store; throws what a write threw.
  void finish();

 private:
  void run();
  void write(const Point& point);
  void close();

  Store& store_;
  std::mutex mutex_;
  std::condition_variable arrived_, taken_;
  std::vector<Point> waiting_;
  /// Destroyed by those who put: a thread that frees what others allocated takes their allocator's lock from them.
  std::vector<Point> written_;
  bool closed_ = false, failed_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace heddle
