#include "runners/cli/json_tree.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <utility>

namespace laggard {
namespace {

namespace json = boost::json;

// Hears what Boost's parser finds, and asks the reader where that began: the parser keeps no
// positions.
struct TreeHandler {
  using error_code = json::error_code;
  using string_view = json::string_view;

  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  std::string file;
  JsonPlace token;  // where what is being read began
  JsonNode root;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open(JsonNode::Kind::object); }
  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_begin(error_code&) { return open(JsonNode::Kind::array); }
  bool on_array_end(std::size_t, error_code&) { return close(); }
  bool on_key_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_key(string_view part, std::size_t, error_code&) {
    gather(part);
    JsonNode& object = *open_.back();
    const std::string key = std::exchange(text_, {});
    if (const JsonMember* first = object.find(key))
      throw Error(fmt::format("{}:{}:{}: {}: given twice; the first is on line {}", file,
                              token.line, token.column, key, first->place.line));
    object.members.push_back({key, token, {}});
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_string(string_view part, std::size_t, error_code&) {
    gather(part);
    return add(JsonNode::Kind::text);
  }
  bool on_number_part(string_view part, error_code&) { return gather(part); }
  bool on_int64(std::int64_t, string_view part, error_code&) { return on_number(part); }
  bool on_uint64(std::uint64_t, string_view part, error_code&) { return on_number(part); }
  bool on_double(double, string_view part, error_code&) { return on_number(part); }
  bool on_bool(bool value, error_code&) {
    text_ = value ? "true" : "false";
    return add(JsonNode::Kind::boolean);
  }
  bool on_null(error_code&) { return add(JsonNode::Kind::null); }
  bool on_comment_part(string_view, error_code&) { return true; }  // none are left
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool gather(string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_number(string_view part) {
    gather(part);
    return add(JsonNode::Kind::number);
  }
  // Where the next value belongs: no node but the innermost open one grows, so pointers to those
  // around it stay good.
  JsonNode& next() {
    if (open_.empty()) return root;
    JsonNode& around = *open_.back();
    if (around.is(JsonNode::Kind::object)) return around.members.back().value;
    return around.elements.emplace_back();
  }
  bool add(JsonNode::Kind kind) {
    JsonNode& node = next();
    node.kind = kind;
    node.place = token;
    node.text = std::exchange(text_, {});
    return true;
  }
  bool open(JsonNode::Kind kind) {
    JsonNode& node = next();
    node.kind = kind;
    node.place = token;
    open_.push_back(&node);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string text_;             // of the key or value being read
  std::vector<JsonNode*> open_;  // from the outermost inwards
};

// Where the token begins that a byte belongs to.
class TokenStarts {
 public:
  // The next byte; true where a token begins with it.
  bool begins(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      return false;
    }
    const bool in_word = std::exchange(in_word_, false);
    if (c == '"') return in_string_ = true;
    if (c == '{' || c == '[') return true;
    if (std::string_view(" \t\r\n,:}]").find(c) != std::string_view::npos) return false;
    in_word_ = true;
    return !in_word;
  }

 private:
  bool in_string_ = false, escaped_ = false, in_word_ = false;
};

// The end of the string that begins at text[at], or of the text.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

// The text with blanks for comments, line for line. Boost.JSON 1.81 knows comments but mistakes
// what follows one that it is given in pieces: a number after it may even be read twice.
std::string without_comments(std::string_view text) {
  std::string blanked(text);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (text[at] == '"') {
      end = end_of_string(text, at);
    } else if (text[at] == '/') {
      const std::string_view opening = text.substr(at, 2);
      if (opening == "//") end = std::min(text.find('\n', at), text.size());
      if (opening == "/*") end = std::min(text.find("*/", at + 2), text.size() - 2) + 2;
      if (end > at + 1) {
        std::replace_if(
            blanked.begin() + std::ptrdiff_t(at), blanked.begin() + std::ptrdiff_t(end),
            [](char c) { return c != '\n'; }, ' ');
      }
    }
    at = end;
  }
  return blanked;
}

}  // namespace

const JsonMember* JsonNode::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &JsonMember::key);
  return found == members.end() ? nullptr : &*found;
}

JsonNode parse_json_tree(std::string_view source, std::string_view name) {
  const std::string text = without_comments(source);
  json::parse_options options;
  options.allow_trailing_commas = true;
  json::basic_parser<TreeHandler> parser(options);
  TreeHandler& handler = parser.handler();
  handler.file = name;
  TokenStarts starts;
  JsonPlace here;
  json::error_code error;
  // A byte at a time, so that the place is known whenever the handler is called.
  for (std::size_t i = 0; i < text.size(); ++i) {
    // A number ends with the byte after it, which begins no token.
    if (starts.begins(text[i])) handler.token = here;
    if (parser.done() && std::string_view(" \t\r\n").find(text[i]) == std::string_view::npos)
      throw Error(fmt::format("{}:{}:{}: more than one value; expected JSON", name, here.line,
                              here.column));
    parser.write_some(true, &text[i], 1, error);
    if (error) break;
    ++here.column;
    if (text[i] == '\n') here = {here.line + 1, 1};
  }
  if (!error) parser.write_some(false, "", 0, error);
  if (error == json::error::incomplete)
    throw Error(fmt::format("{}:{}:{}: ends too early; expected a complete JSON object", name,
                            here.line, here.column));
  if (error)
    throw Error(
        fmt::format("{}:{}:{}: {}; expected JSON", name, here.line, here.column, error.message()));
  return std::move(handler.root);
}

std::string_view describe(JsonNode::Kind kind) {
  switch (kind) {
    case JsonNode::Kind::object:
      return "an object";
    case JsonNode::Kind::array:
      return "an array";
    case JsonNode::Kind::text:
      return "a text";
    case JsonNode::Kind::number:
      return "a number";
    case JsonNode::Kind::boolean:
      return "true or false";
    case JsonNode::Kind::null:
      return "null";
  }
  return "nothing";
}

}  // namespace laggard
