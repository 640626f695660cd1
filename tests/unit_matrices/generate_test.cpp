#include "matrices/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "matrices/profile.h"
#include "matrices/sampling.h"
#include "sim/base/hash.h"
#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

std::string content_hash(const Csr& matrix) {
  Hasher hasher;
  hasher.update(std::span<const std::uint64_t>(matrix.pointers));
  hasher.update(std::span<const Coordinate>(matrix.coordinates));
  hasher.update(std::span<const double>(matrix.values));
  return hasher.hex();
}

GeneratorConfig config_of(MatrixFamily family) {
  GeneratorConfig config;
  config.family = family;
  return config;
}

std::string refusal(const GeneratorConfig& config) {
  try {
    check(config);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// Default configuration of each family: nonzeros and hash of pointers, coordinates and values.
struct Golden {
  std::uint64_t nnz;
  std::string hash;
};
const std::map<std::string_view, Golden> kGoldens = {
    {"uniform", {10486, "b6c75bf18d78c8bdca36f5ade868a898"}},
    {"rectangular", {1311, "00c3deb98c6b2c1d41395e13189d206d"}},
    {"rmat", {6633, "61abc3bdb0d2874b11f4443114a9f549"}},
    {"power_law", {10486, "f410d5da026db14556c16e27f4366b4c"}},
    {"banded", {92, "5bd557612c3423a32e71db2473c2c604"}},
    {"block", {10496, "005530757ea2a72147bc52b9cc1f0407"}},
    {"mesh2d", {4992, "ca32e68b9afcc81fd1743a5cbe8fc210"}},
    {"mesh3d", {223232, "a363b4f163a614b64ce9a2eeb9b5d622"}},
    {"n_m_pruned", {524288, "eed29f44d14b646415c8e7d78615dde8"}},
    {"pruned", {10349, "fa796b722e55cf7dca229244a3134b91"}},
    {"hypersparse", {256, "02406a5775a64a309d890add1c525998"}},
};

TEST(Generate, GivesTheSameMatrixOnEveryPlatform) {
  for (const auto& family : enum_names(MatrixFamily{})) {
    const Csr matrix = generate(config_of(family.value));
    ASSERT_TRUE(kGoldens.contains(family.name)) << family.name;
    EXPECT_EQ(matrix.nnz(), kGoldens.at(family.name).nnz) << family.name;
    EXPECT_EQ(content_hash(matrix), kGoldens.at(family.name).hash) << family.name;
  }
}

TEST(Generate, GivesWellFormedMatricesOfEveryShape) {
  for (const auto& family : enum_names(MatrixFamily{})) {
    GeneratorConfig config = config_of(family.value);
    for (const std::uint32_t rows : {0u, 1u, 2u, 37u, 300u}) {
      for (const std::uint32_t cols : {0u, 1u, 5u, 300u}) {
        for (const double density : {0.0, 0.03, 0.6, 1.0}) {
          config.rows = rows;
          config.cols = cols;
          config.density = density;
          config.scale = rows % 7;
          config.grid_x = config.grid_y = config.grid_z = 1 + rows % 5;
          EXPECT_TRUE(well_formed(generate(config))) << family.name << " " << rows << " " << cols << " " << density;
        }
      }
    }
  }
}

TEST(Generate, DiffersFromSeedToSeed) {
  for (const auto& family : enum_names(MatrixFamily{})) {
    if (family.value == MatrixFamily::mesh2d || family.value == MatrixFamily::mesh3d) continue;
    GeneratorConfig config = config_of(family.value);
    const Csr first = generate(config);
    config.seed = 2;
    EXPECT_NE(generate(config), first) << family.name;
  }
}

TEST(Generate, ValuesDoNotChangeThePattern) {
  GeneratorConfig config;
  config.values = MatrixValues::ones;
  const Csr ones = generate(config);
  config.values = MatrixValues::integer;
  const Csr integers = generate(config);
  EXPECT_EQ(ones.coordinates, integers.coordinates);
  for (const double value : ones.values) ASSERT_EQ(value, 1.0);
  for (const double value : integers.values)
    ASSERT_TRUE(value == std::floor(value) && value != 0 && std::abs(value) <= 9);
  for (const double value : generate(GeneratorConfig{}).values) ASSERT_TRUE(value != 0 && std::abs(value) < 1);
}

TEST(Uniform, HasExactlyTheEntriesAsked) {
  GeneratorConfig config;
  config.rows = 500;
  config.cols = 70;
  for (const std::uint64_t entries : {1u, 100u, 17000u, 18000u, 35000u}) {
    config.entries = entries;
    EXPECT_EQ(generate(config).nnz(), entries);
  }
}

TEST(Uniform, SpreadsOverAllPositions) {
  GeneratorConfig config;
  config.rows = config.cols = 40;
  config.density = 0.1;
  std::vector<int> hits(1600, 0);
  for (config.seed = 1; config.seed <= 400; ++config.seed) {
    const Csr matrix = generate(config);
    for (std::uint32_t row = 0; row < 40; ++row)
      for (const Coordinate column : matrix.row(row).coordinates) ++hits[row * 40 + column];
  }
  // 40 expected per position with a standard deviation of 6.
  for (const int count : hits) EXPECT_TRUE(count > 8 && count < 76) << count;
}

TEST(Rectangular, HasEightTimesAsManyRowsAsColumns) {
  const Csr matrix = generate(config_of(MatrixFamily::rectangular));
  EXPECT_EQ(matrix.rows, 1024u);
  EXPECT_EQ(matrix.cols, 128u);
}

TEST(Rmat, IsSkewedTowardsTheFirstVertices) {
  GeneratorConfig config = config_of(MatrixFamily::rmat);
  config.scale = 12;
  const Csr skewed = generate(config);
  EXPECT_EQ(skewed.rows, 4096u);
  EXPECT_LE(skewed.nnz(), 8u * 4096);
  EXPECT_GT(skewed.nnz(), 6u * 4096);
  EXPECT_GT(profile(skewed).row_length.gini, 0.5);
  EXPECT_GT(skewed.row_nnz(0), skewed.row_nnz(4095) + 100);
  config.a = config.b = config.c = config.d = 0.25;
  EXPECT_LT(profile(generate(config)).row_length.gini, 0.25);
}

TEST(Rmat, ScramblingRenumbersTheSameGraph) {
  GeneratorConfig config = config_of(MatrixFamily::rmat);
  const MatrixProfile ordered = profile(generate(config));
  config.scramble = true;
  const MatrixProfile scrambled = profile(generate(config));
  EXPECT_NEAR(static_cast<double>(scrambled.nnz), static_cast<double>(ordered.nnz),
              0.05 * static_cast<double>(ordered.nnz));
  EXPECT_NEAR(scrambled.row_length.gini, ordered.row_length.gini, 0.05);
}

TEST(PowerLaw, HasTheEntriesAskedInRowsOfPowerLawLength) {
  GeneratorConfig config = config_of(MatrixFamily::power_law);
  config.rows = 2000;
  config.entries = 20000;
  config.exponent = 0.8;
  const Csr matrix = generate(config);
  EXPECT_EQ(matrix.nnz(), 20000u);
  std::vector<double> lengths;
  for (std::uint32_t row = 0; row < matrix.rows; ++row) lengths.push_back(static_cast<double>(matrix.row_nnz(row)));
  std::sort(lengths.rbegin(), lengths.rend());
  EXPECT_NEAR(lengths[0] / lengths[31], std::pow(32.0, 0.8), 1.5);
  EXPECT_NEAR(lengths[1] / lengths[15], std::pow(8.0, 0.8), 0.5);
}

TEST(PowerLaw, FillsARowAtMost) {
  GeneratorConfig config = config_of(MatrixFamily::power_law);
  config.rows = 100;
  config.cols = 10;
  config.exponent = 8;
  config.entries = 600;
  EXPECT_EQ(generate(config).nnz(), 600u);
  config.entries = 1000;
  EXPECT_EQ(generate(config).nnz(), 1000u);
}

TEST(Banded, StaysInItsBand) {
  GeneratorConfig config = config_of(MatrixFamily::banded);
  config.rows = 100;
  config.half_bandwidth = 3;
  config.density = 1;
  const Csr full = generate(config);
  EXPECT_EQ(full.nnz(), 100u * 7 - 2 * (1 + 2 + 3));
  EXPECT_EQ(profile(full).bandwidth, 3u);
  config.density = 0.5;
  const Csr half = generate(config);
  EXPECT_EQ(half.nnz(), full.nnz() / 2);
  EXPECT_LE(profile(half).bandwidth, 3u);
}

TEST(Block, IsMadeOfDenseBlocks) {
  GeneratorConfig config = config_of(MatrixFamily::block);
  config.rows = config.cols = 64;
  config.density = 0.25;
  const Csr matrix = generate(config);
  EXPECT_EQ(matrix.nnz(), 16u * 64);
  for (std::uint32_t row = 0; row < 64; ++row) {
    const auto mine = matrix.row(row).coordinates;
    const auto leader = matrix.row(row / 8 * 8).coordinates;
    EXPECT_TRUE(std::equal(mine.begin(), mine.end(), leader.begin(), leader.end()));
    EXPECT_EQ(mine.size() % 8, 0u);
  }
}

TEST(Mesh, HasTheStencilOfItsGrid) {
  GeneratorConfig config = config_of(MatrixFamily::mesh2d);
  config.grid_x = 3;
  config.grid_y = 2;
  const Csr plane = generate(config);
  EXPECT_EQ(plane.nnz(), 6u + 2 * (2 * 2 + 3 * 1));
  const std::vector<Coordinate> middle(plane.row(1).coordinates.begin(), plane.row(1).coordinates.end());
  EXPECT_EQ(middle, (std::vector<Coordinate>{0, 1, 2, 4}));
  EXPECT_EQ(plane.row(1).values[1], 4.0);
  EXPECT_EQ(plane.row(1).values[0], -1.0);

  config.family = MatrixFamily::mesh3d;
  config.grid_x = config.grid_y = config.grid_z = 4;
  const MatrixProfile cube = profile(generate(config));
  EXPECT_EQ(cube.nnz, 64u + 2 * 3 * 48);
  EXPECT_EQ(cube.row_length.max, 7u);
  EXPECT_EQ(cube.bandwidth, 16u);
  EXPECT_EQ(cube.pattern_symmetry, 1.0);
}

TEST(NmPruned, KeepsNOfEveryM) {
  GeneratorConfig config = config_of(MatrixFamily::n_m_pruned);
  config.rows = 50;
  config.cols = 30;  // the last group has two columns
  const Csr matrix = generate(config);
  for (std::uint32_t row = 0; row < 50; ++row) {
    std::vector<int> kept(8, 0);
    for (const Coordinate column : matrix.row(row).coordinates) ++kept[column / 4];
    EXPECT_EQ(kept, std::vector<int>(8, 2));
  }
}

TEST(Pruned, SpreadsRowLengthsAboutTheMean) {
  GeneratorConfig config = config_of(MatrixFamily::pruned);
  config.density = 0.2;
  const MatrixProfile spread = profile(generate(config));
  EXPECT_NEAR(spread.density, 0.2, 0.01);
  EXPECT_LE(spread.row_length.max, 205u + 103u);
  EXPECT_NEAR(spread.row_length.cv, 0.5 / std::sqrt(3.0), 0.03);
  config.row_spread = 0;
  EXPECT_EQ(profile(generate(config)).row_length.cv, 0.0);
}

TEST(Hypersparse, HasFewerNonzerosThanRows) {
  GeneratorConfig config = config_of(MatrixFamily::hypersparse);
  config.rows = 1000000;
  const MatrixProfile sparse = profile(generate(config));
  EXPECT_EQ(sparse.nnz, 250000u);
  EXPECT_GT(sparse.row_length.empty, 700000u);
}

TEST(GeneratorConfig, ContradictionsAreNamed) {
  GeneratorConfig config = config_of(MatrixFamily::n_m_pruned);
  config.kept = 5;
  EXPECT_EQ(refusal(config), "kept: 5 of a group of 4; expected at most group");
  config = config_of(MatrixFamily::rmat);
  config.a = 0.6;
  EXPECT_EQ(refusal(config), "a, b, c, d: they sum to 1.030000; expected 1");
  config = config_of(MatrixFamily::uniform);
  config.rows = config.cols = 10;
  config.entries = 101;
  EXPECT_EQ(refusal(config), "entries: 101 nonzeros in a matrix of 100 positions; expected no more than positions");
  config = config_of(MatrixFamily::mesh3d);
  config.grid_x = config.grid_y = config.grid_z = 2000;
  EXPECT_NE(refusal(config).find("grid_x x grid_y x grid_z: more than 2147483647 points"), std::string::npos);
  for (const MatrixFamily family : {MatrixFamily::uniform, MatrixFamily::pruned, MatrixFamily::block,
                                    MatrixFamily::banded, MatrixFamily::n_m_pruned}) {
    config = config_of(family);
    config.rows = config.cols = 2000000000;
    config.half_bandwidth = 1000000000;
    config.density = 0.5;
    EXPECT_NE(refusal(config).find("more than 4294967296 nonzeros"), std::string::npos);
  }
}

TEST(SampleDistinct, IsSortedDistinctAndComplete) {
  Random random(5);
  std::vector<std::uint64_t> chosen;
  for (const std::uint64_t universe : {0u, 1u, 2u, 10u, 1000u}) {
    for (std::uint64_t count = 0; count <= universe; count += 1 + universe / 7) {
      sample_distinct(random, universe, count, chosen);
      ASSERT_EQ(chosen.size(), count);
      for (std::size_t i = 1; i < chosen.size(); ++i) ASSERT_LT(chosen[i - 1], chosen[i]);
      if (!chosen.empty()) {
        ASSERT_LT(chosen.back(), universe);
      }
    }
  }
}

TEST(PortablePower, IsCloseToTheRealOne) {
  for (const double x : {1.0, 2.0, 3.0, 1000.0, 123456.0})
    for (const double exponent : {0.0, 0.5, 0.7, 1.0, 2.25, 5.0})
      EXPECT_NEAR(portable_power(x, exponent) / std::pow(x, exponent), 1.0, 2e-4) << x << " " << exponent;
}

}  // namespace
}  // namespace heddle
