#include "runners/cli/json_tree.hpp"

#include "core/io/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

std::string refusal(std::string_view text) {
  try {
    parse_json_tree(text, "f");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

std::string place(const JsonNode& node) {
  return std::to_string(node.place.line) + ':' + std::to_string(node.place.column);
}

TEST(JsonTree, KnowsWhereEachPartStands) {
  const JsonNode root = parse_json_tree(
      "// first\n"
      "{\n"
      "  \"a\": [1, -2.5e3 ,\"x\\\"y\",\n"
      "        {\"b\": true}, /* here */ null,]\n"
      "}\n",
      "f");
  EXPECT_EQ(place(root), "2:1");
  const JsonMember& a = root.members.at(0);
  EXPECT_EQ(a.place.line, 3);
  EXPECT_EQ(a.place.column, 3);
  EXPECT_EQ(place(a.value), "3:8");
  const std::vector<JsonNode>& list = a.value.elements;
  ASSERT_EQ(list.size(), 5u);
  EXPECT_EQ(place(list[0]), "3:9");
  EXPECT_EQ(place(list[1]), "3:12");
  EXPECT_EQ(list[1].text, "-2.5e3") << "as written";
  EXPECT_EQ(place(list[2]), "3:20");
  EXPECT_EQ(list[2].text, "x\"y");
  EXPECT_EQ(place(list[3]), "4:9");
  EXPECT_EQ(list[3].find("b")->value.text, "true");
  EXPECT_EQ(place(list[3].find("b")->value), "4:15");
  EXPECT_EQ(place(list[4]), "4:33");
  EXPECT_TRUE(list[4].is(JsonNode::Kind::null));
}

TEST(JsonTree, RefusesWhatIsNoJson) {
  EXPECT_EQ(refusal("{\"a\": 1"), "f:1:8: ends too early; expected a complete JSON object");
  EXPECT_EQ(refusal("{\n \"a\" 1}"), "f:2:6: syntax error; expected JSON");
  EXPECT_EQ(refusal("{\"a\": 1, \"b\": 2,\n \"a\": 3}"),
            "f:2:2: a: given twice; the first is on line 1");
}

}  // namespace
}  // namespace laggard
