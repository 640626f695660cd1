// Seeded mutations of valid files: each is either refused with an InputError or read as a well-formed matrix whose size
// is in proportion to the text.
#include <gtest/gtest.h>

#include <fstream>

#include "matrices/matrix_market.h"
#include "sim/base/random.h"
#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

constexpr ReadLimits kTightLimits{4096, 64};
constexpr std::string_view kSpice = "0123456789 \n\r\t%.,-+eEdDnaNif\0\x7f\xff";
constexpr std::string_view kWords[] = {
    "99999999999",    "18446744073709551616", "-1",   "0",          "1e400", "nan",
    "\n\n\n",         "2147483647",           "real", "symmetric",  "array", "pattern",
    "%%MatrixMarket", "1000000000000000000",  "\r\n", "0.00000001", " ",     "complex"};

void mutate(std::string& text, Random& random) {
  const std::size_t at = text.empty() ? 0 : random.uniform_u64(text.size());
  const auto chunk = std::min<std::size_t>(text.size() - at, 1 + random.uniform_u64(12));
  switch (random.uniform_u64(6)) {
    case 0:
      text.insert(at, 1, kSpice[random.uniform_u64(kSpice.size())]);
      break;
    case 1:
      text.erase(at, chunk);
      break;
    case 2:
      text.insert(at, text.substr(at, chunk));
      break;
    case 3:
      text.insert(at, kWords[random.uniform_u64(std::size(kWords))]);
      break;
    case 4:
      text.resize(at);
      break;
    default:
      if (!text.empty()) text[at] = static_cast<char>(random.uniform_u64(256));
  }
}

struct Outcomes {
  int read = 0;
  int refused = 0;
};

Outcomes fuzz(const std::string& valid, const std::string& name, int rounds, std::uint64_t seed) {
  Random random(seed);
  Outcomes outcomes;
  for (int round = 0; round < rounds; ++round) {
    std::string text = valid;
    for (std::uint64_t count = 1 + random.uniform_u64(4); count > 0; --count) mutate(text, random);
    try {
      std::istringstream stream(text);
      const Csr matrix = load_matrix(stream, name, kTightLimits).matrix;
      EXPECT_TRUE(well_formed(matrix)) << text;
      EXPECT_LE(matrix.nnz(), text.size());
      EXPECT_LE(matrix.rows, 4096 + 64 * text.size());
      ++outcomes.read;
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with(name + ":")) << error.what();
      ++outcomes.refused;
    }
  }
  return outcomes;
}

void expect_both_outcomes(const Outcomes& outcomes) {
  EXPECT_GT(outcomes.read, 100);
  EXPECT_GT(outcomes.refused, 100);
}

TEST(Fuzz, CoordinateFiles) {
  const std::string valid =
      "%%MatrixMarket matrix coordinate real general\n% comment\n5 6 5\n1 1 1.5\n2 3 -2.5e-3\n3 3 7\n5 6 1D2\n1 2 0\n";
  expect_both_outcomes(fuzz(valid, "fuzz.mtx", 20000, 1));
}

TEST(Fuzz, SymmetricIntegerFiles) {
  const std::string valid = "%%MatrixMarket matrix coordinate integer symmetric\n4 4 4\n1 1 1\n2 1 -2\n4 3 7\n4 4 12\n";
  expect_both_outcomes(fuzz(valid, "fuzz.mtx", 20000, 2));
}

TEST(Fuzz, ArrayFiles) {
  const std::string valid = "%%MatrixMarket matrix array real general\n2 3\n1\n2\n0\n-4.5\n5e2\n6\n";
  expect_both_outcomes(fuzz(valid, "fuzz.mtx", 20000, 3));
}

TEST(Fuzz, SmtxFiles) {
  expect_both_outcomes(fuzz("3, 8, 7\n0 3 3 7 \n0 2 7 1 3 5 6 \n", "fuzz.smtx", 20000, 4));
}

TEST(Fuzz, GzipFiles) {
  const auto path = std::filesystem::path(testing::TempDir()) / "heddle_fuzz.mtx.gz";
  save_matrix_market(path.string(), generate(GeneratorConfig{.rows = 40}), MarketField::real);
  std::ifstream file(path, std::ios::binary);
  const std::string valid((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::filesystem::remove(path);
  // A checksum lets next to nothing through; what counts is that nothing else happens.
  EXPECT_GT(fuzz(valid, "fuzz.mtx", 5000, 5).refused, 4000);
}

}  // namespace
}  // namespace heddle
