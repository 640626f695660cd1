// Bytes of a matrix file, plain or gzip, in one direction.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>

namespace heddle {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `count` bytes; 0 only at the end. Throws InputError(what happened, without a place): read error, damaged
  /// gzip.
  virtual std::size_t read(char* to, std::size_t count) = 0;
};

/// Opens a file. Gzip is recognised by its first two bytes; a name ending in .gz that has not got them is refused.
/// Throws InputError for a missing file, a directory, no permission.
std::unique_ptr<ByteSource> open_bytes(const std::string& path);

/// The same over a stream that the caller keeps alive, gzip recognised likewise.
std::unique_ptr<ByteSource> open_bytes(std::istream& stream);

}  // namespace heddle
