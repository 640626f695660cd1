// `heddle sweep`: points, resumption, shards, failures, and what its stores can be asked.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>
#include "sim/base/json.h"

#include "tests/cli/sweep_files.h"

namespace heddle::cli_test {
namespace {

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(Sweep, RunsEveryPointOnce) {
  const ScratchFolder scratch;
  const std::string file = small_sweep(scratch), store = scratch.path("s.db");
  const Outcome first = run_heddle({"sweep", file, "--out", store});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.out, "s: 18 points in " + store + ", 18 run now, 0 were there, 0 failed\n");
  EXPECT_EQ(run_heddle({"sweep", file, "--out", store}).out,
            "s: 18 points in " + store + ", 0 run now, 18 were there, 0 failed\n");
  const std::string rows = rows_of(store);
  EXPECT_EQ(lines(rows), 1u + 18);
  EXPECT_NE(rows.find(",config.machine.pe.count\n"), std::string::npos) << "the axis is the one key that varies";
  EXPECT_FALSE(std::filesystem::exists(store + "-wal")) << "a store at rest is one file";
}

TEST(Sweep, AgreesWithSimulate) {
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db");
  run_heddle({"sweep", small_sweep(scratch), "--out", store});
  const Json simulated = parse_json(run_heddle({"simulate", scratch.path("small.mtx"), "--machine", "tiny", "--set",
                                                "machine.pe.count=4", "--json", "-"})
                                        .out);
  const std::string rows = run_heddle({"sweep", "export", store, "--as", "jsonl"}).out;
  int found = 0;
  for (std::size_t begin = 0; begin < rows.size(); begin = rows.find('\n', begin) + 1) {
    const Json row = parse_json(rows.substr(begin, rows.find('\n', begin) - begin));
    if (row["workload.a"] != "small" || row["config.machine.pe.count"] != 4) continue;
    EXPECT_EQ(row["config_hash"], simulated["config_hash"]);
    for (const Json& run : simulated["runs"]) {
      if (run["dataflow"] != row["dataflow"]) continue;
      ++found;
      EXPECT_EQ(row["cycles"], run["cycles"]);
      EXPECT_EQ(row["dram_bytes.total"], run["dram_bytes"]["total"]);
      EXPECT_EQ(row["stalls"], run["stalls"]);
      EXPECT_EQ(row["checked"], 1);
    }
  }
  EXPECT_EQ(found, 3);
}

TEST(Sweep, RunsOnlyWhatAnEditAdds) {
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db");
  run_heddle({"sweep", small_sweep(scratch), "--out", store});
  const std::string more = small_sweep(scratch, "t.yaml", "exclude: [{machine.pe.count: 4}]\n");
  EXPECT_EQ(run_heddle({"sweep", more, "--out", store}).out,
            "s: 12 points in " + store + ", 0 run now, 12 were there, 0 failed\n");
  write_file(scratch.path("u.yaml"),
             "name: s\nmachines: tiny\nmatrices: [{files: small.mtx}]\n"
             "config: {machine: {pe: {count: [2, 8]}}}\n");
  EXPECT_EQ(run_heddle({"sweep", scratch.path("u.yaml"), "--out", store}).out,
            "s: 6 points in " + store + ", 3 run now, 3 were there, 0 failed\n");
}

TEST(Sweep, JobsAndShardsGiveTheSameRows) {
  const ScratchFolder scratch;
  const std::string file = small_sweep(scratch), one = scratch.path("one.db"), two = scratch.path("two.db");
  ASSERT_EQ(run_heddle({"sweep", file, "--out", one, "--jobs", "1"}).exit_code, 0);
  ASSERT_EQ(run_heddle({"sweep", file, "--out", two, "--jobs", "2"}).exit_code, 0);
  std::vector<std::string> merge = {"sweep", "merge"};
  for (int shard = 1; shard <= 3; ++shard) {
    merge.push_back(scratch.path(std::to_string(shard) + ".db"));
    const Outcome outcome =
        run_heddle({"sweep", file, "--out", merge.back(), "--shard", std::to_string(shard) + "/3", "--jobs", "2"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  std::vector<std::string> incomplete(merge.begin(), merge.end() - 1);
  incomplete.insert(incomplete.end(), {"--out", scratch.path("part.db")});
  const Outcome part = run_heddle(incomplete);
  EXPECT_EQ(part.exit_code, 1) << "a shard is not there";
  EXPECT_NE(part.out.find("missing: "), std::string::npos) << part.out;
  merge.insert(merge.end(), {"--out", scratch.path("merged.db")});
  const Outcome merged = run_heddle(merge);
  EXPECT_EQ(merged.exit_code, 0) << merged.out << merged.err;
  EXPECT_NE(merged.out.find("s: 18 points, 18 done, 0 failed, 0 missing"), std::string::npos) << merged.out;
  const std::string rows = rows_of(one);
  EXPECT_EQ(lines(rows), 19u);
  EXPECT_EQ(rows_of(two), rows);
  EXPECT_EQ(rows_of(scratch.path("merged.db")), rows);
  EXPECT_EQ(run_heddle({"compare", one, scratch.path("merged.db")}).out, "");
}

TEST(Sweep, TakesItsShardFromASlurmArray) {
  const ScratchFolder scratch;
  const std::string file = small_sweep(scratch);
  const auto points = [&](const std::string& task, const std::string& first, const std::string& step) {
    return run_program({HEDDLE_COMMAND, "sweep", file, "--dry-run"},
                       {"SLURM_ARRAY_TASK_ID=" + task, "SLURM_ARRAY_TASK_COUNT=2", "SLURM_ARRAY_TASK_MIN=" + first,
                        "SLURM_ARRAY_TASK_STEP=" + step});
  };
  const std::string by_option = run_heddle({"sweep", file, "--dry-run", "--shard", "2/2"}).out;
  EXPECT_NE(by_option.find("other shard"), std::string::npos);
  EXPECT_EQ(points("1", "0", "1").out, by_option);
  EXPECT_EQ(points("2", "1", "1").out, by_option);
  EXPECT_EQ(points("7", "2", "5").out, by_option);
  EXPECT_EQ(points("9", "0", "1").exit_code, 2);
}

TEST(Sweep, ShardsCostAboutTheSame) {
  const ScratchFolder scratch;
  write_file(scratch.path("s.yaml"),
             "machines: tiny\nmatrices: [{generate: {family: rmat, scale: [5, 6, 7, 8, 9], seed: [1, 2, 3]}}]\n");
  std::vector<double> costs;
  for (int shard = 1; shard <= 4; ++shard) {
    const std::string text =
        run_heddle({"sweep", scratch.path("s.yaml"), "--dry-run", "--shard", std::to_string(shard) + "/4"}).out;
    double cost = 0;
    for (std::size_t at = text.find(" to run\n"); at != std::string::npos; at = text.find(" to run\n", at + 1)) {
      const std::size_t end = text.find_last_not_of(' ', at);
      cost += std::stod(text.substr(text.rfind(' ', end) + 1, end));
    }
    costs.push_back(cost);
  }
  EXPECT_LT(*std::max_element(costs.begin(), costs.end()), 1.2 * *std::min_element(costs.begin(), costs.end()));
}

TEST(Sweep, StoresFailuresAndGoesOn) {
  const ScratchFolder scratch;
  small_matrix(scratch);
  write_file(scratch.path("f.yaml"),
             "machines: tiny\nmatrices: [{files: small.mtx}]\ndataflows: row_wise\n"
             "config: {machine: {pe: {operand_lines: [8, 4]}}}\n");  // two lines per merger input: 4 x 2 at least
  const std::string store = scratch.path("f.db");
  for (const char* const expected : {"2 run now, 0 were there, 1 failed", "0 run now, 2 were there, 1 failed"}) {
    const Outcome outcome = run_heddle({"sweep", scratch.path("f.yaml"), "--out", store});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_NE(outcome.out.find(expected), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.err.find("failed: small tiny machine.pe.operand_lines=4 row_wise: "), std::string::npos);
  }
  EXPECT_NE(run_heddle({"sweep", scratch.path("f.yaml"), "--out", store, "--retry"}).out.find("1 run now"),
            std::string::npos);
  const Outcome status = run_heddle({"sweep", "status", store});
  EXPECT_EQ(status.exit_code, 1);
  EXPECT_NE(status.out.find("f: 2 points, 1 done, 1 failed, 0 missing"), std::string::npos) << status.out;
  const std::string rows = run_heddle({"sweep", "export", store, "--columns", "status,cycles"}).out;
  EXPECT_NE(rows.find("failed,\n"), std::string::npos) << rows;
}

TEST(Sweep, ZippedAxesAdvanceTogether) {
  const ScratchFolder scratch;
  small_matrix(scratch);
  write_file(scratch.path("z.yaml"),
             "machines: [tiny, shared_budget]\nmatrices: [{files: small.mtx}]\ndataflows: row_wise\n"
             "config: {machine: {pe: {count: [1, 2]}, stream_lines: [16, 32], combining_lines: [4, 8]}}\n"
             "zip: [[machine.pe.count, machine.stream_lines]]\n");
  const std::string store = scratch.path("z.db");
  EXPECT_EQ(run_heddle({"sweep", scratch.path("z.yaml"), "--out", store}).exit_code, 0);
  const std::string rows =
      run_heddle({"sweep", "export", store, "--columns", "config.machine.pe.count,config.machine.stream_lines"}).out;
  EXPECT_EQ(lines(rows), 1u + 2 * 2 * 2);
  EXPECT_EQ(rows.find("1,32"), std::string::npos);
  EXPECT_EQ(rows.find("2,16"), std::string::npos);
}

TEST(Sweep, FiltersAnIndex) {
  const ScratchFolder scratch;
  small_matrix(scratch);
  write_file(scratch.path("INDEX.csv"), "name,file,kind,mults\none,small.mtx,\"a, b\",12\ntwo,small.mtx,c,1300\n");
  write_file(scratch.path("i.yaml"),
             "machines: tiny\nmatrices:\n  - index: ${HERE}/INDEX.csv\n    where: {mults: 1e3.., kind: [c, d*]}\n"
             "  - files: ${ABSENT}/x.mtx\n    optional: true\n");
  const Outcome outcome = run_program({HEDDLE_COMMAND, "sweep", scratch.path("i.yaml"), "--dry-run"},
                                      {"HERE=" + scratch.folder().string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("two tiny row_wise"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("one tiny"), std::string::npos);
  EXPECT_NE(outcome.err.find("left out, not there: ${ABSENT}/x.mtx"), std::string::npos);
}

/// B stays as it was, as if A had been written in that order.
TEST(Sweep, OrdersRows) {
  const ScratchFolder scratch;
  const std::string small = small_matrix(scratch), ordered = scratch.path("ordered.mtx"), store = scratch.path("s.db");
  write_file(scratch.path("s.yaml"),
             "machines: tiny\ndataflows: row_wise\nmatrices: [{files: small.mtx, reorder: [given, degree]}]\n");
  ASSERT_EQ(run_heddle({"sweep", scratch.path("s.yaml"), "--out", store}).exit_code, 0);
  ASSERT_EQ(run_heddle({"matrix", "reorder", small, ordered, "--method", "degree"}).exit_code, 0);
  const std::string rows =
      run_heddle({"sweep", "export", store, "--as", "csv", "--columns", "workload.a,cycles,dram_bytes.total"}).out;
  for (const auto& [name, a] : {std::pair<std::string, std::string>{"small", small}, {"small_degree", ordered}}) {
    const Json simulated = parse_json(
        run_heddle({"simulate", a, "--b", small, "--machine", "tiny", "--dataflow", "row_wise", "--json", "-"}).out);
    const Json& run = simulated["runs"][0];
    EXPECT_NE(rows.find(name + "," + run["cycles"].dump() + "," + run["dram_bytes"]["total"].dump() + "\n"),
              std::string::npos)
        << rows;
  }
}

/// As if the transposes had been written to files.
TEST(Sweep, SwapsOperands) {
  const ScratchFolder scratch;
  const std::string a = scratch.path("a.mtx"), b = scratch.path("b.mtx"), store = scratch.path("s.db");
  write_file(a, "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 1\n1 3 2\n2 2 3\n");
  write_file(b, "%%MatrixMarket matrix coordinate real general\n3 4 5\n1 1 4\n1 4 5\n2 2 6\n3 3 7\n3 4 8\n");
  const std::string bt = scratch.path("bt.mtx"), at = scratch.path("at.mtx");
  write_file(bt, "%%MatrixMarket matrix coordinate real general\n4 3 5\n1 1 4\n2 2 6\n3 3 7\n4 1 5\n4 3 8\n");
  write_file(at, "%%MatrixMarket matrix coordinate real general\n3 2 3\n1 1 1\n2 2 3\n3 1 2\n");
  write_file(scratch.path("s.yaml"), "machines: tiny\nmatrices: [{files: a.mtx, b: b.mtx, swap: [false, true]}]\n");
  ASSERT_EQ(run_heddle({"sweep", scratch.path("s.yaml"), "--out", store}).exit_code, 0);
  const std::string rows =
      run_heddle({"sweep", "export", store, "--as", "csv", "--columns", "workload.a,dataflow,cycles"}).out;
  const auto runs_of = [](const std::vector<std::string>& words) {
    std::vector<std::string> command = {"simulate", "--machine", "tiny", "--json", "-"};
    command.insert(command.end(), words.begin(), words.end());
    return parse_json(run_heddle(command).out)["runs"];
  };
  const Json direct = runs_of({a, "--b", b}), transposed = runs_of({bt, "--b", at});
  EXPECT_NE(direct, transposed);
  EXPECT_EQ(runs_of({a, "--b", b, "--swap"}), transposed);
  for (const auto& [name, runs] : {std::pair<std::string, const Json*>{"a", &direct}, {"a_swapped", &transposed}})
    for (const Json& run : *runs)
      EXPECT_NE(rows.find(name + "," + run["dataflow"].get<std::string>() + "," + run["cycles"].dump() + "\n"),
                std::string::npos)
          << rows;
}

TEST(Sweep, DryRunWritesNothing) {
  const ScratchFolder scratch;
  const Outcome outcome = run_heddle({"sweep", small_sweep(scratch), "--dry-run", "--out", scratch.path("s.db")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("18 points, 18 to run, expected to take"), std::string::npos) << outcome.out;
  EXPECT_FALSE(std::filesystem::exists(scratch.path("s.db")));
}

TEST(Sweep, ComparesStores) {
  const ScratchFolder scratch;
  const std::string file = small_sweep(scratch), x = scratch.path("x.db"), y = scratch.path("y.db");
  run_heddle({"sweep", file, "--out", x});
  run_heddle({"sweep", small_sweep(scratch, "t.yaml", "exclude: [{machine.pe.count: 4}]\n"), "--out", y});
  const Outcome differ = run_heddle({"compare", x, y});
  EXPECT_EQ(differ.exit_code, 1);
  EXPECT_EQ(lines(differ.out), 6u);
  EXPECT_NE(differ.out.find("present -> absent"), std::string::npos);
  EXPECT_EQ(run_heddle({"compare", x, x}).exit_code, 0);
}

TEST(Sweep, DescribesItsColumns) {
  const ScratchFolder scratch;
  const std::string store = scratch.path("s.db");
  run_heddle({"sweep", small_sweep(scratch), "--out", store});
  const std::string units = run_heddle({"sweep", "export", store, "--as", "units"}).out;
  EXPECT_NE(units.find("\ncycles,integer,cycles,"), std::string::npos);
  EXPECT_NE(units.find("\nenergy_joules.total,real,J,"), std::string::npos);
  EXPECT_NE(units.find("\nconfig.machine.pe.count,integer,count,"), std::string::npos);
}

TEST(Sweep, ShowsProgressOnATerminalOnly) {
  const int terminal_end = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal_end < 0) GTEST_SKIP() << "no pseudo-terminals here: is /dev/pts mounted?";
  ::close(terminal_end);
  const ScratchFolder scratch;
  write_file(scratch.path("p.yaml"),
             "matrices: [{generate: {family: rmat, scale: 12, edge_factor: 12, seed: [1, 2]}}]\n");
  const std::string command = std::string(HEDDLE_COMMAND) + " sweep " + scratch.path("p.yaml") + " --jobs 1 --out ";
  const Outcome terminal = run_program({"script", "-qec", command + scratch.path("a.db"), "/dev/null"}, {}, "", 120);
  if (terminal.exit_code == 127) GTEST_SKIP() << "needs script of util-linux";
  EXPECT_NE(terminal.out.find("/6 points, "), std::string::npos) << terminal.out;
  EXPECT_NE(terminal.out.find(" left: rmat_scale12"), std::string::npos) << terminal.out;
  EXPECT_EQ(run_heddle({"sweep", small_sweep(scratch), "--out", scratch.path("b.db")}).err, "");
}

}  // namespace
}  // namespace heddle::cli_test
