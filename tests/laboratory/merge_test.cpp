// `runner merge`: outputs of one matrix become one, whatever happens on the way.
#include "tests/runner/program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

class Merge : public Program {
 protected:
  void SetUp() override {
    write_text(path("m.json"), R"({"base": {"synthetic": "n=60,d=5,density=0.5", "stop": "none",
                                   "max-rounds": 4}, "axes": {"protocol": ["sync", "async"],
                                   "workers": [2, 4]}, "repeat": {"seed": [1, 2]}})");
  }
  int matrix(const std::string& output, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {"matrix", path("m.json"), "run", "--output", path(output)};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  }
  void make_shards() {
    ASSERT_EQ(matrix("a", {"--shard", "1/2"}), 0) << err();
    ASSERT_EQ(matrix("b", {"--shard", "2/2"}), 0) << err();
  }
  std::vector<std::string> arguments(const std::vector<std::string>& names,
                                     const std::string& output = "all") {
    std::vector<std::string> all = {"merge"};
    for (const std::string& name : names) all.push_back(path(name));
    all.insert(all.end(), {"-o", path(output)});
    return all;
  }
  int merge(const std::vector<std::string>& names, const std::string& output = "all") {
    return run(arguments(names, output));
  }
  void expect_refused(const std::vector<std::string>& names, const std::string& message) {
    EXPECT_EQ(merge(names), 2);
    EXPECT_EQ(err(), "runner: merge: " + message + "\n");
    EXPECT_EQ(out(), "");
  }
  std::vector<fs::path> cells(const std::string& output) const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(path(output) + "/cells"))
      all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
  }
  // What each file of each cell holds.
  std::map<std::string, std::string> contents(const std::string& output) const {
    std::map<std::string, std::string> all;
    for (const fs::path& cell : cells(output))
      for (const auto& entry : fs::directory_iterator(cell))
        if (entry.path().filename() != ".lock")
          all[(cell.filename() / entry.path().filename()).string()] = read_text(entry.path());
    return all;
  }
  std::string listed(const std::string& output) {
    EXPECT_EQ(run({"ls", path(output), "--columns", "path,status,iterate_digest"}), 0) << err();
    return out();
  }
  // As if the run had ended so.
  static void change(const fs::path& cell, const std::string& from, const std::string& to) {
    std::string text = read_text(cell / "run.json");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, text.npos) << from;
    write_text((cell / "run.json").string(), text.replace(at, from.size(), to));
  }
};

const std::string kFinished = R"("status": "finished")";

