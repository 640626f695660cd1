#include "tools/sweep/point_writer.h"

#include <utility>

namespace heddle {

PointWriter::PointWriter(Store& store) : store_(store), thread_([this] { run(); }) {}

PointWriter::~PointWriter() {
  close();
}

void PointWriter::put(Point&& point) {
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [&] { return failed_ || waiting_.size() < kMostWaiting; });
  if (failed_) std::rethrow_exception(error_);
  waiting_.push_back(std::move(point));
  const bool first = waiting_.size() == 1;
  lock.unlock();
  if (first) arrived_.notify_one();
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
  try {
    while (true) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const Point point = std::move(waiting_.front());
      waiting_.pop_front();
      const bool was_full = waiting_.size() + 1 == kMostWaiting;
      lock.unlock();
      if (was_full) taken_.notify_all();
      write(point);
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
