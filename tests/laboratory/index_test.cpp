// Folders of runs, and the index over them.
#include "runners/laboratory/results/index.hpp"

#include "core/io/error.hpp"
#include "core/results/run_directory.hpp"
#include "runners/laboratory/results/database.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/json.hpp>

#include <algorithm>

namespace laggard {
namespace {

namespace fs = std::filesystem;

class Runs : public testing::Test {
 protected:
  fs::path path(const std::string& name = "") const { return temporary_.path() / name; }
  void add(const std::string& folder, const std::string& id, int workers,
           const std::string& status = "finished") {
    fs::create_directories(path(folder));
    write_text(path(folder) / "run.json",
               fmt::format(R"({{"schema": 2, "id": "{}", "status": "{}", "workers": {},
                   "configuration": {{"tau": 4}}, "cost": {{"dollars": 0.5}}}})",
                           id, status, workers));
  }
  std::vector<StoredRun> load(Loaded loaded = Loaded::documents) const {
    const std::vector<fs::path> folders = {path()};
    return load_runs(folders, "ls", loaded);
  }
  std::vector<std::string> seen() const {
    std::vector<std::string> all;
    for (const StoredRun& run : load(Loaded::columns))
      all.push_back(fmt::format("{} {} {} {}", run.path, run.id, run.status,
                                boost::json::serialize(*run.field("workers"))));
    return all;
  }
  std::string refusal(const fs::path& folder) const {
    try {
      const std::vector<fs::path> folders = {folder};
      load_runs(folders, "ls");
    } catch (const Error& error) {
      std::string message = error.what();
      const std::string root = temporary_.path().string();
      if (const std::size_t at = message.find(root); at != message.npos)
        message.replace(at, root.size(), "ROOT");
      return message;
    }
    return "";
  }

 private:
  TemporaryDirectory temporary_;
};

using Lines = std::vector<std::string>;

TEST_F(Runs, AreFoundAtMostThreeLevelsBelow) {
  add("b", "2", 2);
  add("a/cells/1", "1", 1);
  add("a/b/c/d", "4", 4);
  add(".hidden", "5", 5);
  add("b/inside", "6", 6);
  EXPECT_EQ(seen(), (Lines{"a/cells/1 1 finished 1", "b 2 finished 2"}));
}

TEST_F(Runs, TheIndexFollowsTheFolders) {
  add("a", "1", 1);
  add("b", "2", 2);
  EXPECT_EQ(seen(), (Lines{"a 1 finished 1", "b 2 finished 2"}));
  EXPECT_TRUE(fs::exists(path("index.sqlite")));
  add("a", "1", 16);
  add("c", "3", 3, "failed");
  fs::remove_all(path("b"));
  const Lines now = {"a 1 finished 16", "c 3 failed 3"};
  EXPECT_EQ(seen(), now);
  EXPECT_EQ(seen(), now) << "from the index alone";
  fs::remove(path("index.sqlite"));
  EXPECT_EQ(seen(), now) << "made again";
}

// What has not changed is not read: the index is asked.
TEST_F(Runs, ARunThatHasNotChangedIsThatOfTheIndex) {
  add("a", "1", 1);
  seen();
  {
    Database database(path("index.sqlite"), true);
    database.execute("UPDATE runs SET workers = 77");
  }
  EXPECT_EQ(seen(), Lines{"a 1 finished 77"});
  add("a", "1", 64);  // another size
  EXPECT_EQ(seen(), Lines{"a 1 finished 64"});
}

TEST_F(Runs, TheirDocumentsComeFromTheIndexToo) {
  add("a", "1", 1);
  for (int i = 0; i < 2; ++i) {
    const StoredRun run = load().front();
    EXPECT_EQ(boost::json::serialize(*run.field("tau")), "4");
    EXPECT_EQ(boost::json::serialize(*run.field("cost.dollars")), "5E-1");
    EXPECT_EQ(run.field("nothing"), nullptr);
  }
}

TEST_F(Runs, OneThatNobodyRunsAnyMoreWasInterrupted) {
  add("a", "1", 1, "running");
  EXPECT_EQ(seen(), Lines{"a 1 interrupted 1"});
  FileLock lock;
  ASSERT_TRUE(lock.take(path("a/.lock"), "test"));
  EXPECT_EQ(seen(), Lines{"a 1 running 1"});
}

TEST_F(Runs, ATornRecordIsAnInterruptedRun) {
  add("a", "1", 1);
  write_text(path("a/run.json"), R"({"schema": 2, "id": "1", "sta)");
  EXPECT_EQ(seen(), Lines{"a a interrupted null"});
}

