#include "core/results/run_directory.hpp"

#include "core/io/error.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string refusal(const fs::path& directory, bool overwrite = false) {
  const std::string checked = error_of([&] { RunDirectory::check(directory, overwrite); });
  const std::string held = error_of([&] { RunDirectory hold(directory, overwrite); });
  EXPECT_EQ(checked.empty(), held.empty()) << checked << " / " << held;
  return checked;
}

TEST(RunDirectory, CheckCreatesNothing) {
  TemporaryDirectory temporary;
  RunDirectory::check(temporary.path() / "a/b", false);
  EXPECT_TRUE(fs::is_empty(temporary.path()));
}

TEST(RunDirectory, IsCreatedWithItsParents) {
  TemporaryDirectory temporary;
  const RunDirectory run(temporary.path() / "a/b/", false);
  EXPECT_TRUE(fs::is_directory(temporary.path() / "a/b"));
}

TEST(RunDirectory, AFileIsNoDirectory) {
  TemporaryDirectory temporary;
  write_text(temporary.path() / "file", "mine");
  EXPECT_THAT(refusal(temporary.path() / "file"), HasSubstr("not a directory"));
  EXPECT_THAT(refusal(temporary.path() / "file/below"), HasSubstr("not a directory"));
  EXPECT_EQ(read_text(temporary.path() / "file"), "mine");
}

TEST(RunDirectory, ASecondHolderIsToldWhoHoldsIt) {
  TemporaryDirectory temporary;
  {
    const RunDirectory first(temporary.path(), false);
    const std::string message = refusal(temporary.path(), true);
    EXPECT_THAT(message, HasSubstr(temporary.path().string()));
    EXPECT_THAT(message, HasSubstr(std::to_string(::getpid())));
  }
  EXPECT_EQ(refusal(temporary.path()), "");
  EXPECT_TRUE(fs::is_empty(temporary.path())) << "the lock is left behind";
}

TEST(RunDirectory, AFinishedRunIsKeptUnlessOverwritten) {
  TemporaryDirectory temporary;
  for (const char* name : {"run.json", "iterations.csv", "workers.csv.gz", "solution.csv"}) {
    write_text(temporary.path() / name, "old");
  }
  write_text(temporary.path() / "notes.txt", "mine");
  EXPECT_THAT(refusal(temporary.path()), HasSubstr("--overwrite"));
  EXPECT_EQ(read_text(temporary.path() / "run.json"), "old");

  RunDirectory::check(temporary.path(), true);
  EXPECT_EQ(read_text(temporary.path() / "solution.csv"), "old");
  const RunDirectory run(temporary.path(), true);
  EXPECT_FALSE(fs::exists(temporary.path() / "run.json"));
  EXPECT_FALSE(fs::exists(temporary.path() / "solution.csv"));
  EXPECT_EQ(read_text(temporary.path() / "notes.txt"), "mine");
}

TEST(RunDirectory, FilesOfOthersAreNeverTouched) {
  TemporaryDirectory temporary;
  write_text(temporary.path() / "notes.txt", "mine");
  {
    const RunDirectory run(temporary.path(), false);
  }
  EXPECT_EQ(read_text(temporary.path() / "notes.txt"), "mine");
  // A result without run.json may be anybody's.
  write_text(temporary.path() / "iterations.csv", "mine too");
  EXPECT_THAT(refusal(temporary.path()), HasSubstr("iterations.csv"));
  EXPECT_EQ(read_text(temporary.path() / "iterations.csv"), "mine too");
}

TEST(RunDirectory, TheRemainsOfAKilledRunAreReplaced) {
  TemporaryDirectory temporary;
  write_text(temporary.path() / "iterations.csv.part", "round\n");
  write_text(temporary.path() / ".lock", "1");
  EXPECT_EQ(refusal(temporary.path()), "");
  EXPECT_FALSE(fs::exists(temporary.path() / "iterations.csv.part"));
}

TEST(RunDirectory, WhoseResultsAreKeptIsSaidByTheStatus) {
  const auto with_status = [](const char* status) {
    TemporaryDirectory temporary;
    write_text(temporary.path() / "run.json", fmt::format(R"({{"status": "{}"}})", status));
    write_text(temporary.path() / "iterations.csv", "round\n");
    std::string message = refusal(temporary.path());
    const std::string name = temporary.path().string();
    if (const std::size_t at = message.find(name); at != message.npos)
      message.replace(at, name.size(), "DIR");
    return message;
  };
  EXPECT_EQ(with_status("finished"),
            "--output: DIR: holds a finished run: run.json; expected another directory, or "
            "--overwrite");
  EXPECT_EQ(with_status("interrupted"),
            "--output: DIR: holds an interrupted run: run.json; expected another directory, or "
            "--overwrite");
  EXPECT_EQ(with_status("running"), "");
  EXPECT_EQ(with_status("failed"), "");
}

TEST(RunDirectory, PublishingRenamesThePart) {
  TemporaryDirectory temporary;
  RunDirectory run(temporary.path(), false);
  write_text(run.part("solution.csv"), "feature,value\n");
  run.publish("solution.csv");
  EXPECT_EQ(read_text(temporary.path() / "solution.csv"), "feature,value\n");
  EXPECT_FALSE(fs::exists(run.part("solution.csv")));
}

}  // namespace
}  // namespace laggard
