#include "runners/laboratory/results/fields.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

namespace laggard {

double number_field(const boost::json::object& object, std::string_view key) {
  const boost::json::value* found = object.if_contains(key);
  return found && found->is_number() ? found->to_number<double>() : kNaN;
}

const boost::json::object& configuration_of(const StoredRun& run) {
  static const boost::json::object kNone;
  const boost::json::value* found = run.run.if_contains("configuration");
  return found && found->is_object() ? found->get_object() : kNone;
}

std::string option_text(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_double()) return fmt::format("{}", value.as_double());
  return boost::json::serialize(value);
}

std::string option_text(const StoredRun& run, std::string_view name) {
  const boost::json::value* found = configuration_of(run).if_contains(name);
  return found ? option_text(*found) : std::string();
}

}  // namespace laggard
