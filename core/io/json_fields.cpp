#include "core/io/json_fields.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <charconv>

namespace laggard {
namespace json = boost::json;

namespace {

// Builds the value as Boost's own does, but for reals, which that reads up to the last bit only.
struct ExactHandler {
  using error_code = json::error_code;
  using string_view = json::string_view;

  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  json::value_stack stack;
  std::string number;  // as far as it has come

  template <class Push>
  bool push(Push make) {
    number.clear();
    make();
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t n, error_code&) {
    return push([&] { stack.push_object(n); });
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    return push([&] { stack.push_array(n); });
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    return push([&] { stack.push_chars(part); });
  }
  bool on_key(string_view part, std::size_t, error_code&) {
    return push([&] { stack.push_key(part); });
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    return push([&] { stack.push_chars(part); });
  }
  bool on_string(string_view part, std::size_t, error_code&) {
    return push([&] { stack.push_string(part); });
  }
  bool on_number_part(string_view part, error_code&) {
    number.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    return push([&] { stack.push_int64(value); });
  }
  bool on_uint64(std::uint64_t value, string_view, error_code&) {
    return push([&] { stack.push_uint64(value); });
  }
  bool on_double(double value, string_view part, error_code&) {
    number.append(part.data(), part.size());
    // Out of range it stays what Boost makes of it: infinite, or zero.
    std::from_chars(number.data(), number.data() + number.size(), value);
    return push([&] { stack.push_double(value); });
  }
  bool on_bool(bool value, error_code&) {
    return push([&] { stack.push_bool(value); });
  }
  bool on_null(error_code&) {
    return push([&] { stack.push_null(); });
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

}  // namespace

JsonFields::JsonFields(const json::value& object, std::string what) : what_(std::move(what)) {
  object_ = object.if_object();
  if (!object_) throw Error(fmt::format("{}: not a JSON object", what_));
}

void JsonFields::fail(std::string_view key, std::string_view expected) const {
  throw Error(fmt::format("{}: {}: expected {}", what_, key, expected));
}

const json::value& JsonFields::value(std::string_view key) {
  known_.push_back(key);
  const json::value* found = object_->if_contains(key);
  if (!found) throw Error(fmt::format("{}: {} is missing", what_, key));
  return *found;
}

std::string JsonFields::text(std::string_view key) {
  const json::string* found = value(key).if_string();
  if (!found) fail(key, "a text");
  return std::string(*found);
}

const json::array& JsonFields::list(std::string_view key) {
  const json::array* found = value(key).if_array();
  if (!found) fail(key, "a list");
  return *found;
}

std::int64_t JsonFields::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const std::int64_t* found = value(key).if_int64();
  if (!found || *found < min || *found > max)
    fail(key, fmt::format("an integer from {} to {}", min, max));
  return *found;
}

std::uint64_t JsonFields::word(std::string_view key) {
  const json::value& found = value(key);
  if (found.is_uint64()) return found.get_uint64();
  if (!found.is_int64() || found.get_int64() < 0) fail(key, "an integer of 64 bits, not negative");
  return static_cast<std::uint64_t>(found.get_int64());
}

double JsonFields::real(std::string_view key) {
  const std::string digits = text(key);
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number != number)
    fail(key, "a number, as text");
  return number;
}

void JsonFields::end() const {
  for (const auto& entry : *object_)
    if (std::find(known_.begin(), known_.end(), std::string_view(entry.key())) == known_.end())
      throw Error(fmt::format("{}: {} is not known", what_, std::string_view(entry.key())));
}

json::string json_real(double value) { return json::string(fmt::format("{}", value)); }

json::value parse_json(std::string_view text, std::string_view what) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) throw Error(fmt::format("{}: not JSON: {}", what, error.message()));
  return value;
}

json::object loose_object(std::string_view text) {
  json::basic_parser<ExactHandler> parser{json::parse_options{}};
  json::error_code error;
  if (parser.write_some(false, text.data(), text.size(), error) != text.size() || error) return {};
  json::value value = parser.handler().stack.release();
  return value.is_object() ? std::move(value.as_object()) : json::object();
}

std::string loose_text(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace laggard
