#include "matrices/formats/file.h"

#include <array>
#include <cmath>
#include <cstring>

#include "matrices/formats/codec.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle {
namespace {

constexpr std::uint32_t kVersion1 = 1;
constexpr std::size_t kNameBytes = 16;

/// Numbers one after another, with the file's name in every message.
class FileCursor {
 public:
  FileCursor(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  std::string_view take(std::uint64_t bytes) {
    if (bytes > text_.size() - at_)
      fail("it ends after " + std::to_string(text_.size()) + " bytes; expected at least " +
           std::to_string(bytes > ~at_ ? ~std::uint64_t{0} : at_ + bytes));
    const std::string_view part = text_.substr(at_, bytes);
    at_ += bytes;
    return part;
  }
  template <class T>
  T number() {
    T result;
    std::memcpy(&result, take(sizeof result).data(), sizeof result);
    return result;
  }
  bool at_end() const { return at_ == text_.size(); }
  [[noreturn]] void fail(const std::string& reason) const { throw InputError(name_ + ": " + reason); }

 private:
  std::string_view text_;
  const std::string& name_;
  std::uint64_t at_ = 0;
};

template <class E>
E read_enum(FileCursor& file, const char* what) {
  const auto value = static_cast<E>(file.number<std::uint32_t>());
  for (const auto& entry : enum_names(value))
    if (entry.value == value) return value;
  file.fail(std::string("unknown ") + what + " " + std::to_string(static_cast<std::uint32_t>(value)));
}

std::uint32_t read_dimension(FileCursor& file, const ReadLimits& limits, std::uint64_t text_bytes, const char* what) {
  const auto extent = file.number<std::uint64_t>();
  if (extent > kMostRows || (extent > limits.dimension && extent / limits.dimension_per_entry > text_bytes))
    file.fail(std::to_string(extent) + " " + what + " are too many for a file of " + std::to_string(text_bytes) +
              " bytes");
  return static_cast<std::uint32_t>(extent);
}

FormatOptions read_options(FileCursor& file) {
  FormatOptions options;
  options.tile_order = read_enum<TileOrder>(file, "tile order");
  options.block = file.number<std::uint32_t>();
  options.offset_every = file.number<std::uint32_t>();
  options.offset_pad = file.number<std::uint32_t>();
  const auto median = file.number<std::uint32_t>();
  if (options.block < 1 || options.block > 1024 || options.offset_pad < 1 || options.offset_pad > 64 || median > 1 ||
      options.offset_every > 1 << 20)
    file.fail("an option is out of range");
  options.median_offsets = median == 1;
  return options;
}

void read_sections(FileCursor& file, std::uint32_t count, Encoded& encoded) {
  const std::vector<std::string_view> names = section_names(encoded.format, encoded.options);
  if (count != names.size())
    file.fail("it has " + std::to_string(count) + " sections; expected " + std::to_string(names.size()) + " of " +
              std::string(enum_name(encoded.format)));
  std::vector<std::uint64_t> bytes;
  for (const std::string_view name : names) {
    const std::string_view found = file.take(kNameBytes);
    std::string expected(name);
    expected.resize(kNameBytes, '\0');
    if (found != expected) file.fail("section " + quote(found) + "; expected " + std::string(name));
    bytes.push_back(file.number<std::uint64_t>());
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view part = file.take(bytes[i]);
    encoded.sections.push_back({names[i], {part.begin(), part.end()}});
    encoded.size.values += bytes[i];
  }
  if (!file.at_end()) file.fail("bytes follow the last section");
}

}  // namespace

std::string to_file(const Encoded& encoded) {
  std::vector<std::uint8_t> bytes(kFormatMagic.begin(), kFormatMagic.end());
  const FormatOptions& options = encoded.options;
  formats::put(bytes, kVersion1);
  formats::put(bytes, static_cast<std::uint32_t>(encoded.format));
  formats::put(bytes, static_cast<std::uint32_t>(encoded.type));
  formats::put(bytes, static_cast<std::uint32_t>(encoded.sections.size()));
  for (const std::uint64_t count : {std::uint64_t{encoded.rows}, std::uint64_t{encoded.cols}, encoded.nnz})
    formats::put(bytes, count);
  formats::put(bytes, std::bit_cast<std::uint64_t>(encoded.scale));
  for (const std::uint32_t option : {static_cast<std::uint32_t>(options.tile_order), options.block,
                                     options.offset_every, options.offset_pad, options.median_offsets ? 1u : 0u})
    formats::put(bytes, option);
  std::string text(bytes.begin(), bytes.end());
  for (const Section& section : encoded.sections) {
    std::string name(section.name);
    name.resize(kNameBytes, '\0');
    const auto length = std::bit_cast<std::array<char, 8>>(std::uint64_t{section.bytes.size()});
    text += name + std::string(length.begin(), length.end());
  }
  for (const Section& section : encoded.sections) text.append(section.bytes.begin(), section.bytes.end());
  return text;
}

Encoded from_file(std::string_view text, const std::string& name, const ReadLimits& limits) {
  FileCursor file(text, name);
  if (text.substr(0, kFormatMagic.size()) != kFormatMagic)
    file.fail("expected an encoded matrix (heddle matrix convert)");
  file.take(kFormatMagic.size());
  if (const auto version = file.number<std::uint32_t>(); version != kVersion1)
    file.fail("version " + std::to_string(version) + "; expected 1");
  Encoded encoded;
  encoded.format = read_enum<Format>(file, "format");
  encoded.type = read_enum<ValueType>(file, "value type");
  const auto sections = file.number<std::uint32_t>();
  encoded.rows = read_dimension(file, limits, text.size(), "rows");
  encoded.cols = read_dimension(file, limits, text.size(), "columns");
  encoded.nnz = file.number<std::uint64_t>();
  encoded.scale = file.number<double>();
  if (!std::isfinite(encoded.scale) || encoded.scale <= 0) file.fail("the scale is not a positive number");
  encoded.options = read_options(file);
  read_sections(file, sections, encoded);
  return encoded;
}

NarrowMatrix decode_file(std::string_view text, const std::string& name, const ReadLimits& limits) {
  const Encoded encoded = from_file(text, name, limits);
  try {
    return decode(encoded);
  } catch (const InputError& error) {
    throw InputError(name + ": " + error.what());
  }
}

}  // namespace heddle
