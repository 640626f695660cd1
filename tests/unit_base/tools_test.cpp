// Files, random numbers, spelling.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <numeric>

#include "sim/base/file_io.h"
#include "sim/base/random.h"
#include "sim/base/spelling.h"
#include "tests/unit_base/sample.h"

namespace heddle::sample {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const std::string& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator{}));
}

TEST(FileIo, WritesAndReadsBack) {
  const TemporaryDirectory dir;
  const std::string text("a\0b\r\n\xff", 6);
  write_file_atomically(dir / "x", text);
  EXPECT_EQ(read_text_file(dir / "x"), text);
  write_file_atomically(dir / "x", "");
  EXPECT_EQ(read_text_file(dir / "x"), "");
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(FileIo, KeepsPermissionsAndLinks) {
  const TemporaryDirectory dir;
  dir.write("real", "old");
  ASSERT_EQ(::chmod((dir / "real").c_str(), 0640), 0);
  fs::create_symlink("real", dir / "link");
  write_file_atomically(dir / "link", "new");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(read_text_file(dir / "real"), "new");
  struct stat status {};
  ASSERT_EQ(::stat((dir / "real").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST(FileIo, DevicesAreWrittenInPlace) {
  write_file_atomically("/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(FileIo, UnwritablePathsSayWhyAndLeaveNothing) {
  const TemporaryDirectory dir;
  dir.write("file", "x");
  const auto message = [](const std::string& path) { return message_of([&] { write_file_atomically(path, "y"); }); };
  EXPECT_EQ(message(dir / "none/x"), (dir / "none/x") + ": cannot write: No such file or directory");
  EXPECT_EQ(message(dir / "file/x"), (dir / "file/x") + ": cannot write: Not a directory");
  EXPECT_EQ(message(dir.path()), dir.path() + ": cannot write: it is a directory");
  EXPECT_EQ(message(""), "cannot write a file without a name");
  EXPECT_NE(message(dir / std::string(300, 'n')), "");
  EXPECT_EQ(message("/dev/full"), "/dev/full: cannot write: No space left on device");
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(FileIo, UnreadableFilesSayWhy) {
  const TemporaryDirectory dir;
  EXPECT_EQ(message_of([&] { read_text_file(dir / "none"); }),
            (dir / "none") + ": cannot read: No such file or directory");
  EXPECT_EQ(message_of([&] { read_text_file(dir.path()); }), dir.path() + ": cannot read: it is a directory");
  EXPECT_EQ(message_of([&] { read_text_file(dir.write("x", "12345"), 4); }),
            (dir / "x") + ": cannot read: longer than 4 bytes");
  EXPECT_EQ(read_text_file(dir / "x", 5), "12345");
}

TEST(Random, SequenceIsTheStandardOne) {
  Random random(5489);  // the 10000th value of the default seed is in the C++ standard
  for (int i = 1; i < 10000; ++i) random.bits();
  EXPECT_EQ(random.bits(), 9981545732273789042ULL);
}

TEST(Random, UniformStaysInRangeAndCoversIt) {
  Random random(1);
  std::vector<int> counts(10);
  for (int i = 0; i < 100'000; ++i) ++counts.at(random.uniform_u64(10));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random.uniform_u64(1), 0U);
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.uniform_u64(large), large);
  EXPECT_THROW(random.uniform_u64(0), InternalError);
}

TEST(Random, RealsAreUniformInUnitInterval) {
  Random random(2);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.uniform_real();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
}

TEST(Random, ShuffleIsASeededPermutation) {
  std::vector<int> first(100), second(100);
  std::iota(first.begin(), first.end(), 0);
  second = first;
  Random(9).shuffle(std::span(first));
  Random(9).shuffle(std::span(second));
  EXPECT_EQ(first, second);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
  std::sort(first.begin(), first.end());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first[static_cast<std::size_t>(i)], i);
}

TEST(Spelling, EditDistance) {
  EXPECT_EQ(edit_distance("kitten", "sitting", 9), 3U);
  EXPECT_EQ(edit_distance("", "abc", 9), 3U);
  EXPECT_EQ(edit_distance("same", "same", 0), 0U);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3U);
  EXPECT_EQ(edit_distance("a", std::string(1'000'000, 'a'), 5), 6U);
}

TEST(Spelling, NearestIsTheClosestThatIsCloseEnough) {
  const std::string_view words[] = {"row_wise", "outer_product", "inner_product", "pe"};
  EXPECT_EQ(nearest("row_wize", words), "row_wise");
  EXPECT_EQ(nearest("rowwise", words), "row_wise");
  EXPECT_EQ(nearest("iner-product", words), "inner_product");
  EXPECT_EQ(nearest("xyz", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest("p", words), "pe");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(
      unknown_word("dataflow", "row_wize", words),
      "unknown dataflow \"row_wize\"; did you mean \"row_wise\"? Known: row_wise, outer_product, inner_product, pe");
  EXPECT_EQ(unknown_word("unit", "q", std::vector<std::string_view>{"GHz"}), "unknown unit \"q\". Known: GHz");
}

TEST(Spelling, QuoteEscapesAndShortens) {
  EXPECT_EQ(quote("ab\n\x7f\xff"), "\"ab\\x0a\\x7f\\xff\"");
  EXPECT_EQ(quote("\xC3\xA9"), "\"\xC3\xA9\"");
  EXPECT_EQ(quote(std::string(100, 'a'), 3), "\"aaa\"...");
}

TEST(Spelling, FindsInvalidUtf8) {
  EXPECT_EQ(first_invalid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), std::string_view::npos);
  for (const char* broken :
       {"ab\xC3", "ab\x80", "ab\xC0\x80", "ab\xE0\x80\x80", "ab\xED\xA0\x80", "ab\xF4\x90\x80\x80", "ab\xFF"})
    EXPECT_EQ(first_invalid_utf8(broken), 2U);
}

}  // namespace
}  // namespace heddle::sample
