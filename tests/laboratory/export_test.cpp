// `runner export`: what is refused, and what is left. That what is exported is what the files say
// is tested by NumPy and pandas, in python/tests.
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>

#include <set>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Export : public Program {
 protected:
  void SetUp() override {
    for (const char* seed : {"1", "2"}) {
      ASSERT_EQ(run({"--workers", "4", "--stop", "none", "--max-rounds", "5", "--quiet", "--seed",
                     seed, "--output", path(std::string("all/") + seed)}),
                3)
          << err();
    }
  }
  void expect_refused(const std::vector<std::string>& arguments, const std::string& message) {
    std::vector<std::string> all = {"export", path("all")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(run(all), 2);
    EXPECT_EQ(err(), "runner: export: " + message + "\n");
    EXPECT_EQ(out(), "");
  }
  std::set<std::string> files(const std::string& folder) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path(folder)))
      names.insert(entry.path().filename().string());
    return names;
  }
};

TEST_F(Export, SaysWhatItWrote) {
  ASSERT_EQ(run({"export", path("all"), "-o", path("tables")}), 0) << err();
  EXPECT_EQ(out(), path("tables") +
                       ": 2 runs; rows: iterations 10, tasks 40, workers 8, fleet 8, "
                       "solutions 1000\n");
  EXPECT_THAT(files("tables"), ElementsAre("columns.csv", "fleet.csv", "iterations.csv", "runs.csv",
                                           "solutions.csv", "tasks.csv", "workers.csv"));
  ASSERT_EQ(
      run({"export", path("all"), "--only", "seed=2", "--tables", "runs", "-o", path("one.npz")}),
      0)
      << err();
  EXPECT_EQ(out(), path("one.npz") + ": 1 run\n");
  EXPECT_THAT(read_text(path("one.npz")), StartsWith("PK\3\4"));
}

TEST_F(Export, TheFormatMayBeSaid) {
  ASSERT_EQ(run({"export", path("all"), "--format", "npz", "-o", path("data")}), 0) << err();
  EXPECT_THAT(read_text(path("data")), StartsWith("PK\3\4"));
  ASSERT_EQ(run({"export", path("all"), "--format", "csv", "-o", path("data.npz")}), 0) << err();
  EXPECT_TRUE(fs::exists(path("data.npz/runs.csv")));
}

TEST_F(Export, ReplacesAnEarlierExportAndNothingElse) {
  ASSERT_EQ(run({"export", path("all"), "-o", path("tables")}), 0) << err();
  ASSERT_EQ(run({"export", path("all"), "--tables", "fleet", "-o", path("tables/")}), 0) << err();
  EXPECT_THAT(files("tables"), ElementsAre("columns.csv", "fleet.csv"));
  write_text(path("tables/mine.csv"), "mine");
  expect_refused({"-o", path("tables")},
                 "-o: " + path("tables") +
                     ": holds mine.csv, which is of no export; expected a new folder, or one of an "
                     "earlier export");
  EXPECT_EQ(read_text(path("tables/mine.csv")), "mine");
  EXPECT_THAT(files("."), ElementsAre("all", "err", "out", "tables")) << "no part is left";
}

TEST_F(Export, WhatCannotBeExportedIsToldInOneLine) {
  expect_refused({},
                 "nowhere to write to; expected -o FOLDER for CSV files, or -o FILE.npz for "
                 "NumPy");
  expect_refused({"-o", path("x"), "--tables", "run"},
                 "--tables: run is not known; did you mean runs? expected runs, iterations, tasks, "
                 "workers, fleet, solutions");
  expect_refused({"-o", path("x"), "--only", "wokers=4"},
                 "--only: wokers: no option or column of that name; did you mean workers?");
  expect_refused({"-o", path("x"), "--only", "seed=3"},
                 "--only: seed=3: holds of no run below " + path("all"));
  expect_refused({"-o", path("out")}, "-o: " + path("out") +
                                          ": is a file; expected a folder for CSV files, or a "
                                          "FILE.npz");
  expect_refused({"-o", path("all"), "--format", "npz"},
                 "-o: " + path("all") + ": is a folder; expected a FILE.npz");
  expect_refused({"-o", path("nowhere/x.npz")},
                 "-o: cannot write " + path("nowhere/x.npz.part") + ": No such file or directory");
  std::string rows = read_text(path("all/2/iterations.csv"));
  rows.insert(rows.rfind("\n5,") + 3, "x");
  write_text(path("all/2/iterations.csv"), rows);
  EXPECT_EQ(run({"export", path("all"), "-o", path("x")}), 2);
  EXPECT_THAT(err(), StartsWith("runner: export: " + path("all/2/iterations.csv") + ":6: \"x"));
  EXPECT_FALSE(fs::exists(path("x")));
  fs::remove(path("all/2/iterations.csv"));
  expect_refused({"-o", path("x")}, path("all/2/iterations.csv") +
                                        ": no such file; expected the folder of a finished run");
  EXPECT_FALSE(fs::exists(path("x")));
}

}  // namespace
}  // namespace laggard