TEST_F(Runs, OfTheSchemaBeforeAreFinishedAndCalledByTheirFolder) {
  fs::create_directories(path("old"));
  write_text(path("old/run.json"), R"({"workers": 3, "configuration": {}})");
  EXPECT_EQ(seen(), Lines{"old old finished 3"});
}

TEST_F(Runs, OfALaterSchemaOrWithAnotherKindOfValueAreRefusedInOneLine) {
  fs::create_directories(path("a"));
  write_text(path("a/run.json"), R"({"schema": 4, "id": "1", "configuration": {}})");
  EXPECT_EQ(refusal(path()), "ls: ROOT/a/run.json: schema 4 is not known here; expected at most 3");
  EXPECT_EQ(refusal(path("a")),
            "ls: ROOT/a/run.json: schema 4 is not known here; expected at most 3");
  write_text(path("a/run.json"), R"({"schema": 2, "id": "1", "rounds": "many"})");
  EXPECT_EQ(refusal(path()), "ls: ROOT/a/run.json: rounds is \"many\"; expected a number");
  write_text(path("a/run.json"), R"({"schema": 2, "id": "1", "protocol": 7})");
  EXPECT_EQ(refusal(path()), "ls: ROOT/a/run.json: protocol is 7; expected a text");
}

TEST_F(Runs, ATornIndexIsMadeAgain) {
  for (int i = 0; i < 40; ++i) add(fmt::format("r{:02}", i), fmt::format("{}", i), i);
  const Lines all = seen();
  const std::uintmax_t whole = fs::file_size(path("index.sqlite"));
  for (const std::uintmax_t left :
       {whole - 1, whole - 3000, whole / 2, std::uintmax_t{600}, std::uintmax_t{99},
        std::uintmax_t{40}, std::uintmax_t{16}, std::uintmax_t{7}, std::uintmax_t{0}}) {
    fs::resize_file(path("index.sqlite"), left);
    EXPECT_EQ(seen(), all) << left;
    EXPECT_EQ(seen(), all) << left;
    for (const StoredRun& run : load()) EXPECT_NE(run.field("tau"), nullptr) << left;
    EXPECT_EQ(fs::file_size(path("index.sqlite")), whole) << left;
  }
}

TEST_F(Runs, WithoutTheRightToWriteThereIsNoIndex) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  add("a", "1", 1);
  fs::permissions(path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(seen(), Lines{"a 1 finished 1"});
  fs::permissions(path(), fs::perms::owner_all);
  EXPECT_FALSE(fs::exists(path("index.sqlite")));
}

TEST_F(Runs, WhatIsNoFolderOfRunsIsRefusedInOneLine) {
  EXPECT_EQ(refusal(path("nowhere")),
            "ls: ROOT/nowhere: no such folder; expected one with runs, from --output");
  fs::create_directory(path("empty"));
  EXPECT_EQ(refusal(path("empty")),
            "ls: ROOT/empty: holds no run (no run.json); expected a folder from --output");
  EXPECT_FALSE(fs::exists(path("empty/index.sqlite")));
  add("a", "1", 1);
  write_text(path("index.sqlite"), "my notes, not to be touched");
  EXPECT_EQ(refusal(path()),
            "ls: ROOT/index.sqlite: it is no index of runs; delete it, and it is made again");
  EXPECT_EQ(read_text(path("index.sqlite")), "my notes, not to be touched");
  fs::remove(path("index.sqlite"));
  {
    Database database(path("index.sqlite"), true);
    database.execute("CREATE TABLE recipes (name TEXT)");
  }
  EXPECT_EQ(refusal(path()),
            "ls: ROOT/index.sqlite: it is a database of another program; delete it, and it is made "
            "again");
  fs::remove(path("index.sqlite"));
  seen();
  {
    Database database(path("index.sqlite"), true);
    database.execute("PRAGMA user_version = 7");
  }
  EXPECT_EQ(refusal(path()),
            "ls: ROOT/index.sqlite: index of schema 7, this program has 1; delete it, and it is "
            "made again");
}

TEST_F(Runs, AreNamedByTheFirstDigitsOfTheirId) {
  add("a", "abcd", 1);
  add("b", "abef", 2);
  const std::vector<fs::path> folders = {path()};
  EXPECT_EQ(find_run("abc", folders, "show").path, "a");
  const auto message = [&](const char* id) {
    try {
      find_run(id, folders, "show");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("ab"), "show: ab: 2 runs have an id that begins so: a, b");
  EXPECT_EQ(message("x"), "show: x: no folder, and no run of that id below " + path().string());
}

}  // namespace
}  // namespace laggard
