// Every row outside its tolerance stands in DEVIATIONS.md with the error it has now, and nothing else stands there.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "sim/base/errors.h"
#include "tests/published/published_case.h"
#include "tools/heddle/reproduce.h"

namespace {

using heddle::ReproducedRow;
using heddle::Verdict;

/// Error in per cent (or as a difference) by row id, from lines "| id | published | ours | error | cause |".
std::map<std::string, double> documented(const std::string& path) {
  std::ifstream file(path);
  std::map<std::string, double> errors;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    std::string blank, id, published, ours, error;
    if (!std::getline(cells, blank, '|') || !std::getline(cells, id, '|')) continue;
    std::getline(cells, published, '|');
    std::getline(cells, ours, '|');
    std::getline(cells, error, '|');
    id.erase(0, id.find_first_not_of(' '));
    id.erase(id.find_last_not_of(' ') + 1);
    if (id.find('.') != std::string::npos && id.find(' ') == std::string::npos)
      errors[id] = std::strtod(error.c_str(), nullptr);
  }
  return errors;
}

double shown_error(const ReproducedRow& row) {
  return row.absolute ? row.error : 100 * row.error;
}

TEST(Reproduce, MissesAreThoseOfDeviations) {
  SKIP_WITHOUT_COLLECTION("suitesparse/wiki-Vote.mtx");
  auto expected = documented(HEDDLE_SOURCE_DIR "/tests/published/DEVIATIONS.md");
  heddle::Reproduction reproduction(heddle::published::collection(), false);
  for (const auto& file : heddle::load_published_folder(HEDDLE_SOURCE_DIR "/tests/published")) {
    for (const ReproducedRow& row : reproduction.run(file)) {
      if (row.verdict != Verdict::miss) continue;
      const auto found = expected.find(row.id);
      if (found == expected.end()) {
        ADD_FAILURE() << "not in DEVIATIONS.md: | " << row.id << " | " << row.published << " | " << row.ours << " | "
                      << shown_error(row) << " |";
        continue;
      }
      EXPECT_NEAR(found->second, shown_error(row), row.absolute ? 0.005 : 1.0) << row.id << ", ours " << row.ours;
      expected.erase(found);
    }
  }
  for (const auto& [id, error] : expected) ADD_FAILURE() << id << " is in DEVIATIONS.md and no miss any more";
}

/// A file of two rows on a matrix that ships with the project, one impossible.
class Toy : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("heddle_reproduce_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_ / "here");
    std::filesystem::copy(HEDDLE_SOURCE_DIR "/matrices/data/karate.mtx", folder_ / "here/karate.mtx");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  heddle::PublishedFile load(const std::string& text) {
    std::ofstream(folder_ / "toy.yaml") << text;
    return heddle::load_published((folder_ / "toy.yaml").string());
  }
  std::vector<ReproducedRow> run(const std::string& text) {
    return heddle::Reproduction(folder_.string()).run(load(text));
  }
  std::filesystem::path folder_;
};

constexpr const char* kHead = "accelerator: toy\nsource: nowhere\ngroups:\n";

TEST_F(Toy, VerdictFollowsTheTolerance) {
  const std::string machine = ", machine: gamma, dataflow: row_wise, figure: f, measure: cycles, unit: cycles";
  const auto measured = run(std::string(kHead) + "  - {id: a, rows: {karate: 1}" + machine + "}\n");
  ASSERT_EQ(measured.size(), 1u);
  EXPECT_EQ(measured[0].verdict, Verdict::miss);
  const double cycles = measured[0].ours;
  EXPECT_GT(cycles, 1);
  const auto at = [&](double published, const std::string& more) {
    return run(std::string(kHead) + "  - {id: a, tolerance: 0.1, rows: {karate: " + std::to_string(published) + "}" +
               machine + more + "}\n")
        .at(0);
  };
  EXPECT_EQ(at(cycles / 1.09, "").verdict, Verdict::pass);
  EXPECT_EQ(at(cycles / 1.11, "").verdict, Verdict::miss);
  EXPECT_EQ(at(cycles / 0.91, "").verdict, Verdict::pass);
  EXPECT_EQ(at(cycles / 0.89, "").verdict, Verdict::miss);
  EXPECT_EQ(at(cycles, ", fitted: latency").verdict, Verdict::fitted);
  EXPECT_EQ(at(cycles, ", not_run: no").verdict, Verdict::not_run);
  EXPECT_NEAR(at(1, ", against: {machine: gamma, dataflow: row_wise}").ours, 1, 1e-12);
  EXPECT_NEAR(at(2, ", over: {karate: " + std::to_string(2 * cycles) + "}").ours, 2, 1e-9);
}

TEST_F(Toy, AbsentMatricesNeverPass) {
  const std::string machine = ", machine: gamma, dataflow: row_wise, figure: f, measure: traffic, unit: ratio";
  const auto rows = run(std::string(kHead) + "  - {id: a, tolerance: 100, rows: {nothing: 1}" + machine +
                        "}\n  - {id: b, tolerance: 100, geomean_of: [karate, nothing], published: 1" + machine + "}\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].verdict, Verdict::not_run);
  EXPECT_EQ(rows[1].verdict, Verdict::partial);
  const auto summary = heddle::summarise(rows).at(0);
  EXPECT_EQ(summary.pass, 0u);
  EXPECT_EQ(summary.not_run + summary.partial, 2u);
}

TEST_F(Toy, PageHasEveryRow) {
  const auto rows = run(std::string(kHead) + "  - {id: a, figure: <f>, rows: {x: 1, y: 2}, not_run: because}\n");
  const std::string page = heddle::reproduction_html(rows);
  EXPECT_NE(page.find("toy.a.x"), std::string::npos);
  EXPECT_NE(page.find("toy.a.y"), std::string::npos);
  EXPECT_NE(page.find("&lt;f&gt;; because"), std::string::npos);
}

TEST_F(Toy, BadFilesAreRefused) {
  EXPECT_THROW(load("groups: []\n"), heddle::InputError);
  EXPECT_THROW(load(std::string(kHead) + "  - {id: a, figure: f, rows: {karate: 1}}\n"), heddle::InputError);
  EXPECT_THROW(load(std::string(kHead) + "  - {id: a, figure: f, machine: gamma, rows: {karate: 1}}\n"),
               heddle::InputError);
  EXPECT_THROW(run(std::string(kHead) + "  - {id: a, figure: f, machine: no, dataflow: row_wise, rows: {karate: 1}}\n"),
               heddle::InputError);
  EXPECT_THROW(heddle::load_published_folder((folder_ / "here").string()), heddle::InputError);
}

}  // namespace
