#include <boost/iostreams/filter/zlib.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <charconv>
#include <cmath>
#include <ostream>
#include <sstream>
#include <utility>

#include "matrices/matrix_market.h"
#include "sim/base/file_io.h"

namespace heddle {
namespace {

/// Collects text and hands it to the stream in large pieces.
class TextBuffer {
 public:
  explicit TextBuffer(std::ostream& stream) : stream_(stream) { text_.reserve(kPiece + kLongestLine); }
  ~TextBuffer() { flush(); }
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;

  template <class Number>
  void number(Number value) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    text_.append(digits, end);
  }
  void character(char c) { text_ += c; }
  void end_line() {
    text_ += '\n';
    if (text_.size() >= kPiece) flush();
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 16;
  static constexpr std::size_t kLongestLine = 128;

  void flush() {
    stream_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }

  std::ostream& stream_;
  std::string text_;
};

void write_comment(std::ostream& stream, const std::string& comment) {
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);) stream << "% " << line << '\n';
}

/// zlib writes the gzip container itself, without a time stamp, when 16 is added to its window bits.
boost::iostreams::zlib_params gzip_parameters() {
  boost::iostreams::zlib_params parameters(boost::iostreams::zlib::best_compression);
  parameters.window_bits += 16;
  return parameters;
}

}  // namespace

void write_matrix_market(std::ostream& stream, const Csr& matrix, MarketField field, const std::string& comment) {
  const bool pattern = field == MarketField::pattern;
  stream << "%%MatrixMarket matrix coordinate " << (pattern ? "pattern" : "real") << " general\n";
  write_comment(stream, comment);
  stream << matrix.rows << ' ' << matrix.cols << ' ' << matrix.nnz() << '\n';
  TextBuffer text(stream);
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i) {
      text.number(std::uint64_t{row} + 1);
      text.character(' ');
      text.number(std::uint64_t{matrix.coordinates[i]} + 1);
      if (!pattern) {
        text.character(' ');
        text.number(matrix.values[i]);
      }
      text.end_line();
    }
  }
}

void save_matrix_market(const std::string& path, const Csr& matrix, MarketField field, const std::string& comment) {
  namespace io = boost::iostreams;
  std::ostringstream bytes;
  if (path.ends_with(".gz")) {
    io::filtering_ostream compressed;
    compressed.push(io::zlib_compressor(gzip_parameters()));
    compressed.push(bytes);
    write_matrix_market(compressed, matrix, field, comment);
    compressed.reset();
  } else {
    write_matrix_market(bytes, matrix, field, comment);
  }
  write_file_atomically(path, std::move(bytes).str());
}

}  // namespace heddle
