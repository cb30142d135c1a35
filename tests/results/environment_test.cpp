#include "core/results/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(Environment, SaysWhatTheBuildIs) {
  const Environment info = environment();
  EXPECT_EQ(info.version, version());
  EXPECT_THAT(info.version, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(info.compiler, MatchesRegex("(GNU|Clang) [0-9].*"));
  EXPECT_THAT(info.flags, HasSubstr("-ffp-contract=off"));
  EXPECT_FALSE(info.cpu.empty());
  EXPECT_THAT(info.git_revision, MatchesRegex("unknown|[0-9a-f]+(-dirty)?"));
}

TEST(Environment, NamesTheLibrariesWithTheirVersions) {
  for (const auto& [name, library_version] : environment().libraries) {
    EXPECT_THAT(library_version, MatchesRegex("[0-9]+\\.[0-9]+.*")) << name;
  }
}

}  // namespace
}  // namespace laggard
