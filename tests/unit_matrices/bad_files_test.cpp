// Every broken file in tests/bad_input/matrices is refused with a message that names the place and what was expected.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

/// File and what its message says behind the file's path.
const std::map<std::string, std::string> kExpected = {
    {"array_huge.mtx", ":3: the file ends after 1 of 4611686014132420609 values"},
    {"array_nan.mtx", ":3: value \"NaN\" is not finite"},
    {"array_too_many.mtx", ":4: more than the 1 values of the array"},
    {"array_truncated.mtx", ":5: the file ends after 3 of 4 values"},
    {"array_two_on_a_line.mtx", ":3: unexpected \"2.0\"; expected one value per line"},
    {"column_beyond.mtx", ":3: column index 4 is outside the matrix; expected a whole number from 1 to 3"},
    {"column_beyond.smtx", ":3: column index is \"2\"; expected a whole number from 0 to 1"},
    {"column_twice.smtx", ": column 1 is twice in row 0"},
    {"column_word.smtx", ":3: column index is \"x\""},
    {"column_zero.mtx", ":3: column index 0 is outside the matrix"},
    {"columns_beyond_64_bits.mtx", ":2: number of columns is too large"},
    {"complex_field.mtx", ":1: complex matrices are not supported; expected real, integer or pattern"},
    {"diagonal_in_skew.mtx", ":3: entry (2, 2) is on the diagonal of a skew-symmetric matrix"},
    {"duplicates_overflow.mtx", ": the duplicates of entry (1, 1) sum to more than a double holds"},
    {"empty.mtx", ": the file is empty; expected"},
    {"empty.smtx", ": the file is empty; expected"},
    {"entries_1e18.mtx", ":3: the file ends after 1 of 1000000000000000000 entries"},
    {"entries_beyond_64_bits.mtx", ":2: number of entries is too large"},
    {"entries_without_rows.mtx", ":2: 1 entries in a matrix without rows or columns"},
    {"extra_line.smtx", ":4: unexpected \"0.5\"; expected the end of the file"},
    {"falling_offsets.smtx", ":2: row offset 1 follows 2; expected offsets that never fall"},
    {"few_columns.smtx", ":3: the file ends after 1 column indices; expected 2"},
    {"few_offsets.smtx", ":2: the line ends after 2 row offsets; expected rows + 1 = 3"},
    {"first_offset.smtx", ":2: the first row offset is \"1\"; expected 0"},
    {"four_numbers.smtx", ":1: unexpected \"2\"; expected a first line"},
    {"fractional_columns.mtx", ":2: number of columns is \"3.5\"; expected a whole number"},
    {"gzip_damaged.mtx.gz", ": gzip data are damaged: what is compressed makes no sense"},
    {"gzip_header_only.mtx.gz", ": gzip data are damaged: bytes that are no gzip header"},
    {"gzip_trailing_junk.mtx.gz", ": gzip data are damaged: bytes that are no gzip header"},
    {"gzip_truncated.mtx.gz", ": gzip data are damaged: it ends too early"},
    {"gzip_unknown_method.mtx.gz", ": gzip data are damaged: an unknown compression method"},
    {"gzip_without_end.mtx.gz", ": gzip data are damaged: it ends too early"},
    {"gzip_wrong_checksum.mtx.gz", ": gzip data are damaged: its checksum differs"},
    {"hermitian.mtx", ":1: hermitian matrices are not supported"},
    {"huge_and_empty.mtx", ": announces 2147483647 rows and 2147483647 columns for 1 entries"},
    {"huge_and_empty.smtx", ": announces 1 rows and 2147483647 columns for 2 entries"},
    {"index_fraction.mtx", ":3: row index is \"1.5\"; expected a whole number"},
    {"index_overflow.mtx", ":3: row index 18446744073709551617 is outside the matrix"},
    {"integer_fraction.mtx", ":3: value \"1.5\" is not an integer"},
    {"integer_inexact.mtx", ":3: value \"9007199254740993\" is no integer that a double holds"},
    {"junk.mtx", ":1: not a Matrix Market file"},
    {"last_offset.smtx", ":2: the last row offset is 1; expected the number of nonzeros, 2"},
    {"long_banner.mtx", ":1: unexpected \"sorted\" at the end of the banner"},
    {"many_columns.smtx", ":3: too many column indices; expected 2"},
    {"many_offsets.smtx", ":2: too many row offsets; expected rows + 1 = 3"},
    {"misspelt_banner.mtx", ":1: not a Matrix Market file"},
    {"negative.smtx", ":1: number of rows is \"-2\""},
    {"negative_rows.mtx", ":2: number of rows is \"-3\"; expected a whole number from 0 to 2147483647"},
    {"nnz_1e18.smtx", ":2: the last row offset is 2; expected the number of nonzeros, 1000000000000000000"},
    {"no_columns.smtx", ":3: the file ends after 0 column indices"},
    {"no_columns_at_all.smtx", ":3: a column index in a matrix without columns"},
    {"no_gzip.mtx.gz", ": is not gzip data"},
    {"no_offsets.smtx", ":2: the line ends after 0 row offsets"},
    {"nul_bytes.mtx", ":3: row index is \"1\\x00\""},
    {"offset_beyond.smtx", ":2: row offset is \"3\"; expected a whole number from 0 to 2"},
    {"only_banner.mtx", ": the file ends before its size line; expected 'rows columns entries'"},
    {"only_comments.mtx", ": the file ends before its size line"},
    {"only_newline.mtx", ":1: not a Matrix Market file"},
    {"pattern_array.mtx", ":1: an array cannot be a pattern"},
    {"pattern_with_value.mtx", ":3: unexpected \"1.0\" at the end of the entry; expected 'row column'"},
    {"row_beyond.mtx", ":3: row index 4 is outside the matrix"},
    {"row_negative.mtx", ":3: row index is \"-1\"; expected a whole number from 1 to 3"},
    {"row_zero.mtx", ":4: row index 0 is outside the matrix; expected a whole number from 1 to 3"},
    {"rows_beyond_31_bits.mtx",
     ":2: number of rows is too large: \"2147483648\"; expected a whole number from 0 to 2147483647"},
    {"rows_beyond_31_bits.smtx", ":1: number of rows is \"4294967296\""},
    {"short_banner.mtx", ":1: the banner lacks its symmetry"},
    {"size_four_numbers.mtx", ":2: unexpected \"1\" at the end of the size line"},
    {"size_two_numbers.mtx", ":2: the size line lacks the number of entries"},
    {"size_words.mtx", ":2: number of rows is \"three\""},
    {"skew_pattern.mtx", ":1: a pattern cannot be skew-symmetric"},
    {"symmetric_not_square.mtx", ":2: a symmetric matrix of 3 rows and 4 columns"},
    {"too_many_entries.mtx", ":4: more than the 1 entries that the size line announces"},
    {"truncated.mtx", ":4: the file ends after 2 of 3 entries"},
    {"truncated_in_entry.mtx", ":5: the entry has no column index"},
    {"two_numbers.smtx", ":1: no number of nonzeros"},
    {"unknown_extension.csv", ": unknown kind of file; expected a name ending in .mtx"},
    {"unknown_field.mtx", ":1: unknown field \"reel\"; did you mean \"real\"; expected real, integer, pattern"},
    {"unknown_format.mtx",
     ":1: unknown format \"coordinates\"; did you mean \"coordinate\"; expected coordinate, array"},
    {"unknown_symmetry.mtx", ":1: unknown symmetry \"diagonal\"; expected general, symmetric, skew-symmetric"},
    {"upper_in_skew.mtx", ":3: entry (1, 2) is above the diagonal of a skew-symmetric matrix; expected row > column"},
    {"upper_in_symmetric.mtx", ":4: entry (1, 2) is above the diagonal of a symmetric matrix"},
    {"utf16.mtx", ":1: not a Matrix Market file"},
    {"value_extra.mtx", ":3: unexpected \"2.0\" at the end of the entry"},
    {"value_hex.mtx", ":3: value \"0x1p3\" is not a number"},
    {"value_inf.mtx", ":3: value \"-inf\" is not finite"},
    {"value_missing.mtx", ":3: the entry has no value; expected 'row column value'"},
    {"value_nan.mtx", ":3: value \"nan\" is not finite; expected a finite number"},
    {"value_overflow.mtx", ":3: value \"1e400\" is beyond the range of a double"},
    {"value_word.mtx", ":3: value \"abc\" is not a number"},
    {"vector_object.mtx", ":1: unknown object \"vector\"; expected matrix"},
    {"words.smtx", ":1: number of rows is \"rows\""},
    {"wrong_banner.mtx", ":1: not a Matrix Market file: it starts with \"3 3 1\""},
};

std::string failure_of_file(const std::filesystem::path& path) {
  try {
    load_matrix(path.string());
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(BadMatrixFiles, AreRefusedWithPlaceAndExpectation) {
  const auto folder = source_folder("tests/bad_input/matrices");
  for (const auto& [name, fragment] : kExpected) {
    const std::string path = (folder / name).string();
    const std::string message = failure_of_file(path);
    EXPECT_TRUE(message.starts_with(path + ":")) << message;
    EXPECT_NE(message.find(fragment), std::string::npos) << message << "\nexpected: " << fragment;
    EXPECT_NE(message.find("expected"), std::string::npos) << message;
    EXPECT_LT(message.size(), path.size() + 200) << message;
  }
}

TEST(BadMatrixFiles, AreAllInTheTable) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder("tests/bad_input/matrices"))) {
    EXPECT_TRUE(kExpected.contains(entry.path().filename().string())) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, kExpected.size());
  EXPECT_GE(files, 35u);
}

}  // namespace
}  // namespace heddle
