#include "runners/cli/config_file.hpp"

#include "core/io/error.hpp"
#include "runners/cli/json_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

namespace laggard {
namespace {

// The members of an object as settings; those of objects within it, as "outer.inner".
class ConfigReader {
 public:
  ConfigReader(std::string_view file, const JsonShape& shape) : file_(file), shape_(shape) {}

  std::vector<Setting> read(const JsonNode& root) {
    if (!root.is(JsonNode::Kind::object))
      throw Error(fmt::format("{}:{}: {}; expected {}", file_, root.place.line,
                              root.is(JsonNode::Kind::array) ? "an array" : "a lone value",
                              shape_.is));
    add_members(root, "", 1);
    return std::move(settings_);
  }

 private:
  void add_members(const JsonNode& object, const std::string& within, int depth) {
    for (const JsonMember& member : object.members) {
      const std::string key = within + member.key;
      const std::string what = fmt::format("{}:{}: {}", file_, member.place.line, key);
      if (member.value.is(JsonNode::Kind::object) && depth < shape_.depth) {
        add_members(member.value, key + '.', depth + 1);
      } else if (member.value.is_scalar()) {
        // As "outer.inner" once within an object, and once written so.
        if (std::ranges::find(settings_, key, &Setting::name) != settings_.end())
          throw Error(fmt::format("{}: given twice", what));
        settings_.push_back({key, member.value.text, what, kind_of(member.value)});
      } else {
        throw Error(fmt::format("{}: {}; expected a number, a string, true or false", what,
                                describe(member.value.kind)));
      }
    }
  }

  static Setting::Kind kind_of(const JsonNode& value) {
    if (value.is(JsonNode::Kind::number)) return Setting::Kind::number;
    return value.is(JsonNode::Kind::boolean) ? Setting::Kind::boolean : Setting::Kind::text;
  }

  std::string_view file_;
  const JsonShape& shape_;
  std::vector<Setting> settings_;
};

}  // namespace

std::vector<Setting> parse_config(std::string_view source, std::string_view name,
                                  const JsonShape& shape) {
  return ConfigReader(name, shape).read(parse_json_tree(source, name));
}

std::string read_whole(const std::filesystem::path& file, std::string_view what) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in && !in.eof()) {
    throw Error(fmt::format("{}: cannot read {}: {}", what, file.string(), std::strerror(errno)));
  }
  return text.str();
}

std::vector<Setting> read_config_file(const std::filesystem::path& file) {
  return parse_config(read_whole(file, "--config"), file.string());
}

}  // namespace laggard
