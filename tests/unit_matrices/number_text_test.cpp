#include "matrices/number_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace heddle {
namespace {

double real_of(std::string_view word) {
  double value = -77;
  return parse_real(word, value) == NumberError::none ? value : std::numeric_limits<double>::quiet_NaN();
}

NumberError error_of_real(std::string_view word) {
  double value = 0;
  return parse_real(word, value);
}

NumberError error_of_integer(std::string_view word) {
  double value = 0;
  return parse_integer(word, value);
}

TEST(ParseReal, TakesDecimalAndScientificNotation) {
  EXPECT_EQ(real_of("1"), 1.0);
  EXPECT_EQ(real_of("-0.5"), -0.5);
  EXPECT_EQ(real_of("+2.5"), 2.5);
  EXPECT_EQ(real_of(".25"), 0.25);
  EXPECT_EQ(real_of("3."), 3.0);
  EXPECT_EQ(real_of("1.5e3"), 1500.0);
  EXPECT_EQ(real_of("1.5E-03"), 0.0015);
  EXPECT_EQ(real_of("0.1"), 0.1);
}

TEST(ParseReal, TakesFortranExponents) {
  EXPECT_EQ(real_of("1.5D+03"), 1500.0);
  EXPECT_EQ(real_of("-2d-1"), -0.2);
  EXPECT_EQ(real_of("+1.D2"), 100.0);
}

TEST(ParseReal, RoundsTinyNumbersToSubnormalsAndZero) {
  EXPECT_EQ(real_of("4.9406564584124654e-324"), 4.9406564584124654e-324);
  EXPECT_EQ(real_of("1e-320"), 1e-320);
  EXPECT_EQ(real_of("1e-400"), 0.0);
}

TEST(ParseReal, RefusesWhatIsNoFiniteNumber) {
  for (const char* word :
       {"", "+", "-", ".", "e5", "abc", "1x", "1e", "1.0.0", "--1", "+-1", "++1", "0x10", "1D", "D3", "1D2D3"})
    EXPECT_EQ(error_of_real(word), NumberError::malformed) << word;
  for (const char* word : {"nan", "NaN", "inf", "-inf", "Infinity", "+inf"})
    EXPECT_EQ(error_of_real(word), NumberError::not_finite) << word;
  for (const char* word : {"1e309", "-1e400", "1e99999", "1D400"})
    EXPECT_EQ(error_of_real(word), NumberError::out_of_range) << word;
}

TEST(ParseInteger, TakesWhatADoubleHoldsExactly) {
  double value = 0;
  EXPECT_EQ(parse_integer("-12", value), NumberError::none);
  EXPECT_EQ(value, -12.0);
  EXPECT_EQ(parse_integer("+9007199254740992", value), NumberError::none);
  EXPECT_EQ(value, 9007199254740992.0);
  EXPECT_EQ(error_of_integer("9007199254740993"), NumberError::inexact);
  EXPECT_EQ(error_of_integer("-99999999999999999999"), NumberError::inexact);
  for (const char* word : {"", "1.5", "1e3", "x", "+-3"})
    EXPECT_EQ(error_of_integer(word), NumberError::malformed) << word;
}

TEST(LineCursor, TakesALineApart) {
  LineCursor cursor("  12\t34  x ");
  std::uint64_t number = 0;
  EXPECT_TRUE(cursor.unsigned_number(number));
  EXPECT_EQ(number, 12u);
  EXPECT_TRUE(cursor.unsigned_number(number));
  EXPECT_EQ(number, 34u);
  EXPECT_FALSE(cursor.unsigned_number(number));
  EXPECT_EQ(cursor.word(), "x");
  EXPECT_EQ(cursor.word(), "");
  EXPECT_TRUE(cursor.at_end());
}

TEST(LineCursor, WantsABlankBehindANumber) {
  std::uint64_t number = 0;
  EXPECT_FALSE(LineCursor("12x").unsigned_number(number));
  EXPECT_FALSE(LineCursor("1.5").unsigned_number(number));
  EXPECT_FALSE(LineCursor("-1").unsigned_number(number));
}

}  // namespace
}  // namespace heddle
