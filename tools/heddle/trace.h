// A timeline in the Chrome trace format, for ui.perfetto.dev: one process per run, one track per agent, one slice per
// stretch of equal activity. One microsecond of the viewer is one core cycle.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/account.h"
#include "tools/heddle/interrupt.h"

namespace heddle {

struct TraceLimits {
  Cycle from = 0;  ///< slices are cut to [from, to)
  Cycle to = kNever;
  std::uint64_t max_bytes = 256'000'000;  ///< of the file; slices that would pass it are left out
};
/// "1000:2000", "1000:" or ":2000". Throws InputError.
TraceLimits parse_trace_window(const std::string& text);

/// Writes while the simulation runs, to a temporary name that finish() renames; memory is one slice per track. The file
/// is valid JSON whatever the limits. "-" is standard output.
class TraceWriter : public ActivitySink {
 public:
  /// Throws InputError when the file cannot be made.
  TraceWriter(std::string path, TraceLimits limits);
  ~TraceWriter() override;

  /// A new process in the timeline; the tracks and slices that follow belong to it. Ends the previous run.
  void begin_run(const std::string& name);
  void on_track(std::uint32_t track, std::string_view group, std::uint32_t index) override;
  void on_interval(std::uint32_t track, Cycle from, Cycle to, Activity activity) override;
  void on_counter(std::string_view name, Cycle at, double value) override;
  /// Completes the file and gives it its name.
  void finish();
  /// Slices and counter values left out for the size limit.
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Slice {
    Cycle from = 0, to = 0;
    Activity activity;
  };
  void flush_run();
  void write_slice(std::uint32_t track, const Slice& slice);
  bool event(const std::string& text, bool essential);
  void put(std::string_view text);

  std::string path_, temporary_;
  TraceLimits limits_;
  std::FILE* file_ = nullptr;
  std::optional<WatchedTemporary> watched_;
  std::uint64_t bytes_ = 0, dropped_ = 0;
  bool first_event_ = true;
  std::uint32_t run_ = 0;                   ///< process number of the current run
  std::vector<std::optional<Slice>> open_;  ///< by track: the latest stretch, not yet written
};

}  // namespace heddle
