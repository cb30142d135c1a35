// Without a library; tests/plugins has the rest.
#include "runners/plugins/plugin.hpp"

#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

TEST(Plugin, APathHasASlashOrEndsInSo) {
  for (const char* path : {"libmine.so", "./mine", "/a/b.so", "a/b"}) {
    EXPECT_TRUE(is_plugin_path(path)) << path;
  }
  for (const char* name : {"sync", "partial_barrier", "so", "libmine.so.1", ""}) {
    EXPECT_FALSE(is_plugin_path(name)) << name;
  }
}

TEST(Plugin, BuiltInDescriptorsAreHeldToTheSameRules) {
  for (const auto& [name, protocol] : protocols()) {
    if (name.starts_with("test_")) continue;  // only there to be described
    EXPECT_NO_THROW(check_descriptor(protocol, name));
    EXPECT_FALSE(protocol.summary.empty()) << name;
    EXPECT_FALSE(protocol.source.empty()) << name;
  }
  for (const auto& [name, method] : methods()) {
    EXPECT_NO_THROW(check_descriptor(method, name));
    EXPECT_FALSE(method.summary.empty()) << name;
    EXPECT_FALSE(method.source.empty()) << name;
  }
}

TEST(Plugin, TheTagNamesTheVersionsAndFits) {
  static constexpr AbiTag kTag = abi_tag();
  EXPECT_THAT(kTag.text, StartsWith("laggard "));
  EXPECT_THAT(kTag.text, HasSubstr(", headers "));
  EXPECT_THAT(kTag.text, HasSubstr("Boost "));
  EXPECT_EQ(kTag.size, std::string_view(kTag.text).size());
}

TEST(Plugin, AMissingFileIsNamed) {
  EXPECT_THAT([] { load_protocol("./none.so", "--protocol"); },
              ThrowsMessage<Error>("--protocol: ./none.so: no such file"));
}

}  // namespace
}  // namespace laggard
