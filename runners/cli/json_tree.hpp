// JSON with comments as a tree whose parts know where they stand in the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Both from 1; columns are counted in bytes.
struct JsonPlace {
  int line = 1;
  int column = 1;
};

struct JsonMember;

struct JsonNode {
  enum class Kind { object, array, text, number, boolean, null };

  Kind kind = Kind::null;
  JsonPlace place;                  // of its first character
  std::string text;                 // a text, or a number or a boolean as written
  std::vector<JsonMember> members;  // of an object, in order
  std::vector<JsonNode> elements;   // of an array

  bool is(Kind other) const { return kind == other; }
  bool is_scalar() const { return kind >= Kind::text && kind <= Kind::boolean; }
  // Null if there is none.
  const JsonMember* find(std::string_view key) const;
};

struct JsonMember {
  std::string key;
  JsonPlace place;  // of the key
  JsonNode value;
};

// Comments and trailing commas are allowed. `name` stands for the file. Throws Error with
// file:line:column for what is not JSON, or names a key twice.
JsonNode parse_json_tree(std::string_view source, std::string_view name);

// "an object", "a number", for errors.
std::string_view describe(JsonNode::Kind kind);

}  // namespace laggard
