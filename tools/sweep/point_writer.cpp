#include "tools/sweep/point_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace heddle {

PointWriter::PointWriter(Store& store, std::string sweep, std::vector<PlannedPoint> plan)
    : store_(store), sweep_(std::move(sweep)), plan_(std::move(plan)), thread_([this] { run(); }) {}

PointWriter::~PointWriter() {
  close();
}

void PointWriter::put(const PointHeader& header, const PointRow& row, const std::string& config) {
  Store::Row filled = spare_row();
  if (header.status == PointStatus::ok)
    filled.fill(header, row, config);
  else
    filled.fill(header, row.identity, config);
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [&] { return failed_ || waiting_.size() < kMostWaiting; });
  if (failed_) std::rethrow_exception(error_);
  waiting_.push_back(std::move(filled));
  const bool many = waiting_.size() == kMostWaiting / 2;
  lock.unlock();
  if (many) arrived_.notify_one();
}

Store::Row PointWriter::spare_row() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  Store::Row row = std::move(spare_.back());
  spare_.pop_back();
  return row;
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
  std::vector<Store::Row> taken;
  try {
    if (!sweep_.empty()) store_.put_plan(sweep_, plan_);
    while (true) {
      std::unique_lock lock(mutex_);
      // Looks by itself: to wake it for each point would cost those who put more than the rest of put() does.
      while (!closed_ && waiting_.empty()) arrived_.wait_for(lock, kLookEvery);
      if (waiting_.empty()) return;
      taken.swap(waiting_);
      lock.unlock();
      if (taken.size() == kMostWaiting) taken_.notify_all();
      for (const Store::Row& row : taken) store_.put(row);
      lock.lock();
      std::move(taken.begin(), taken.end(), std::back_inserter(spare_));
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

}  // namespace heddle
