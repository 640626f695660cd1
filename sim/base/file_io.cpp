#include "sim/base/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* verb, const std::string& path, const std::string& reason) {
  throw InputError(path + ": cannot " + verb + ": " + reason);
}

/// Closes on the way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  int close_now() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

/// Returns 0, or the error number.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

void write_in_place(const std::string& path, std::string_view text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0) fail("write", path, std::strerror(errno));
  if (const int error = write_all(file.number(), text); error != 0) fail("write", path, std::strerror(error));
}

mode_t permissions_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return static_cast<mode_t>(0666 & ~mask);
}

/// Where a chain of symbolic links ends, whether or not something is there.
fs::path resolve_links(const std::string& path) {
  fs::path target = path;
  std::error_code error;
  for (int hops = 0; hops < 40 && fs::is_symlink(fs::symlink_status(target, error)); ++hops) {
    const fs::path next = fs::read_symlink(target, error);
    if (error) break;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target;
}

void replace_file(const std::string& path, const fs::path& target, std::string_view text, mode_t mode) {
  std::string temporary = (target.parent_path() / ".heddle-XXXXXX").string();
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.number() < 0) fail("write", path, std::strerror(errno));
  int error = write_all(file.number(), text);
  if (error == 0 && ::fchmod(file.number(), mode) != 0) error = errno;
  if (file.close_now() != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(temporary.c_str());
  fail("write", path, std::strerror(error));
}

}  // namespace

std::string read_text_file(const std::string& path, std::uint64_t max_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) fail("read", path, std::strerror(errno));
  struct stat status {};
  if (::fstat(file.number(), &status) == 0 && S_ISDIR(status.st_mode)) fail("read", path, "it is a directory");
  std::string text;
  std::array<char, 1 << 16> buffer;
  while (true) {
    const ssize_t got = ::read(file.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path, std::strerror(errno));
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > max_bytes) fail("read", path, "longer than " + std::to_string(max_bytes) + " bytes");
  }
}

void write_file_atomically(const std::string& path, std::string_view text) {
  if (path.empty()) throw InputError("cannot write a file without a name");
  const fs::path target = resolve_links(path);
  struct stat status {};
  const bool exists = ::stat(target.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail("write", path, "it is a directory");
  if (exists && ::access(target.c_str(), W_OK) != 0) fail("write", path, std::strerror(errno));
  if (exists && !S_ISREG(status.st_mode)) return write_in_place(path, text);
  replace_file(path, target, text, exists ? status.st_mode & 07777 : permissions_of_new_files());
}

}  // namespace heddle
