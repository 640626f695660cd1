// Whole text files in and out. "-" has no special meaning here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle {

inline constexpr std::uint64_t kMaxTextFile = std::uint64_t{1} << 30;

/// Throws InputError naming the path and the reason (missing, a directory, not permitted, longer than `max_bytes`).
/// Memory follows what is read, not what the file system says the size is.
std::string read_text_file(const std::string& path, std::uint64_t max_bytes = kMaxTextFile);

/// The file has either its old or its whole new content: the text goes to a temporary name in the same directory, which
/// is then renamed. A symbolic link keeps pointing where it points; what is no regular file (/dev/null, a pipe) is
/// written in place. Throws InputError naming the path and the reason; no temporary file is left behind.
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace heddle
