#include "tools/sweep/point_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace heddle {

PointWriter::PointWriter(Store& store) : store_(store), thread_([this] { run(); }) {}

PointWriter::~PointWriter() {
  close();
}

void PointWriter::put(Point&& point) {
  std::vector<Point> written;  // destroyed after the lock is gone
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [&] { return failed_ || waiting_.size() < kMostWaiting; });
  if (failed_) std::rethrow_exception(error_);
  waiting_.push_back(std::move(point));
  written.swap(written_);
  const bool many = waiting_.size() == kMostWaiting / 2;
  lock.unlock();
  if (many) arrived_.notify_one();
}

void PointWriter::finish() {
  close();
  if (failed_) std::rethrow_exception(error_);
}

void PointWriter::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_one();
  if (thread_.joinable()) thread_.join();
}

/// Ends with the last point after close(), or with the first error.
void PointWriter::run() {
  std::vector<Point> taken;
  try {
    while (true) {
      std::unique_lock lock(mutex_);
      // Looks by itself: to wake it for each point would cost those who put more than the rest of put() does.
      while (!closed_ && waiting_.empty()) arrived_.wait_for(lock, kLookEvery);
      if (waiting_.empty()) return;
      taken.swap(waiting_);
      lock.unlock();
      if (taken.size() == kMostWaiting) taken_.notify_all();
      for (const Point& point : taken) write(point);
      lock.lock();
      std::move(taken.begin(), taken.end(), std::back_inserter(written_));
      taken.clear();
    }
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
      failed_ = true;
    }
    taken_.notify_all();
  }
}

void PointWriter::write(const Point& point) {
  if (point.header.status == PointStatus::ok)
    store_.put(point.header, point.row, *point.config);
  else
    store_.put(point.header, point.row.identity, *point.config);
}

}  // namespace heddle
