#include "runners/cli/config_file.hpp"

#include "core/io/error.hpp"

#include <gtest/gtest.h>

namespace laggard {
namespace {

std::string error_of(std::string_view text) {
  try {
    parse_config(text, "c.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ConfigFile, ReadsNumbersAsTheyAreWritten) {
  const auto settings = parse_config(R"(// a comment
{
  "workers": 1e4, "rho": 0.10000000000000001, /* more */
  "seed": 9223372036854775807,
  "eps-f": -0.0,
  "loss": "huber:1.5 \u00e9\"",
  "json": true,
}
// the end)",
                                     "c.json");
  ASSERT_EQ(settings.size(), 6u);
  EXPECT_EQ(settings[0].name, "workers");
  EXPECT_EQ(settings[0].value, "1e4");
  EXPECT_EQ(settings[0].what, "c.json:3: workers");
  EXPECT_EQ(settings[1].value, "0.10000000000000001");
  EXPECT_EQ(settings[2].value, "9223372036854775807");
  EXPECT_EQ(settings[3].value, "-0.0");
  EXPECT_EQ(settings[4].value, "huber:1.5 \xc3\xa9\"");
  EXPECT_EQ(settings[4].kind, Setting::Kind::text);
  EXPECT_EQ(settings[5].value, "true");
  EXPECT_EQ(settings[5].kind, Setting::Kind::boolean);
}

TEST(ConfigFile, CommentsMayStandAnywhereAndHideNothing) {
  for (const char* text :
       {"//\n{\"k\"://\n12//\n,//\n}//", "/* { */{/**/\"k\"/*\n*/:/***/12/*,*/}/*/ */",
        "{\"k\":\n12}", "{\"k\" : 12 , }", "\t{\r\n\"k\":\t12\r\n}\r\n"}) {
    const auto settings = parse_config(text, "c");
    ASSERT_EQ(settings.size(), 1u) << text;
    EXPECT_EQ(settings[0].name, "k") << text;
    EXPECT_EQ(settings[0].value, "12") << text;
  }
  EXPECT_EQ(parse_config(R"({"k": "a//b/*c*/\\" /**/ })", "c")[0].value, R"(a//b/*c*/\)");
  EXPECT_EQ(error_of("{\n/* \n"), "c.json:3:1: ends too early; expected a complete JSON object");
  EXPECT_NE(error_of("{} /"), "");
  EXPECT_NE(error_of("/{}"), "");
}

TEST(ConfigFile, AnEmptyObjectSaysNothing) { EXPECT_TRUE(parse_config(" { } \n\n", "c").empty()); }

TEST(ConfigFile, ErrorsNameTheLine) {
  EXPECT_EQ(error_of("{\n\"rho\": 1,\n\n\"rho\": 2}"),
            "c.json:4:1: rho: given twice; the first is on line 2");
  EXPECT_EQ(error_of("{\n\"rho\": null}"),
            "c.json:2: rho: null; expected a number, a string, true or false");
  EXPECT_EQ(error_of("{\n\"rho\": [1]}"),
            "c.json:2: rho: an array; expected a number, a string, true or false");
  EXPECT_EQ(error_of("{\"rho\":\n{}}"),
            "c.json:1: rho: an object; expected a number, a string, true or false");
  EXPECT_EQ(error_of("\n[1]"), "c.json:2: an array; expected an object of options");
  EXPECT_EQ(error_of("3 "), "c.json:1: a lone value; expected an object of options");
  EXPECT_EQ(error_of("{\n\"rho\": 1,\n"),
            "c.json:3:1: ends too early; expected a complete JSON object");
  EXPECT_EQ(error_of(""), "c.json:1:1: ends too early; expected a complete JSON object");
  EXPECT_TRUE(error_of("{\n\"rho\": 1\n\"seed\": 2}").starts_with("c.json:3:1: "))
      << error_of("{\n\"rho\": 1\n\"seed\": 2}");
  EXPECT_EQ(error_of("{}\n\nx"), "c.json:3:1: more than one value; expected JSON");
  EXPECT_TRUE(error_of("{\"rho\": NaN}").starts_with("c.json:1:9: "));
}

TEST(ConfigFile, AMemberOfAnObjectWithinMayNotBeWrittenTwoWays) {
  try {
    parse_config("{\"a\": {\"b\": 1},\n\"a.b\": 2}", "c.json", {.depth = 2});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "c.json:2: a.b: given twice");
  }
}

TEST(ConfigFile, AFileThatIsNotThereIsNamed) {
  try {
    read_config_file("/nonexistent/c.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "--config: cannot read /nonexistent/c.json: No such file or directory");
  }
  EXPECT_THROW(read_config_file("/"), Error);
}

}  // namespace
}  // namespace laggard
