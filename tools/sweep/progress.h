// A line on the terminal that says how far a sweep is: points done, rate, time left, what runs now.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace heddle {

/// Writes to standard error, only if that is a terminal, and only from two seconds on. Usable by several threads.
class Progress {
 public:
  /// `points` are to be run on `jobs` threads, and are expected to take `seconds` on one.
  Progress(std::uint64_t points, double seconds, unsigned jobs);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin(unsigned thread, const std::string& label);
  /// Of the point begun on this thread, expected to take `seconds`.
  void end(unsigned thread, double seconds);

 private:
  void draw_until_done();
  std::string line() const;

  const std::uint64_t points_;
  const double seconds_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::uint64_t points_done_ = 0;
  double seconds_done_ = 0;
  std::vector<std::string> running_;  ///< by thread
  std::thread drawing_;
};

/// "2 h 05 min", "4 min 10 s", "12 s"
std::string duration_text(double seconds);

}  // namespace heddle
