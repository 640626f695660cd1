#include "tools/sweep/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/heddle/table.h"

namespace heddle {
namespace {

constexpr auto kFirst = std::chrono::seconds(2);
constexpr auto kInterval = std::chrono::milliseconds(250);
constexpr std::size_t kBarWidth = 20;
constexpr const char* kEraseLine = "\r\033[K";

std::size_t terminal_width() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, seconds) + 0.5);
  const auto two_digits = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two_digits(whole % 60) + " s";
  return grouped(whole / 3600) + " h " + two_digits(whole / 60 % 60) + " min";
}

Progress::Progress(std::uint64_t points, double seconds, unsigned jobs)
    : points_(points), seconds_(seconds), running_(jobs) {
  if (isatty(STDERR_FILENO) == 1) drawing_ = std::thread([this] { draw_until_done(); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  if (drawing_.joinable()) drawing_.join();
}

void Progress::begin(unsigned thread, const std::string& label) {
  const std::lock_guard lock(mutex_);
  running_[thread] = label;
}

void Progress::end(unsigned thread, double seconds) {
  const std::lock_guard lock(mutex_);
  running_[thread].clear();
  ++points_done_;
  seconds_done_ += seconds;
}

void Progress::draw_until_done() {
  std::unique_lock lock(mutex_);
  bool drawn = false;
  for (auto when = start_ + kFirst; !changed_.wait_until(lock, when, [this] { return done_; }); when += kInterval) {
    std::fprintf(stderr, "%s%s", kEraseLine, line().c_str());
    drawn = true;
  }
  if (drawn) std::fputs(kEraseLine, stderr);
}

std::string Progress::line() const {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  const double share = seconds_ > 0 ? std::min(1.0, seconds_done_ / seconds_) : 0;
  const auto filled = static_cast<std::size_t>(share * kBarWidth);
  std::string text = "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "] " +
                     grouped(points_done_) + "/" + grouped(points_) + " points, " +
                     readable(static_cast<double>(points_done_) / std::max(elapsed.count(), 1e-3)) + "/s";
  if (share > 0) text += ", " + duration_text(elapsed.count() / share - elapsed.count()) + " left";
  std::string running;
  for (const std::string& label : running_)
    if (!label.empty()) running += (running.empty() ? ": " : "; ") + label;
  text += running;
  const std::size_t width = terminal_width() - 1;
  return text.size() <= width ? text : text.substr(0, width);
}

}  // namespace heddle
