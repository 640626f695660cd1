#include "matrices/byte_source.h"

#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

namespace io = boost::iostreams;

class StreamSource : public ByteSource {
 public:
  explicit StreamSource(std::istream& stream) : stream_(stream) {}

  std::size_t read(char* to, std::size_t count) override {
    stream_.read(to, static_cast<std::streamsize>(count));
    if (stream_.bad()) throw InputError(std::string("cannot be read: ") + std::strerror(errno));
    return static_cast<std::size_t>(stream_.gcount());
  }

 private:
  std::istream& stream_;
};

const char* describe_gzip_error(const io::gzip_error& error) {
  if (error.zlib_error_code() == io::zlib::buf_error) return "it ends too early";
  switch (error.error()) {
    case io::gzip::bad_crc:
      return "its checksum differs";
    case io::gzip::bad_length:
      return "its length differs";
    case io::gzip::bad_header:
      return "bytes that are no gzip header";
    case io::gzip::bad_footer:
      return "it ends too early";
    case io::gzip::bad_method:
      return "an unknown compression method";
    default:
      return "what is compressed makes no sense";
  }
}

class GzipSource : public ByteSource {
 public:
  explicit GzipSource(std::istream& stream) {
    buffer_.push(io::gzip_decompressor());
    buffer_.push(stream);
  }

  std::size_t read(char* to, std::size_t count) override {
    try {
      const std::streamsize got = buffer_.sgetn(to, static_cast<std::streamsize>(count));
      return got < 0 ? 0 : static_cast<std::size_t>(got);
    } catch (const io::gzip_error& error) {
      throw InputError(std::string("gzip data are damaged: ") + describe_gzip_error(error) +
                       "; expected one whole gzip file");
    } catch (const std::ios_base::failure&) {
      throw InputError("gzip data cannot be read; expected one whole gzip file");
    }
  }

 private:
  io::filtering_streambuf<io::input> buffer_;
};

/// Owns the file beneath the source.
class FileSource : public ByteSource {
 public:
  explicit FileSource(std::unique_ptr<std::ifstream> file) : file_(std::move(file)), bytes_(open_bytes(*file_)) {}
  std::size_t read(char* to, std::size_t count) override { return bytes_->read(to, count); }

 private:
  std::unique_ptr<std::ifstream> file_;
  std::unique_ptr<ByteSource> bytes_;
};

bool starts_as_gzip(std::istream& stream) {
  const int first = stream.peek();
  if (first != 0x1f) return false;
  stream.get();
  const bool gzip = stream.peek() == 0x8b;
  stream.unget();
  return gzip;
}

std::string missing_file_hint(const std::string& path) {
  std::error_code ignored;
  for (const char* other : {".gz", ".mtx", ".mtx.gz", ".smtx"})
    if (std::filesystem::is_regular_file(path + other, ignored)) return "; did you mean " + path + other + "?";
  return {};
}

}  // namespace

std::unique_ptr<ByteSource> open_bytes(std::istream& stream) {
  if (starts_as_gzip(stream)) return std::make_unique<GzipSource>(stream);
  stream.clear();
  return std::make_unique<StreamSource>(stream);
}

std::unique_ptr<ByteSource> open_bytes(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw InputError(path + ": is a directory; expected a matrix file");
  errno = 0;
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) throw InputError(path + ": cannot be opened: " + std::strerror(errno) + missing_file_hint(path));
  const bool empty = file->peek() == std::ifstream::traits_type::eof();
  if (!empty && path.ends_with(".gz") && !starts_as_gzip(*file))
    throw InputError(path + ": is not gzip data; expected bytes 1f 8b at the start of a .gz file");
  file->clear();
  return std::make_unique<FileSource>(std::move(file));
}

}  // namespace heddle
