// The page of a report in a real browser: what is there, that tables sort and filter, that nothing is fetched.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/sweep_files.h"

namespace heddle::cli_test {
namespace {

/// Clicks a heading twice and types into the filter, and writes what it sees into the document.
constexpr const char* kVisitor = R"(<script>
addEventListener('load', function () {
  var table = document.getElementById('runs'), rows = table.tBodies[0].rows, index = -1;
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, i) {
    if (index < 0 && cell.textContent.indexOf('cycles') === 0) index = i;
  });
  var button = table.tHead.rows[0].cells[index].querySelector('button');
  function column() { return Array.prototype.map.call(rows, function (r) { return +r.cells[index].dataset.v; }); }
  function ordered(list, sign) { return list.every(function (x, i) { return i === 0 || sign * (x - list[i - 1]) >= 0; }); }
  button.click(); var up = ordered(column(), 1);
  button.click(); var down = ordered(column(), -1);
  var input = document.querySelector('input[data-for=runs]');
  input.value = 'small row_wise'; input.dispatchEvent(new Event('input'));
  var left = Array.prototype.filter.call(rows, function (r) { return !r.hidden; }).length;
  var drawn = Array.prototype.filter.call(document.querySelectorAll('.plot svg'), function (s) {
    return s.getBoundingClientRect().height > 100 && s.querySelectorAll('path').length > 10;
  }).length;
  var wide = document.documentElement.scrollWidth <= document.documentElement.clientWidth;
  document.title = JSON.stringify({rows: rows.length, up: up, down: down, left: left, drawn: drawn, fits: wide,
    fetched: performance.getEntriesByType('resource').length});
});
</script></body>)";

nlohmann::json visit(const ScratchFolder& scratch, const std::string& page, const std::string& size) {
  const Outcome outcome =
      run_program({"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-component-update",
                   "--no-first-run", "--disable-background-networking", "--user-data-dir=" + scratch.path("profile"),
                   "--window-size=" + size, "--virtual-time-budget=5000", "--dump-dom", "file://" + page},
                  {}, "", 120);
  const std::size_t begin = outcome.out.find("<title>") + 7, end = outcome.out.find("</title>");
  return nlohmann::json::parse(outcome.out.substr(begin, end - begin), nullptr, false);
}

TEST(Browser, PageIsWholeAndAsksForNothing) {
  if (run_program({"sh", "-c", "command -v chromium && command -v gnuplot"}, {}).exit_code != 0)
    GTEST_SKIP() << "needs chromium and gnuplot";
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db"), page = scratch.path("r.html");
  run_heddle({"sweep", small_sweep(scratch), "--out", store});
  ASSERT_EQ(run_heddle({"report", store, "-o", page}).exit_code, 0);
  std::string html = read_file(page);
  html.replace(html.rfind("</body>"), 7, kVisitor);
  write_file(page, html);
  for (const char* const size : {"1200,900", "500,900"}) {  // 500 is the narrowest window of a headless chromium
    const nlohmann::json seen = visit(scratch, page, size);
    ASSERT_TRUE(seen.is_object()) << "the page did not run its scripts";
    EXPECT_EQ(
        seen,
        (nlohmann::json{
            {"rows", 18}, {"up", true}, {"down", true}, {"left", 3}, {"drawn", 9}, {"fits", true}, {"fetched", 0}}))
        << size;
  }
}

}  // namespace
}  // namespace heddle::cli_test
