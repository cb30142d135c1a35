#include "core/io/atomic_folder.hpp"

#include "core/io/error.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::StartsWith;

TEST(AtomicFolder, IsTheOldFolderUntilItIsPublished) {
  TemporaryDirectory temporary;
  const fs::path folder = temporary.path() / "all";
  fs::create_directory(folder);
  write_text((folder / "old").string(), "old");
  AtomicFolder whole(folder, "test");
  write_text((whole.part() / "new").string(), "new");
  EXPECT_TRUE(fs::exists(folder / "old"));
  whole.publish();
  EXPECT_EQ(read_text((folder / "new").string()), "new");
  EXPECT_FALSE(fs::exists(folder / "old"));
}

TEST(AtomicFolder, LeavesNothingBesideWhenItIsDone) {
  TemporaryDirectory temporary;
  fs::create_directory(temporary.path() / "all");
  {
    AtomicFolder whole(temporary.path() / "all", "test");
    whole.publish();
    AtomicFolder half(temporary.path() / "half/", "test");
    EXPECT_EQ(half.part(), temporary.path() / ".half.part");
  }
  const fs::directory_iterator all(temporary.path());
  EXPECT_EQ(std::distance(begin(all), end(all)), 1);
}

TEST(AtomicFolder, BeginsWithoutWhatAKilledProcessLeft) {
  TemporaryDirectory temporary;
  fs::create_directories(temporary.path() / ".all.part/deep");
  AtomicFolder whole(temporary.path() / "all", "test");
  EXPECT_TRUE(fs::is_empty(whole.part()));
}

TEST(AtomicFolder, SaysWhereItCannotBe) {
  TemporaryDirectory temporary;
  const std::string folder = temporary.write("file", "").string() + "/all";
  EXPECT_THAT([&] { AtomicFolder(folder, "test"); },
              testing::ThrowsMessage<Error>("test: cannot write " + folder + ": Not a directory"));
}

}  // namespace
}  // namespace laggard
