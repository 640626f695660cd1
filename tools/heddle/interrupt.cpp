#include "tools/heddle/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace heddle {
namespace {

constexpr int kMostTemporaries = 4;
constexpr std::size_t kLongestPath = 4096;

struct Slot {
  std::atomic<bool> used{false};
  std::atomic<bool> armed{false};
  char path[kLongestPath] = {};
};
Slot slots[kMostTemporaries];

// Only async-signal-safe calls: unlink and _exit.
void on_signal(int signal_number) {
  for (const Slot& slot : slots)
    if (slot.armed.load()) unlink(slot.path);
  _exit(128 + signal_number);
}

}  // namespace

void install_interrupt_handler() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

WatchedTemporary::WatchedTemporary(const std::string& path) : slot_(-1) {
  if (path.size() >= kLongestPath) return;
  for (int i = 0; i < kMostTemporaries; ++i) {
    if (slots[i].used.exchange(true)) continue;
    std::memcpy(slots[i].path, path.c_str(), path.size() + 1);
    slots[i].armed.store(true);
    slot_ = i;
    return;
  }
}

WatchedTemporary::~WatchedTemporary() {
  if (slot_ < 0) return;
  slots[slot_].armed.store(false);
  slots[slot_].used.store(false);
}

}  // namespace heddle
