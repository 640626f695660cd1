// What a store costs: the share of a put in a small run, and a report over a million rows.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

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

/// What ended children took so far.
double child_cpu_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cost {
  double wall = 1e300, cpu = 1e300;
};

/// Of `heddle sweep FILE --quiet` with `words` behind; `least` becomes the least of itself and this.
void add_cost(Cost& least, const std::string& file, const std::vector<std::string>& words) {
  std::vector<std::string> command = {"sweep", file, "--quiet"};
  command.insert(command.end(), words.begin(), words.end());
  const double cpu = child_cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = run_heddle(command, "", 300);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  least.wall = std::min(least.wall, wall.count());
  least.cpu = std::min(least.cpu, child_cpu_seconds() - cpu);
}

/// The dearest case: points of a quarter of a millisecond, each with a configuration of its own. The whole command with
/// a store and without one in turn, the least of each: the difference is what storing costs.
TEST(Scale, TenThousandTinyPointsWithAndWithoutAStore) {
  const ScratchFolder scratch;
  const auto up_to = [](int most) {
    std::string list = "[1";
    for (int i = 2; i <= most; ++i) list += ", " + std::to_string(i);
    return list + "]";
  };
  write_file(scratch.path("t.yaml"),
             "name: t\nmachines: shared_budget\ndataflows: row_wise\n"
             "matrices: [{files: " HEDDLE_SOURCE_DIR
             "/matrices/data/karate.mtx}]\n"
             "config: {machine: {pe: {latency: " +
                 up_to(10) + ", count: " + "[8, 9, 10, 11, 12, 13, 14, 15, 16, 17]" +
                 "}, sram: {latency: " + up_to(100) + "}}}\n");
  const std::string store = scratch.path("t.db");
  for (const std::string jobs : {"1", "2"}) {
    Cost without, with;
    for (int i = 0; i < 5; ++i) {
      add_cost(without, scratch.path("t.yaml"), {"--jobs", jobs, "--no-store"});
      std::filesystem::remove(store);
      add_cost(with, scratch.path("t.yaml"), {"--jobs", jobs, "--out", store});
    }
    std::printf(
        "10000 points, %s jobs: with a store %.3f s (CPU %.3f s), without %.3f s (CPU %.3f s): wall %+.1f %%, "
        "CPU %+.1f %%, %.3f ms per point\n",
        jobs.c_str(), with.wall, with.cpu, without.wall, without.cpu, 100 * (with.wall / without.wall - 1),
        100 * (with.cpu / without.cpu - 1), (with.cpu - without.cpu) / 10);
    EXPECT_EQ(Store(store, Store::Access::read).count(PointStatus::ok), 10'000u);
    EXPECT_LT((with.cpu - without.cpu) / 10, 0.1) << "ms of CPU per point";
  }
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
