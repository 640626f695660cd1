#include "matrices/text_scanner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

constexpr std::size_t kFirstBuffer = std::size_t{1} << 16;  // bytes; long lines make it grow

bool is_separator(char c) {
  return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

}  // namespace

TextScanner::TextScanner(ByteSource& source, std::string name)
    : source_(source), name_(std::move(name)), buffer_(kFirstBuffer) {}

bool TextScanner::refill() {
  if (at_end_) return false;
  std::memmove(buffer_.data(), buffer_.data() + position_, filled_ - position_);
  filled_ -= position_;
  position_ = 0;
  if (filled_ > kLongestLine)
    fail("longer than " + std::to_string(kLongestLine) + " bytes without an end; expected the text of a matrix");
  if (filled_ == buffer_.size()) buffer_.resize(std::min(2 * buffer_.size(), kLongestLine + 1));
  std::size_t got = 0;
  try {
    got = source_.read(buffer_.data() + filled_, buffer_.size() - filled_);
  } catch (const InputError& error) {
    fail(error.what());
  }
  filled_ += got;
  bytes_read_ += got;
  at_end_ = got == 0;
  return got != 0;
}

bool TextScanner::next_line(std::string_view& line) {
  ++line_;
  std::size_t searched = 0;
  for (;;) {
    const char* const begin = buffer_.data() + position_;
    const std::size_t length = filled_ - position_;
    if (const void* found = std::memchr(begin + searched, '\n', length - searched)) {
      const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - begin);
      position_ += end + 1;
      line = std::string_view(begin, end > 0 && begin[end - 1] == '\r' ? end - 1 : end);
      return true;
    }
    searched = length;
    if (refill()) continue;
    line = std::string_view(buffer_.data() + position_, filled_ - position_);
    position_ = filled_;
    if (!line.empty()) return true;
    --line_;
    return false;
  }
}

bool TextScanner::next_word(std::string_view& word) {
  if (line_ == 0) line_ = 1;
  for (;;) {
    while (position_ < filled_ && is_separator(buffer_[position_])) ++position_;
    if (position_ < filled_) break;
    if (!refill()) return false;
  }
  std::size_t length = 0;
  for (;;) {
    while (position_ + length < filled_ && !is_separator(buffer_[position_ + length]) &&
           buffer_[position_ + length] != '\n')
      ++length;
    if (position_ + length < filled_ || !refill()) break;
  }
  word = std::string_view(buffer_.data() + position_, length);
  position_ += length;
  return length != 0;
}

bool TextScanner::skip_line_end() {
  if (position_ == filled_ && !refill()) return false;
  if (buffer_[position_] != '\n') return false;
  ++position_;
  ++line_;
  return true;
}

void TextScanner::fail(const std::string& what) const {
  throw InputError(name_ + ":" + std::to_string(line_) + ": " + what);
}

void TextScanner::fail_file(const std::string& what) const {
  throw InputError(name_ + ": " + what);
}

}  // namespace heddle
