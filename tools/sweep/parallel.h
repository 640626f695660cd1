// A loop on several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace heddle {

/// Calls work(thread) on `jobs` threads, the caller's among them, and returns when all have; rethrows the first
/// exception. `stop` is set when one of them throws: work ends early if it looks at it.
template <class Work>
void on_threads(unsigned jobs, std::atomic<bool>& stop, const Work& work) {
  std::mutex mutex;
  std::exception_ptr first;
  const auto guarded = [&](unsigned thread) {
    try {
      work(thread);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!first) first = std::current_exception();
      stop = true;
    }
  };
  std::vector<std::thread> others;
  for (unsigned thread = 1; thread < jobs; ++thread) others.emplace_back(guarded, thread);
  guarded(0);
  for (std::thread& other : others) other.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace heddle