TEST_F(Merge, HasTheCellsOfAll) {
  make_shards();
  ASSERT_EQ(merge({"a", "b"}), 0) << err();
  EXPECT_EQ(out(), path("all") + ": 8 cells: 8 done, 0 failed, 0 interrupted; 8 copied\n");
  auto both = contents("a");
  both.merge(contents("b"));
  EXPECT_EQ(contents("all"), both) << "byte for byte";
  ASSERT_EQ(run({"matrix", path("m.json"), "status", "--output", path("all"), "--json"}), 0);
  EXPECT_EQ(out(), "{\"cells\":8,\"done\":8,\"failed\":0,\"to_do\":0}\n");
  EXPECT_TRUE(fs::exists(path("all/index.sqlite")));
  ASSERT_EQ(matrix("whole"), 0) << err();
  EXPECT_EQ(listed("all"), listed("whole")) << "as if one machine had made them";
  ASSERT_EQ(merge({"a", "b"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("; 0 copied\n")) << "what is there is not copied again";
}

TEST_F(Merge, TheSameCellTwiceIsOne) {
  make_shards();
  ASSERT_EQ(matrix("whole"), 0) << err();  // at other times, on the same numbers
  ASSERT_EQ(merge({"b"}, "a"), 0) << err();
  EXPECT_EQ(out(), path("a") + ": 8 cells: 8 done, 0 failed, 0 interrupted; 4 copied\n");
  ASSERT_EQ(merge({"whole", "a"}, "a"), 0) << err();
  EXPECT_THAT(out(), HasSubstr("; 0 copied\n"));
}

TEST_F(Merge, WhatFinishedCountsBeforeWhatFailedAndThatBeforeWhatWasInterrupted) {
  ASSERT_EQ(matrix("a"), 0) << err();
  fs::copy(path("a"), path("b"), fs::copy_options::recursive);
  const auto a = cells("a"), b = cells("b");
  const std::string failed = R"("status": "failed")", interrupted = R"("status": "interrupted")";
  change(a[0], kFinished, failed);
  change(b[1], kFinished, interrupted);
  change(a[2], kFinished, interrupted);
  change(b[2], kFinished, failed);
  const std::string text = read_text(a[3] / "run.json");
  write_text((a[3] / "run.json").string(), text.substr(0, text.size() / 2));  // torn
  ASSERT_EQ(merge({"a", "b"}), 0) << err();
  EXPECT_EQ(out(), path("all") + ": 8 cells: 7 done, 1 failed, 0 interrupted; 8 copied\n");
  for (const int i : {0, 3})
    EXPECT_EQ(read_text(cells("all")[std::size_t(i)] / "run.json"),
              read_text(b[std::size_t(i)] / "run.json"));
  // Into one of them: the finished cells take the place of the others.
  ASSERT_EQ(merge({"b"}, "a"), 0) << err();
  EXPECT_EQ(out(), path("a") + ": 8 cells: 7 done, 1 failed, 0 interrupted; 3 copied\n");
  EXPECT_THAT(cells("a"), SizeIs(8)) << "no part is left";
}

TEST_F(Merge, TwoResultsOfOneCellAreRefusedBeforeAnythingIsCopied) {
  ASSERT_EQ(matrix("a"), 0) << err();
  fs::copy(path("a"), path("b"), fs::copy_options::recursive);
  change(cells("b")[4], R"("iterate_digest": ")", R"("iterate_digest": "0)");
  expect_refused({"a", "b"}, cells("a")[4].string() + ": its result is another than that of " +
                                 cells("b")[4].string() +
                                 "; expected the same, or one of the two: remove the other "
                                 "folder");
  EXPECT_FALSE(fs::exists(path("all")));
  ASSERT_EQ(merge({"b"}), 0) << err();
  EXPECT_EQ(merge({"a"}), 2);
  EXPECT_THAT(err(), HasSubstr("its result is another than that of"));
  EXPECT_EQ(contents("all"), contents("b"));
}

TEST_F(Merge, GoesOnWhereItWasKilled) {
  make_shards();
  ASSERT_EQ(merge({"a", "b"}, "undisturbed"), 0) << err();
  const std::string expected = listed("undisturbed");
  for (std::size_t copied = 0; copied < 8; ++copied) {
    const pid_t child = start(arguments({"a", "b"}));
    // A kill comes when it comes: between two cells, or within one.
    for (int status = 0; ::waitpid(child, &status, WNOHANG) == 0;) {
      if (!fs::exists(path("all/cells")) || cells("all").size() < copied) continue;
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      break;
    }
    ASSERT_EQ(merge({"a", "b"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr(": 8 cells: 8 done, 0 failed, 0 interrupted; "));
    EXPECT_EQ(contents("all"), contents("undisturbed"));
    EXPECT_EQ(listed("all"), expected);
    fs::remove_all(path("all"));
  }
}

TEST_F(Merge, WhatIsNoOutputOfTheMatrixIsToldInOneLine) {
  make_shards();
  EXPECT_EQ(run({"merge", "-o", path("all")}), 2);
  EXPECT_EQ(err(),
            "runner: merge: no folder given; expected DIR... -o DIR, outputs of runner matrix "
            "run\n");
  EXPECT_EQ(run({"merge", path("a")}), 2);
  EXPECT_EQ(err(), "runner: merge: nowhere to write to; expected DIR... -o DIR\n");
  const std::string expected = "; expected the --output of runner matrix run";
  expect_refused({"a", "nowhere"}, path("nowhere") + ": no such folder" + expected);
  const std::string cell = cells("b")[0].string();
  expect_refused({cell}, cell + ": no output of a matrix" + expected);
  fs::copy(path("b"), path("other"), fs::copy_options::recursive);
  const std::string matrix = read_text(path("m.json"));
  write_text(path("other/matrix.json"), matrix.substr(0, matrix.size() - 9));
  expect_refused({"a", "other"}, path("other") + ": of another matrix than " + path("a") +
                                     ": their matrix.json differ");
  write_text(path("other/matrix.json"), matrix);
  fs::create_directory(path("other/cells/mine"));
  expect_refused({"a", "other"}, path("other/cells/mine") + ": no cell of a matrix" + expected);
  fs::remove(path("other/cells/mine"));
  const fs::path first = cells("other")[0], second = cells("other")[1];
  change(first, R"("schema": 3)", R"("schema": 4)");
  expect_refused({"a", "other"}, first.string() + ": schema 4; this program knows 3");
  change(first, R"("schema": 4)", R"("schema": 3)");
  change(second, second.filename().string(), "0123456789abcdef");
  expect_refused({"a", "other"}, second.string() +
                                     ": holds the run 0123456789abcdef; expected the cell of its "
                                     "name");
  EXPECT_FALSE(fs::exists(path("all"))) << "nothing is half there";
}

TEST_F(Merge, WritesToNoFolderOfSomebodyElse) {
  make_shards();
  fs::create_directory(path("all"));
  write_text(path("all/mine.txt"), "mine");
  expect_refused(
      {"a"}, path("all") + ": holds mine.txt; expected a new folder, or an output of the matrix");
  fs::remove(path("all/mine.txt"));
  ASSERT_EQ(merge({"a"}), 0) << err();
  write_text(path("all/matrix.json"), "{}");
  expect_refused({"a"}, path("all") + ": of another matrix than " + path("a") +
                            "; expected a new folder, or one of the same");
  write_text(path("all/matrix.json"), read_text(path("m.json")));
  write_text(path("all/index.sqlite"),
             "no database, but longer than the header of one would be: " + std::string(100, '.'));
  expect_refused({"a", "b"}, path("all/index.sqlite") +
                                 ": it is no index of runs; delete it, and it is made again");
  EXPECT_THAT(cells("all"), SizeIs(4)) << "nothing was copied";
}

TEST_F(Merge, AFolderInUseIsLeftAlone) {
  make_shards();
  write_text(path("m.json"), R"({"base": {"synthetic": "n=60,d=5,density=0.5", "stop": "none",
                                 "max-rounds": 1e9}})");
  const pid_t child = start({"matrix", path("m.json"), "run", "--output", path("busy")});
  int status = 0;
  while (!fs::exists(path("busy/matrix.json")) && ::waitpid(child, &status, WNOHANG) == 0)
    std::this_thread::yield();
  expect_refused({"busy"}, path("busy") + fmt::format(": in use by process {}; expected the end of "
                                                      "that run, or another folder",
                                                      child));
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
}

}  // namespace
}  // namespace laggard
