// What a store costs: the share of a put in a small run, and a report over a million rows.
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <string>

#include "dataflows/point.h"
#include "matrices/generate.h"
#include "tests/cli/sweep_files.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/heddle/simulation.h"

namespace heddle::cli_test {
namespace {

double cpu_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// CPU time, because the disk and other processes are not what is measured.
TEST(Scale, TenThousandPutsCostLittleBesideTheirRuns) {
  const ScratchFolder scratch;
  GeneratorConfig generator;
  generator.family = MatrixFamily::rmat;
  generator.scale = 10;
  const auto matrix = std::make_shared<const Csr>(generate(generator));
  const Workload workload = make_workload(matrix, matrix, "rmat", "rmat");
  const Config config = load_machine("shared_budget", {});
  PointRow row;
  row.identity = {config.machine.name, "row_wise", summarise(workload, matrix_hash(*matrix), matrix_hash(*matrix)),
                  profile(*matrix)};
  constexpr int kRuns = 50, kPuts = 10'000;
  const ReferenceProduct reference = reference_product(workload);
  double begin = cpu_seconds();
  for (int i = 0; i < kRuns; ++i)
    row.report = run_workload(find_dataflow("row_wise"), workload, config, &reference).report;
  const double run = (cpu_seconds() - begin) / kRuns;
  Store store(scratch.path("s.db"), Store::Access::write);
  begin = cpu_seconds();
  for (int i = 0; i < kPuts; ++i) {
    PointHeader header = spgemm_header(std::to_string(i), row.identity.workload, "row_wise");
    store.put(header, row);
  }
  const double put = (cpu_seconds() - begin) / kPuts;
  std::printf("run %.3f ms (%llu products), put %.3f ms: %.2f %%\n", run * 1e3,
              static_cast<unsigned long long>(workload.products), put * 1e3, 100 * put / run);
  EXPECT_LT(put, 0.01 * run);
}

TEST(Scale, AMillionRowsAreReportedWithinAMinute) {
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db");
  ASSERT_EQ(run_heddle({"sweep", small_sweep(scratch), "--out", store}).exit_code, 0);
  const std::string multiply =
      "import sqlite3,sys\nd=sqlite3.connect(sys.argv[1])\n"
      "c=[r[1] for r in d.execute('PRAGMA table_info(points)')]\n"
      "q=lambda n:'\"'+n+'\"'\n"
      "s={'key':\"p.key||'-'||n.n\",'workload.a':'p.\"workload.a\"||(n.n/9)'}\n"
      "d.execute('WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM n WHERE n<55556) INSERT INTO points('+"
      "','.join(map(q,c))+') SELECT '+','.join(s.get(x,'p.'+q(x)) for x in c)+' FROM (SELECT * FROM points) p, n')\n"
      "d.commit()\nprint(d.execute('SELECT count(*) FROM points').fetchone()[0])";
  const Outcome made = run_program({"python3", "-c", multiply, store}, {}, "", 300);
  ASSERT_GE(std::stoul("0" + made.out), 1'000'000u) << made.err;
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = run_heddle({"report", store, "-o", scratch.path("r.html")}, "", 300);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_LT(seconds.count(), 60);
  std::printf("%s rows in %.1f s, page of %zu bytes\n", made.out.substr(0, 7).c_str(), seconds.count(),
              read_file(scratch.path("r.html")).size());
  EXPECT_LT(read_file(scratch.path("r.html")).size(), 10'000'000u);
}

}  // namespace
}  // namespace heddle::cli_test
