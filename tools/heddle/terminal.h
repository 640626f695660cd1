// What the process is attached to, and where output goes: "-" is standard output.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace heddle {

/// Bold and colours: `stream` is a terminal and NO_COLOR is unset or empty.
bool wants_colour(std::FILE* stream);

/// To standard output; throws InputError when it cannot be written (disk full, closed pipe).
void print(std::string_view text);

/// One line on standard error, "heddle: ..." in front.
void message(std::string_view text);

/// `path` or, for "-", standard output. Files appear complete or not at all.
void write_output(const std::string& path, std::string_view text);

/// Throws InputError when it is plain already that write_output(path) will fail: no such folder, a folder itself, not
/// permitted. For a check before hours of work.
void require_writable(const std::string& path);

}  // namespace heddle
