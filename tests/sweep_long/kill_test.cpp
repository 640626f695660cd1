// A sweep that is killed at any moment, or runs out of disk, keeps every point it had finished.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

#include "tests/cli/sweep_files.h"

namespace heddle::cli_test {
namespace {

/// 200 points of a few milliseconds each.
std::string two_hundred_points(const ScratchFolder& scratch) {
  write_file(scratch.path("k.yaml"),
             "name: k\nmachines: tiny\ndataflows: [outer_product, row_wise]\n"
             "matrices: [{generate: {family: rmat, scale: 8, edge_factor: [2, 3, 4, 5, 6], seed: [1, 2, 3, 4, 5]}}]\n"
             "config: {machine: {pe: {count: [1, 2, 4, 8]}}}\n");
  return scratch.path("k.yaml");
}

/// Starts a sweep and kills it after `delay`; true if it was still running then.
bool kill_after(const std::string& file, const std::string& store, std::chrono::milliseconds delay) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(HEDDLE_COMMAND, HEDDLE_COMMAND, "sweep", file.c_str(), "--out", store.c_str(), "--jobs", "2", "--quiet",
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  std::this_thread::sleep_for(delay);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

/// "s: 200 points in FILE, 150 run now, 50 were there, 0 failed"
std::uint64_t number_before(const std::string& text, const std::string& words) {
  const std::size_t at = text.find(words), begin = text.rfind(' ', at - 1) + 1;
  return std::stoull(text.substr(begin, at - begin));
}

TEST(Kill, FiftyTimesAndNothingIsLostOrRunTwice) {
  const ScratchFolder scratch;
  const std::string file = two_hundred_points(scratch), whole = scratch.path("whole.db");
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(run_heddle({"sweep", file, "--out", whole, "--jobs", "2"}, "", 300).exit_code, 0);
  const auto undisturbed =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  const std::string expected = rows_of(whole);
  std::mt19937_64 random(50);
  int kills = 0, round = 0;
  while (kills < 50) {
    const std::string store = scratch.path("r" + std::to_string(++round) + ".db");
    std::uint64_t done = 0;
    while (kills < 50 && done < 200) {  // the same store again and again, until it is complete
      const auto delay = std::chrono::milliseconds(random() % static_cast<std::uint64_t>(undisturbed / 4 + 1));
      kills += kill_after(file, store, delay) ? 1 : 0;
      if (!std::filesystem::exists(store)) continue;
      const Outcome status = run_heddle({"sweep", "status", store}, "", 60);
      const bool just_made = status.err.find("the file is empty") != std::string::npos;
      ASSERT_TRUE(status.exit_code != 2 || (just_made && done == 0)) << status.err;  // the file is valid
      const std::uint64_t now =
          status.out.find(" results in all") == std::string::npos ? 0 : number_before(status.out, " results in all");
      ASSERT_GE(now, done) << "a finished point was lost";
      done = now;
    }
    const Outcome last = run_heddle({"sweep", file, "--out", store, "--jobs", "2"}, "", 300);
    ASSERT_EQ(last.exit_code, 0) << last.err;
    EXPECT_EQ(number_before(last.out, " were there"), done) << last.out;
    EXPECT_EQ(number_before(last.out, " run now"), 200 - done) << "only what was missing is run";
    EXPECT_EQ(rows_of(store), expected);
    EXPECT_EQ(run_program({"python3", "-c",
                           "import sqlite3,sys;print(sqlite3.connect(sys.argv[1]).execute('PRAGMA "
                           "integrity_check').fetchone()[0])",
                           store},
                          {})
                  .out,
              "ok\n");
  }
}

TEST(Kill, FullDiskLeavesAValidStore) {
  const ScratchFolder scratch;
  const std::string file = two_hundred_points(scratch), disk = scratch.path("disk");
  std::filesystem::create_directory(disk);
  if (run_program({"mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk}, {}).exit_code != 0)
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  const Outcome full = run_heddle({"sweep", file, "--out", disk + "/k.db"}, "", 300);
  const Outcome status = run_heddle({"sweep", "status", disk + "/k.db"}, "", 60);
  const bool grown = run_program({"mount", "-o", "remount,size=20m", disk}, {}).exit_code == 0;
  const Outcome resumed = run_heddle({"sweep", file, "--out", disk + "/k.db"}, "", 300);
  const std::string rows = rows_of(disk + "/k.db");
  const bool read_only = run_program({"mount", "-o", "remount,ro", disk}, {}).exit_code == 0;
  const Outcome refused = run_heddle({"sweep", file, "--out", disk + "/new.db"}, "", 300);
  const std::string still = rows_of(disk + "/k.db");
  run_program({"umount", disk}, {});
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_NE(full.err.find("disk"), std::string::npos) << full.err;
  EXPECT_NE(status.exit_code, 2) << status.err;
  ASSERT_TRUE(grown);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_GT(number_before(resumed.out, " were there"), 0u) << resumed.out;
  ASSERT_TRUE(read_only);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("Read-only file system"), std::string::npos) << refused.err;
  EXPECT_EQ(still, rows) << "a store on a read-only medium can be read";
  ASSERT_EQ(run_heddle({"sweep", file, "--out", scratch.path("whole.db")}, "", 300).exit_code, 0);
  EXPECT_EQ(rows, rows_of(scratch.path("whole.db")));
}

}  // namespace
}  // namespace heddle::cli_test
