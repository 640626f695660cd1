// Products and nnz(C) of real matrices: those shipped in matrices/data, and INDEX.csv of the collection when present.
#include <gtest/gtest.h>

#include <fstream>

#include "matrices/profile.h"
#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

constexpr std::uint64_t kMostProducts = 20'000'000;

/// Fields of one CSV line, quotes respected.
std::vector<std::string> split_csv(const std::string& line) {
  std::vector<std::string> fields(1);
  bool in_quotes = false;
  for (const char c : line) {
    if (c == '"')
      in_quotes = !in_quotes;
    else if (c == ',' && !in_quotes)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

std::uint64_t number(const std::string& text) {
  return std::stoull(text);
}

// Columns of INDEX.csv: name,file,group_kind,rows,cols,nnz,field,storage,pattern_symmetric,max_row_nnz,spgemm_op,
// spgemm_mults,c_nnz,...
void expect_matches_index(const std::filesystem::path& folder, const std::vector<std::string>& fields) {
  SCOPED_TRACE(fields[0]);
  const LoadedMatrix loaded = load_matrix((folder / fields[1]).string());
  EXPECT_EQ(loaded.matrix.rows, number(fields[3]));
  EXPECT_EQ(loaded.matrix.cols, number(fields[4]));
  EXPECT_EQ(loaded.matrix.nnz(), number(fields[5]));
  const MatrixProfile structure = profile(loaded.matrix);
  EXPECT_EQ(structure.row_length.max, number(fields[9]));
  if (!fields[8].empty()) {
    EXPECT_EQ(structure.pattern_symmetry == 1.0, fields[8] == "yes");
  }
  const std::string zeros = " stored entries are explicit zeros";
  const std::string& notes = fields.back();
  if (const auto at = notes.find(zeros); at != std::string::npos) {
    EXPECT_EQ(structure.explicit_zeros, number(notes.substr(notes.rfind(' ', at - 1) + 1)));
  }

  const auto a = shared(loaded.matrix);
  const auto b = fields[10] == "A*A" ? a : shared(transpose(*a));
  const Workload workload = make_workload(a, b, fields[0], fields[0]);
  EXPECT_EQ(workload.products, number(fields[11]));
  if (!fields[12].empty()) {
    EXPECT_EQ(workload.nnz_c(), number(fields[12]));
  }
}

TEST(Collection, ProductsAndNonzerosEqualTheIndex) {
  const auto folder = collection_folder();
  if (folder.empty()) GTEST_SKIP() << "no collection of real matrices; set HEDDLE_MATRICES to its folder";
  std::ifstream index(folder / "INDEX.csv");
  std::string line;
  std::getline(index, line);
  std::size_t checked = 0;
  while (std::getline(index, line)) {
    const auto fields = split_csv(line);
    ASSERT_GE(fields.size(), 13u) << line;
    if (number(fields[11]) > kMostProducts) continue;
    expect_matches_index(folder, fields);
    ++checked;
  }
  EXPECT_GE(checked, 30u);
}

Workload shipped_square(const std::string& name) {
  return square(load_matrix(source_folder("matrices/data/" + name).string()).matrix);
}

TEST(ShippedMatrices, TypedOnesHaveTheirKnownCounts) {
  const Workload karate = shipped_square("karate.mtx");
  EXPECT_EQ(karate.a->rows, 34u);
  EXPECT_EQ(karate.a->nnz(), 2u * 78);
  EXPECT_EQ(karate.products, 1212u);
  EXPECT_EQ(karate.nnz_c(), 698u);
  const MatrixProfile structure = profile(*karate.a);
  EXPECT_EQ(structure.pattern_symmetry, 1.0);
  EXPECT_EQ(structure.diagonal_share, 0.0);
  EXPECT_EQ(structure.row_length.max, 17u);

  const Workload florentine = shipped_square("florentine.mtx");
  EXPECT_EQ(florentine.a->nnz(), 2u * 20);
  EXPECT_EQ(florentine.a->row_nnz(8), 6u);  // the Medici
  EXPECT_EQ(florentine.products, 134u);
  EXPECT_EQ(florentine.nnz_c(), 101u);
}

TEST(ShippedMatrices, ThePetersenGraphIsStronglyRegular) {
  // srg(10, 3, 0, 1): A*A = 2 I - A + J, zero exactly where A is one.
  const Workload petersen = shipped_square("petersen.mtx");
  EXPECT_EQ(petersen.products, 90u);
  EXPECT_EQ(petersen.nnz_c(), 70u);
  const ReferenceProduct square_of_a = reference_product(petersen);
  for (std::uint32_t row = 0; row < 10; ++row)
    for (std::uint64_t i = square_of_a.c.pointers[row]; i < square_of_a.c.pointers[row + 1]; ++i)
      EXPECT_EQ(square_of_a.c.values[i], square_of_a.c.coordinates[i] == row ? 3.0 : 1.0);
}

struct Shipped {
  const char* name;
  GeneratorConfig config;
  std::uint64_t products;  ///< of A*A; A*A' where A is not square
  std::uint64_t nnz_c;
};

using enum MatrixFamily;
using enum MatrixValues;
const Shipped kShipped[] = {
    {"rmat", {.family = rmat, .values = ones, .scale = 12, .edge_factor = 8}, 2295463, 1132735},
    {"mesh3d", {.family = mesh3d, .grid_x = 20, .grid_y = 20, .grid_z = 20}, 361280, 183440},
    {"banded",
     {.family = banded, .values = integer, .rows = 4000, .density = 0.8, .half_bandwidth = 8},
     739205,
     127252},
    {"block", {.family = block, .values = integer, .rows = 1024, .density = 0.03, .block_size = 8}, 986112, 116032},
    {"pruned", {.family = pruned, .values = integer, .rows = 512, .density = 0.1, .row_spread = 0.5}, 1326750, 258607},
    {"n_m_pruned", {.family = n_m_pruned, .values = integer, .rows = 128, .kept = 2, .group = 4}, 524288, 16384},
    {"hypersparse", {.family = hypersparse, .values = ones, .rows = 200000, .entries = 50000}, 12395, 12395},
    {"rectangular",
     {.family = rectangular, .values = integer, .rows = 4096, .cols = 512, .density = 0.01},
     880748,
     842241},
};

TEST(ShippedMatrices, GeneratedOnesAreWhatTheGeneratorGives) {
  for (const Shipped& shipped : kShipped) {
    SCOPED_TRACE(shipped.name);
    const auto path = source_folder("matrices/data") / (std::string(shipped.name) + ".mtx.gz");
    const auto a = shared(load_matrix(path.string()).matrix);
    EXPECT_EQ(*a, generate(shipped.config));
    const auto b = a->rows == a->cols ? a : shared(transpose(*a));
    const Workload workload = make_workload(a, b, "a", "b");
    EXPECT_EQ(workload.products, shipped.products);
    EXPECT_EQ(workload.nnz_c(), shipped.nnz_c);
  }
}

TEST(ShippedMatrices, AreSmall) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder("matrices/data")))
    bytes += entry.file_size();
  EXPECT_LT(bytes, 3'000'000u);
}

}  // namespace
}  // namespace heddle
