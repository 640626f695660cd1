// `heddle report`: the page holds its figures and tables and asks for nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/sweep_files.h"

namespace heddle::cli_test {
namespace {

constexpr const char* kFigures[] = {
    "cycles", "speed_up", "winners", "roofline", "traffic", "stalls", "energy", "machines", "scaling_machine_pe_count"};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool has_gnuplot() {
  return run_program({"sh", "-c", "command -v gnuplot"}, {}).exit_code == 0;
}

TEST(Report, PageIsSelfContained) {
  if (!has_gnuplot()) GTEST_SKIP() << "needs gnuplot";
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db"), page = scratch.path("r.html");
  run_heddle({"sweep", small_sweep(scratch), "--out", store});
  const Outcome outcome = run_heddle({"report", store, "-o", page});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string html = read_file(page);
  for (const char* const figure : kFigures)
    EXPECT_EQ(count(html, std::string("<section id=\"") + figure + "\">"), 1u) << figure;
  EXPECT_EQ(count(html, "<svg"), std::size(kFigures));
  EXPECT_EQ(count(html, "From 18 rows of s.db") + count(html, " rows of s.db") > 0, true);
  EXPECT_EQ(count(html, "<tr class=\"best\">"), 6u);
  for (const char* const reference : {"src=", "<link rel=\"style", "@import", "url(http", "href=\"http", "fetch("})
    EXPECT_EQ(count(html, reference), 0u) << reference;
  ASSERT_EQ(run_heddle({"report", store, "-o", scratch.path("again.html")}).exit_code, 0);
  EXPECT_EQ(read_file(scratch.path("again.html")), html) << "the same store gives the same page";
}

TEST(Report, FiguresComeAsFiles) {
  if (!has_gnuplot()) GTEST_SKIP() << "needs gnuplot";
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db"), folder = scratch.path("figures");
  run_heddle({"sweep", small_sweep(scratch), "--out", store});
  ASSERT_EQ(run_heddle({"report", store, "--figures", folder}).exit_code, 0);
  for (const std::string figure : kFigures) {
    EXPECT_EQ(read_file(folder + "/" + figure + ".pdf").substr(0, 5), "%PDF-") << figure;
    EXPECT_NE(read_file(folder + "/" + figure + ".svg").find("<svg"), std::string::npos) << figure;
    EXPECT_NE(read_file(folder + "/" + figure + ".csv").find("\n# rows: "), std::string::npos) << figure;
  }
}

TEST(Report, TakesResultsOfSimulate) {
  if (!has_gnuplot()) GTEST_SKIP() << "needs gnuplot";
  const ScratchFolder scratch;
  run_heddle({"simulate", small_matrix(scratch), "--json", scratch.path("x.json")});
  const Outcome outcome = run_heddle({"report", scratch.path("x.json"), "-o", scratch.path("r.html")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(count(read_file(scratch.path("r.html")), "<section id=\"roofline\">"), 1u);
}

TEST(Report, ShowsPublishedFigures) {
  if (!has_gnuplot()) GTEST_SKIP() << "needs gnuplot";
  const ScratchFolder scratch;
  write_file(scratch.path("p.json"),
             "{\"title\": \"A replay\", \"notes\": [\"n\"], \"rows\": [{\"key\": \"k\", \"what\": \"speed <up>\", "
             "\"unit\": \"x\", \"ours\": 1.1, \"published\": 1.0, \"basis\": \"b\"}], \"tables\": [{\"title\": \"t\", "
             "\"headers\": [\"a\", \"b\"], \"rows\": [[\"one\", 2]]}]}");
  const Outcome outcome = run_heddle({"report", scratch.path("p.json"), "-o", scratch.path("r.html")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string html = read_file(scratch.path("r.html"));
  EXPECT_EQ(count(html, "speed &lt;up&gt;"), 1u);
  EXPECT_EQ(count(html, ">10.0</td>"), 1u);
}

TEST(Report, SaysWhatIsMissing) {
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db");
  run_heddle({"sweep", small_sweep(scratch), "--out", store});
  const Outcome gnuplot = run_program({HEDDLE_COMMAND, "report", store, "-o", scratch.path("r.html")},
                                      {"PATH=" + scratch.folder().string()});
  EXPECT_EQ(gnuplot.exit_code, 2);
  EXPECT_NE(gnuplot.err.find("Debian package gnuplot-nox"), std::string::npos) << gnuplot.err;
  EXPECT_FALSE(std::filesystem::exists(scratch.path("r.html")));
  const auto fails = [&](const std::vector<std::string>& words, const std::string& expected) {
    const Outcome outcome = run_heddle(words);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.err.find(expected), std::string::npos) << outcome.err;
  };
  fails({"report"}, "expected STORE|JSON...");
  fails({"report", store, "--baseline", "row_wsie", "-o", "-"}, "did you mean \"row_wise\"?");
  fails({"report", scratch.path("small.mtx")}, "expected a result store, or JSON");
  write_file(scratch.path("odd.json"), "{\"runs\": [{\"cycles\": {}}], \"workload\": 3}");
  fails({"report", store, scratch.path("odd.json"), "--sweep", "none"}, "unknown sweep \"none\"");
  write_file(scratch.path("odd.json"), "{\"rows\": [3]}");
  fails({"report", scratch.path("odd.json")}, "odd.json: ");
}

}  // namespace
}  // namespace heddle::cli_test
