#include "core/io/atomic_file.hpp"

#include "core/io/error.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(AtomicFile, IsTheOldFileUntilItIsPublished) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.write("state", "old");
  AtomicFile out(file, "test");
  out.write("ne");
  out.write("w");
  EXPECT_EQ(read_text(file), "old");
  EXPECT_TRUE(fs::exists(temporary.path() / "state.part"));
  out.publish();
  EXPECT_EQ(read_text(file), "new");
  EXPECT_FALSE(fs::exists(temporary.path() / "state.part"));
}

TEST(AtomicFile, LeavesNothingIfItIsNotPublished) {
  TemporaryDirectory temporary;
  {
    AtomicFile out(temporary.path() / "state", "test");
    out.write("half");
  }
  EXPECT_TRUE(fs::is_empty(temporary.path()));
}

TEST(AtomicFile, ReplacesWhatAKilledProcessLeftWithAModeOfItsOwn) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "secret";
  fs::permissions(temporary.write("secret.part", "remains of something longer"), fs::perms::all);
  write_atomically(file, "text", "test", {.mode = 0600, .durable = false});
  EXPECT_EQ(read_text(file), "text");
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(AtomicFile, TwoWritersOfOneFileDoNotMeet) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "cache";
  AtomicFile one(file, "test", {.several_writers = true});
  AtomicFile other(file, "test", {.several_writers = true});
  one.write("one");
  other.write("other");
  other.publish();
  EXPECT_EQ(read_text(file), "other");
  one.publish();
  EXPECT_EQ(read_text(file), "one");
}

TEST(AtomicFile, WhatCannotBeWrittenIsNamed) {
  TemporaryDirectory temporary;
  const auto refusal = [](const fs::path& file) -> std::string {
    try {
      write_atomically(file, "text", "--option");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal(temporary.path() / "none/file"),
              testing::AllOf(testing::StartsWith("--option: cannot write "), HasSubstr("none/file"),
                             HasSubstr("No such file or directory")));
  // A folder with that name stays, and so does what is in it.
  fs::create_directory(temporary.path() / "folder");
  temporary.write("folder/file", "mine");
  EXPECT_THAT(refusal(temporary.path() / "folder"), HasSubstr("cannot write"));
  EXPECT_EQ(read_text(temporary.path() / "folder/file"), "mine");
  EXPECT_FALSE(fs::exists(temporary.path() / "folder.part"));
}

TEST(AtomicFile, AFullDiskIsAnError) {
  // Every write to it fails as on a full disk.
  OutputFile full("/dev/full", "--option");
  EXPECT_THAT(
      [&] {
        full.write("text");
        full.sync_and_close();
      },
      testing::ThrowsMessage<Error>("--option: cannot write /dev/full: No space left on device"));
}

}  // namespace
}  // namespace laggard
