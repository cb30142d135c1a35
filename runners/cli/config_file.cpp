#include "runners/cli/config_file.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

namespace laggard {
namespace {

namespace json = boost::json;

// Hears what Boost's parser finds. The parser keeps no positions and takes the last of several
// equal keys in silence, hence the line counted here and the check for duplicates.
struct Handler {
  using error_code = json::error_code;
  using string_view = json::string_view;

  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  std::string file;
  JsonShape shape;
  int line = 1;  // of the byte being read
  std::vector<Setting> settings;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    if (depth_ == shape.depth) refuse_value("an object");
    if (depth_++ > 0) within_ = std::exchange(key_, {}) + '.';
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    --depth_;
    within_.clear();
    return true;
  }
  bool on_array_begin(error_code&) {
    refuse_value("an array");
    return true;
  }
  bool on_array_end(std::size_t, error_code&) { return true; }

  bool on_key_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_key(string_view part, std::size_t, error_code&) {
    gather(part);
    key_ = within_ + std::exchange(text_, {});
    key_line_ = line;
    const auto [first, is_new] = lines_.emplace(key_, line);
    if (!is_new) {
      throw Error(fmt::format("{}:{}: {}: given twice; the first is on line {}", file, line, key_,
                              first->second));
    }
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_string(string_view part, std::size_t, error_code&) {
    gather(part);
    return set(Setting::Kind::text);
  }
  bool on_number_part(string_view part, error_code&) { return gather(part); }
  bool on_int64(std::int64_t, string_view part, error_code&) { return on_number(part); }
  bool on_uint64(std::uint64_t, string_view part, error_code&) { return on_number(part); }
  bool on_double(double, string_view part, error_code&) { return on_number(part); }
  bool on_bool(bool value, error_code&) {
    text_ = value ? "true" : "false";
    return set(Setting::Kind::boolean);
  }
  bool on_null(error_code&) {
    refuse_value("null");
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }  // none are left
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool gather(string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_number(string_view part) {
    gather(part);
    return set(Setting::Kind::number);
  }
  bool set(Setting::Kind kind) {
    if (depth_ == 0) refuse_value("a lone value");
    settings.push_back(
        {key_, std::exchange(text_, {}), fmt::format("{}:{}: {}", file, key_line_, key_), kind});
    return true;
  }
  [[noreturn]] void refuse_value(std::string_view found) const {
    if (depth_ == 0) {
      throw Error(fmt::format("{}:{}: {}; expected {}", file, line, found, shape.is));
    }
    throw Error(fmt::format("{}:{}: {}: {}; expected a number, a string, true or false", file,
                            key_line_, key_, found));
  }

  int depth_ = 0;
  std::string text_;    // of the key or value being read
  std::string within_;  // "key." of the object that is open in the outermost one
  std::string key_;     // with it
  int key_line_ = 0;
  std::map<std::string, int> lines_;
};

// The end of the string that begins at text[at], or of the text.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

}  // namespace

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

std::vector<Setting> parse_config(std::string_view source, std::string_view name,
                                  const JsonShape& shape) {
  const std::string text = without_comments(source);
  json::parse_options options;
  options.allow_trailing_commas = true;
  json::basic_parser<Handler> parser(options);
  Handler& handler = parser.handler();
  handler.file = name;
  handler.shape = shape;

  json::error_code error;
  // A byte at a time, so that the line is known whenever the handler is called.
  for (std::size_t i = 0; i < text.size() && !error; ++i) {
    parser.write_some(true, &text[i], 1, error);
    if (text[i] == '\n' && !error) ++handler.line;
  }
  if (!error) parser.write_some(false, "", 0, error);
  if (error == json::error::incomplete) {
    throw Error(
        fmt::format("{}:{}: ends too early; expected a complete JSON object", name, handler.line));
  }
  if (error) {
    throw Error(fmt::format("{}:{}: {}; expected {} in JSON", name, handler.line, error.message(),
                            shape.is));
  }
  return std::move(handler.settings);
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
