// A text file read forward through one bounded buffer, line by line or word by word, with the place for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "matrices/byte_source.h"

namespace heddle {

/// Longest line of next_line() and longest word of next_word(), in bytes.
inline constexpr std::size_t kLongestLine = std::size_t{1} << 20;

class TextScanner {
 public:
  /// `name` stands for the file in messages. The source must outlive the scanner.
  TextScanner(ByteSource& source, std::string name);

  /// The next line without LF or CRLF, valid until the next call; false at the end of the file.
  bool next_line(std::string_view& line);

  /// The next word of the current line, words being parted by blanks, tabs and commas; false at the end of the line,
  /// which skip_line_end() then leaves. A line may be of any length.
  bool next_word(std::string_view& word);
  /// Leave a line whose words have been read; false when the file ends there.
  bool skip_line_end();

  /// Number of the line at hand, from 1; 0 before the first.
  std::uint64_t line() const { return line_; }
  const std::string& name() const { return name_; }
  std::uint64_t bytes_read() const { return bytes_read_; }

  /// Throws InputError "name:line: what".
  [[noreturn]] void fail(const std::string& what) const;
  /// Throws InputError "name: what", for what no line is to blame for.
  [[noreturn]] void fail_file(const std::string& what) const;

 private:
  bool refill();

  ByteSource& source_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t position_ = 0;  // first byte not handed out
  std::size_t filled_ = 0;    // bytes in the buffer
  bool at_end_ = false;       // the source has no more
  std::uint64_t line_ = 0;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace heddle
