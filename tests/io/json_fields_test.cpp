#include "core/io/json_fields.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

TEST(LooseObject, HasEveryRealToTheLastBit) {
  // Of these Boost's own parser gets the first wrong.
  for (const double value : {0.00036120248854666317, 102.66782752699848, 5e-324, 1.5e300, -0.1}) {
    const auto object = loose_object(fmt::format(R"({{"a": {{"b": [{}]}}}})", value));
    EXPECT_EQ(object.at("a").at("b").at(0).as_double(), value);
  }
}

TEST(LooseObject, IsOtherwiseWhatBoostReads) {
  for (const char* text :
       {R"({"a": 1, "b": [-2, 18446744073709551615, true, null, "x\u00e9\n"], "c": {}})",
        R"({"a": 1, "a": "twice"})", R"({})",
        " {\"long\": \"0123456789012345678901234567890123456789\"}\n", R"({"a": 1e400})"})
    EXPECT_EQ(loose_object(text), boost::json::parse(text).as_object()) << text;
}

TEST(LooseObject, IsEmptyForWhatIsNone) {
  for (const char* text : {"", "{", R"({"a": 1} x)", R"({"a": 1}{})", "[1]", "7", R"({"a": })"})
    EXPECT_TRUE(loose_object(text).empty()) << text;
}

}  // namespace
}  // namespace laggard
