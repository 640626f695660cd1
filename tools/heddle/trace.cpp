#include "tools/heddle/trace.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/number.h"
#include "sim/base/spelling.h"
#include "sim/report/report.h"

namespace heddle {
namespace {

/// Kept free for what completes the file.
constexpr std::uint64_t kFooterReserve = 256;

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
    else
      out += ' ';
  }
  return out + "\"";
}

bool same(const Activity& a, const Activity& b) {
  return a.kind == b.kind && (a.kind != Activity::Kind::stall || (a.tensor == b.tensor && a.cause == b.cause));
}

std::optional<Cycle> parse_cycle(std::string_view text, Cycle fallback) {
  if (text.empty()) return fallback;
  const std::optional<Decimal> number = parse_decimal(text);
  return number ? scale_exactly(*number, 1, kNever - 1) : std::nullopt;
}

std::string metadata(std::uint32_t run, std::optional<std::uint32_t> track, const std::string& kind,
                     const std::string& value) {
  return R"({"ph":"M","pid":)" + std::to_string(run) + (track ? ",\"tid\":" + std::to_string(*track + 1) : "") +
         ",\"name\":\"" + kind + "\",\"args\":{" + value + "}}";
}

}  // namespace

TraceLimits parse_trace_window(const std::string& text) {
  const std::size_t colon = text.find(':');
  TraceLimits limits;
  if (colon != std::string::npos) {
    const std::optional<Cycle> from = parse_cycle(std::string_view(text).substr(0, colon), 0);
    const std::optional<Cycle> to = parse_cycle(std::string_view(text).substr(colon + 1), kNever);
    if (from && to && *from < *to) {
      limits.from = *from;
      limits.to = *to;
      return limits;
    }
  }
  throw InputError("--trace-window: " + quote(text) + " is no window; expected FIRST:LAST in cycles, FIRST < LAST");
}

TraceWriter::TraceWriter(std::string path, TraceLimits limits) : path_(std::move(path)), limits_(limits) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path_, unknown);
  if (path_ == "-") {
    file_ = stdout;
  } else if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    file_ = std::fopen(path_.c_str(), "w");  // a pipe or a device cannot be replaced
  } else {
    temporary_ = path_ + ".part-" + std::to_string(getpid());
    watched_.emplace(temporary_);
    file_ = std::fopen(temporary_.c_str(), "wx");
  }
  if (file_ == nullptr) throw InputError(path_ + ": cannot be written: " + std::strerror(errno));
  put("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
}

TraceWriter::~TraceWriter() {
  if (file_ == nullptr || file_ == stdout) return;
  std::fclose(file_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void TraceWriter::put(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
    throw InputError(path_ + ": cannot be written: " + std::strerror(errno));
  bytes_ += text.size();
}

bool TraceWriter::event(const std::string& text, bool essential) {
  if (!essential && bytes_ + text.size() + 2 + kFooterReserve > limits_.max_bytes) return false;
  put(first_event_ ? "" : ",\n");
  put(text);
  first_event_ = false;
  return true;
}

void TraceWriter::begin_run(const std::string& name) {
  flush_run();
  ++run_;
  event(metadata(run_, std::nullopt, "process_name", "\"name\":" + json_text(name)), true);
}

void TraceWriter::on_track(std::uint32_t track, std::string_view group, std::uint32_t index) {
  const std::string name = std::string(group) + " " + std::to_string(index);
  event(metadata(run_, track, "thread_name", "\"name\":" + json_text(name)), false);
  event(metadata(run_, track, "thread_sort_index", "\"sort_index\":" + std::to_string(track)), false);
}

void TraceWriter::on_interval(std::uint32_t track, Cycle from, Cycle to, Activity activity) {
  if (track >= open_.size()) open_.resize(track + 1);
  from = std::max(from, limits_.from);
  to = std::min(to, limits_.to);
  if (from >= to) return;
  std::optional<Slice>& open = open_[track];
  if (open && open->to == from && same(open->activity, activity)) {
    open->to = to;
    return;
  }
  if (open) write_slice(track, *open);
  open = Slice{from, to, activity};
}

void TraceWriter::write_slice(std::uint32_t track, const Slice& slice) {
  const bool written =
      event(R"({"ph":"X","pid":)" + std::to_string(run_) + ",\"tid\":" + std::to_string(track + 1) +
                ",\"ts\":" + std::to_string(slice.from) + ",\"dur\":" + std::to_string(slice.to - slice.from) +
                ",\"name\":\"" + std::string(activity_name(slice.activity)) + "\"}",
            false);
  if (!written) ++dropped_;
}

void TraceWriter::on_counter(std::string_view name, Cycle at, double value) {
  if (at < limits_.from || at >= limits_.to) return;
  const bool written =
      event(R"({"ph":"C","pid":)" + std::to_string(run_) + ",\"ts\":" + std::to_string(at) + ",\"name\":\"" +
                std::string(name) + "\",\"args\":{\"value\":" + std::to_string(value) + "}}",
            false);
  if (!written) ++dropped_;
}

void TraceWriter::flush_run() {
  for (std::uint32_t track = 0; track < open_.size(); ++track)
    if (open_[track]) write_slice(track, *open_[track]);
  open_.clear();
}

void TraceWriter::finish() {
  flush_run();
  put("\n],\"otherData\":{\"unit\":\"1 us is 1 core cycle\",\"dropped_slices\":" + std::to_string(dropped_) + "}}\n");
  const bool flushed = std::fflush(file_) == 0;
  std::FILE* const file = std::exchange(file_, nullptr);
  const bool closed = file == stdout || std::fclose(file) == 0;
  const bool renamed = temporary_.empty() || (flushed && closed && std::rename(temporary_.c_str(), path_.c_str()) == 0);
  watched_.reset();
  if (flushed && closed && renamed) return;
  const std::string reason = std::strerror(errno);
  if (!temporary_.empty()) unlink(temporary_.c_str());
  throw InputError(path_ + ": cannot be written: " + reason);
}

}  // namespace heddle
