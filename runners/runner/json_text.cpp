#include "runners/runner/json_text.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

namespace json = boost::json;

bool is_flat(const json::array& array) {
  return std::none_of(array.begin(), array.end(),
                      [](const json::value& v) { return v.is_structured(); });
}

void append(std::string& text, const json::value& value, std::size_t indent);

void append_object(std::string& text, const json::object& object, std::size_t indent) {
  if (object.empty()) {
    text += "{}";
    return;
  }
  const char* separator = "{\n";
  for (const auto& [key, value] : object) {
    text += separator;
    text.append(indent + 2, ' ');
    text += json::serialize(json::string(key));
    text += ": ";
    append(text, value, indent + 2);
    separator = ",\n";
  }
  text += '\n';
  text.append(indent, ' ');
  text += '}';
}

void append_array(std::string& text, const json::array& array, std::size_t indent) {
  const bool flat = is_flat(array);
  text += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) text += flat ? ", " : ",";
    if (!flat) text.append(1, '\n').append(indent + 2, ' ');
    append(text, array[i], indent + 2);
  }
  if (!flat) text.append(1, '\n').append(indent, ' ');
  text += ']';
}

void append(std::string& text, const json::value& value, std::size_t indent) {
  if (value.is_object()) {
    append_object(text, value.get_object(), indent);
  } else if (value.is_array()) {
    append_array(text, value.get_array(), indent);
  } else if (value.is_double()) {
    const double number = value.get_double();
    text += std::isfinite(number) ? fmt::format("{}", number) : "null";
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string text;
  append(text, value, 0);
  return text;
}

}  // namespace laggard
