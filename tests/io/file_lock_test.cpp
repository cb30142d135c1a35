#include "core/io/file_lock.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

namespace laggard {
namespace {

namespace fs = std::filesystem;

TEST(FileLock, OneHolderAtATimeWhoSaysWhoItIs) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "lock";
  EXPECT_FALSE(is_locked(file));
  std::optional<FileLock> first(std::in_place);
  FileLock second;
  ASSERT_TRUE(first->take(file, "test"));
  EXPECT_TRUE(is_locked(file));
  EXPECT_EQ(lock_owner(file), std::to_string(::getpid()));
  EXPECT_FALSE(second.take(file, "test"));
  EXPECT_FALSE(second.held());
  first.reset();
  EXPECT_FALSE(is_locked(file));
  EXPECT_TRUE(fs::exists(file));
  EXPECT_TRUE(second.take(file, "test"));
}

TEST(FileLock, EndsWithTheProcess) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "lock";
  const pid_t child = ::fork();
  if (child == 0) {
    FileLock lock;
    std::_Exit(lock.take(file, "test") ? 0 : 1);  // without letting it go
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(lock_owner(file), std::to_string(child));
  FileLock lock;
  EXPECT_TRUE(lock.take(file, "test"));
}

TEST(FileLock, WhatWasRemovedIsMadeAnew) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "lock";
  FileLock first, second;
  ASSERT_TRUE(first.take(file, "test"));
  first.remove();
  EXPECT_FALSE(fs::exists(file));
  EXPECT_FALSE(first.held());
  EXPECT_TRUE(second.take(file, "test"));
  EXPECT_TRUE(is_locked(file));
}

}  // namespace
}  // namespace laggard
