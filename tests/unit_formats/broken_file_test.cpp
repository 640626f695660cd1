// Encoded files that were cut, changed or made up: refused with an InputError, or read as a well-formed matrix.
#include <gtest/gtest.h>

#include "matrices/formats/file.h"
#include "sim/base/errors.h"
#include "tests/unit_formats/format_helpers.h"

namespace heddle {
namespace {

std::string reason(const std::string& file) {
  try {
    decode_file(file, "x.hfm");
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 7), "x.hfm: ") << error.what();
    return error.what();
  }
  return "accepted";
}

void expect_reason(const std::string& file, const std::string& words) {
  EXPECT_NE(reason(file).find(words), std::string::npos) << reason(file);
}

std::string valid_file(Format format, std::uint64_t seed = 5) {
  const NarrowMatrix matrix =
      format == Format::two_four
          ? two_of_four(70, 66, seed, ValueType::fp16)
          : random_matrix(70, 66, 0.3, seed, format == Format::tca_tbe ? ValueType::bf16 : ValueType::fp16);
  return to_file(encode(matrix, format));
}

/// Where the bytes of section `index` begin.
std::size_t section_at(const std::string& file, std::size_t index) {
  std::uint32_t sections = 0;
  file.copy(reinterpret_cast<char*>(&sections), 4, 20);
  std::size_t at = 76 + 24 * sections;
  for (std::size_t i = 0; i < index; ++i) {
    std::uint64_t bytes = 0;
    file.copy(reinterpret_cast<char*>(&bytes), 8, 76 + 24 * i + 16);
    at += bytes;
  }
  return at;
}

TEST(BrokenFile, EveryTruncationIsRefused) {
  for (const auto& entry : enum_names(Format{})) {
    const std::string file = valid_file(entry.value);
    EXPECT_EQ(reason(file), "accepted") << entry.name;
    for (std::size_t length = 0; length < file.size(); length += length < 400 ? 1 : 97)
      EXPECT_NE(reason(file.substr(0, length)), "accepted") << entry.name << " " << length;
    EXPECT_NE(reason(file + '\0'), "accepted") << entry.name;
  }
}

TEST(BrokenFile, TileBitmap) {
  const std::string file = to_file(encode(tiles_with(128, 3, 8), Format::tile_bitmap));
  std::string changed = file;
  changed[section_at(file, 0)] = 1;  // a ninth element in the first tile
  expect_reason(changed, "section offsets: offset 1 is 4, the bitmaps before it need 8");
  changed = file;
  changed[section_at(file, 0) + 7] = '\x7f';  // only seven: the eighth value is no padding
  expect_reason(changed, "section values: padding value 7 is not 0");
  changed = file;
  changed[section_at(file, 1) + 5] = '\x7f';
  expect_reason(changed, "section offsets: offset 1");
}

TEST(BrokenFile, HeaderFields) {
  const std::string file = valid_file(Format::csr);
  const auto with = [&](std::size_t at, char byte) {
    std::string changed = file;
    changed[at] = byte;
    return changed;
  };
  expect_reason(with(0, 'h'), "expected an encoded matrix");
  expect_reason(with(8, 2), "version 2; expected 1");
  expect_reason(with(12, 99), "unknown format 99");
  expect_reason(with(16, 0), "unknown value type 0");
  expect_reason(with(20, 2), "it has 2 sections; expected 3 of csr");
  expect_reason(with(31, 1), "rows are too many");
  expect_reason(with(40, static_cast<char>(file[40] + 1)), "nonzeros as the header says");
  expect_reason(with(55, '\xbf'), "scale");
  expect_reason(with(56, 7), "unknown tile order");
  expect_reason(with(60, 0), "option");
  expect_reason(with(76, 'q'), "expected pointers");
}

TEST(BrokenFile, CompressedRows) {
  const std::string file = valid_file(Format::csr);
  std::string changed = file;
  changed[section_at(file, 0)] = 1;
  expect_reason(changed, "the first pointer is not 0");
  changed = file;
  changed[section_at(file, 0) + 7] = '\x10';
  expect_reason(changed, "out of order or range");
  changed = file;
  changed[section_at(file, 1) + 3] = '\x7f';
  EXPECT_NE(reason(changed), "accepted");
  changed = file;
  changed[section_at(file, 2)] = changed[section_at(file, 2) + 1] = 0;
  expect_reason(changed, "a zero is stored");
}

/// Random bytes changed: refused, or a matrix that encodes and decodes again.
void fuzz(Format format, std::uint64_t rounds) {
  Random random(static_cast<std::uint64_t>(format));
  const std::string valid = valid_file(format);
  int refused = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::string file = valid;
    for (std::uint64_t n = 1 + random.uniform_u64(3); n > 0; --n) {
      const std::size_t at = random.uniform_u64(random.uniform_u64(2) == 0 ? 200 : file.size());
      file[at] = static_cast<char>(random.uniform_u64(3) == 0 ? 0xff : random.uniform_u64(256));
    }
    if (random.uniform_u64(8) == 0) file.resize(random.uniform_u64(file.size()));
    try {
      const NarrowMatrix matrix = decode_file(file, "x", {4096, 16});
      EXPECT_EQ(decode(encode(matrix, Format::csr)), matrix);
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(rounds / 4)) << enum_name(format);
}

TEST(BrokenFile, RandomChangesNeverBreakTheReader) {
  for (const auto& entry : enum_names(Format{})) fuzz(entry.value, 1500);
}

}  // namespace
}  // namespace heddle
