// Files: writing and reading back, gzip, names.
#include <gtest/gtest.h>

#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <fstream>

#include "matrices/matrix_market.h"
#include "sim/base/file_io.h"
#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

class MatrixFiles : public testing::Test {
 protected:
  MatrixFiles() : folder_(fs::path(testing::TempDir()) / ("heddle_" + std::string(test_name()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~MatrixFiles() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  static const char* test_name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  fs::path folder_;
};

std::string text_of(const Csr& matrix, MarketField field, const std::string& comment = {}) {
  std::ostringstream stream;
  write_matrix_market(stream, matrix, field, comment);
  return stream.str();
}

std::string gzip(const std::string& text) {
  std::ostringstream bytes;
  boost::iostreams::filtering_ostream stream;
  stream.push(boost::iostreams::gzip_compressor());
  stream.push(bytes);
  stream << text;
  stream.reset();
  return bytes.str();
}

TEST(WriteMatrixMarket, WritesTheShortestNumbersThatReadBack) {
  const Csr matrix{2, 2, {0, 2, 3}, {0, 1, 0}, {0.1, -1e300, 5e-324}};
  EXPECT_EQ(
      text_of(matrix, MarketField::real, "first\nsecond"),
      "%%MatrixMarket matrix coordinate real general\n% first\n% second\n2 2 3\n1 1 0.1\n1 2 -1e+300\n2 1 5e-324\n");
  EXPECT_EQ(text_of(matrix, MarketField::pattern),
            "%%MatrixMarket matrix coordinate pattern general\n2 2 3\n1 1\n1 2\n2 1\n");
}

TEST(WriteMatrixMarket, ReadsBackTheSameForEveryFamily) {
  for (const auto& family : enum_names(MatrixFamily{})) {
    GeneratorConfig config;
    config.family = family.value;
    config.rows = 200;
    config.scale = 8;
    config.density = 0.05;
    config.grid_x = config.grid_y = config.grid_z = 5;
    const Csr matrix = generate(config);
    EXPECT_EQ(read_text(text_of(matrix, MarketField::real)).matrix, matrix) << family.name;
    Csr ones = matrix;
    ones.values.assign(matrix.nnz(), 1.0);
    EXPECT_EQ(read_text(text_of(matrix, MarketField::pattern)).matrix, ones) << family.name;
  }
}

TEST_F(MatrixFiles, SaveAndLoadPlainAndGzip) {
  GeneratorConfig config;
  config.rows = 3000;
  const Csr matrix = generate(config);
  for (const char* name : {"a.mtx", "a.mtx.gz"}) {
    save_matrix_market(path(name), matrix, MarketField::real);
    EXPECT_EQ(load_matrix(path(name)).matrix, matrix) << name;
  }
  EXPECT_LT(fs::file_size(path("a.mtx.gz")), fs::file_size(path("a.mtx")));
  EXPECT_EQ(static_cast<unsigned char>(read_text_file(path("a.mtx.gz"))[0]), 0x1f);
}

TEST_F(MatrixFiles, SavingTwiceGivesTheSameBytes) {
  const Csr matrix = generate(GeneratorConfig{});
  for (const char* name : {"a.mtx", "a.mtx.gz"}) {
    save_matrix_market(path(name), matrix, MarketField::real);
    const std::string first = read_text_file(path(name));
    save_matrix_market(path(name), matrix, MarketField::real);
    EXPECT_EQ(read_text_file(path(name)), first);
  }
}

TEST_F(MatrixFiles, GzipIsKnownByItsContent) {
  const Csr matrix = generate(GeneratorConfig{});
  save_matrix_market(path("a.mtx.gz"), matrix, MarketField::real);
  fs::rename(path("a.mtx.gz"), path("b.mtx"));
  EXPECT_EQ(load_matrix(path("b.mtx")).matrix, matrix);
  std::ifstream stream(path("b.mtx"), std::ios::binary);
  EXPECT_EQ(load_matrix(stream, "standard input").matrix, matrix);
}

TEST_F(MatrixFiles, GzipMayComeInSeveralMembers) {
  const std::string text = text_of(generate(GeneratorConfig{}), MarketField::real);
  const std::string two = gzip(text.substr(0, 1000)) + gzip(text.substr(1000));
  EXPECT_EQ(read_text(two).matrix, generate(GeneratorConfig{}));
}

TEST_F(MatrixFiles, GzipCutAnywhereIsRefused) {
  GeneratorConfig config;
  config.rows = 60;
  config.density = 0.1;
  save_matrix_market(path("a.mtx.gz"), generate(config), MarketField::real);
  const std::string whole = read_text_file(path("a.mtx.gz"));
  for (std::size_t length = 2; length < whole.size(); ++length) {
    write_file_atomically(path("cut.mtx.gz"), std::string_view(whole).substr(0, length));
    try {
      load_matrix(path("cut.mtx.gz"));
      ADD_FAILURE() << "accepted " << length << " of " << whole.size() << " bytes";
    } catch (const InputError& error) {
      ASSERT_NE(std::string(error.what()).find("gzip data are damaged"), std::string::npos) << error.what();
    }
  }
}

TEST_F(MatrixFiles, UnwritablePlacesAreNamed) {
  for (const std::string& target : {path("no/such/folder/a.mtx"), path("")}) {
    try {
      save_matrix_market(target, Csr{}, MarketField::real);
      ADD_FAILURE() << "wrote " << target;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(target), std::string::npos) << error.what();
    }
  }
}

TEST_F(MatrixFiles, MissingFilesDirectoriesAndStrangeNamesAreRefused) {
  const auto failure = [](const std::string& name) -> std::string {
    try {
      load_matrix(name);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(failure(path("none.mtx")), path("none.mtx") + ": cannot be opened: No such file or directory");
  EXPECT_EQ(failure(path("")), path("") + ": is a directory; expected a matrix file");
  save_matrix_market(path("m.mtx.gz"), Csr{}, MarketField::real);
  EXPECT_EQ(failure(path("m.mtx")),
            path("m.mtx") + ": cannot be opened: No such file or directory; did you mean " + path("m.mtx.gz") + "?");
  write_file_atomically(path("m.csv"), "1,2\n");
  EXPECT_EQ(failure(path("m.csv")),
            path("m.csv") + ": unknown kind of file; expected a name ending in .mtx, .mtx.gz, .smtx or .smtx.gz");
}

}  // namespace
}  // namespace heddle
