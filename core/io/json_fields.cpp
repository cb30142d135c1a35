#include "core/io/json_fields.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace laggard {
namespace json = boost::json;

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
  json::error_code error;
  json::value value = json::parse(text, error);
  return !error && value.is_object() ? std::move(value.as_object()) : json::object();
}

std::string loose_text(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace laggard
