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

TEST(ShippedMatrices, KarateHasItsKnownCounts) {
  const Workload karate = shipped_square("karate.mtx");
  EXPECT_EQ(karate.a->rows, 34u);
  EXPECT_EQ(karate.a->nnz(), 2u * 78);
  EXPECT_EQ(karate.products, 1212u);
  EXPECT_EQ(karate.nnz_c(), 698u);
  const MatrixProfile structure = profile(*karate.a);
  EXPECT_EQ(structure.pattern_symmetry, 1.0);
  EXPECT_EQ(structure.diagonal_share, 0.0);
  EXPECT_EQ(structure.row_length.max, 17u);
}

}  // namespace
}  // namespace heddle
