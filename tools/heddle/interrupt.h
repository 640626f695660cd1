// Ctrl-C leaves no half-written file: temporary files are registered while they exist.
#pragma once

#include <string>

namespace heddle {

/// From now on SIGINT and SIGTERM remove registered files and end the process with 128 + signal.
void install_interrupt_handler();

/// Registers a temporary file for as long as it lives. At most four at a time; further ones are not watched.
class WatchedTemporary {
 public:
  explicit WatchedTemporary(const std::string& path);
  ~WatchedTemporary();
  WatchedTemporary(const WatchedTemporary&) = delete;
  WatchedTemporary& operator=(const WatchedTemporary&) = delete;

 private:
  int slot_;
};

}  // namespace heddle
