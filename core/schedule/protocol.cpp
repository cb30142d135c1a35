#include "core/schedule/protocol.hpp"

#include "core/io/error.hpp"

#include <utility>

namespace laggard {
namespace {

using Registry = std::map<std::string, Protocol, std::less<>>;

Registry& registry() {
  static Registry all;
  return all;
}

const OptionValue& value_of(const OptionValues& values, const std::string& name) {
  const auto found = values.find(name);
  LAGGARD_ASSERT(found != values.end(), "option " + name + " was not settled");
  return found->second;
}

}  // namespace

std::int64_t integer_value(const OptionValues& values, const std::string& name, std::int64_t none) {
  const OptionValue& value = value_of(values, name);
  return std::holds_alternative<std::string>(value) ? none : std::get<std::int64_t>(value);
}

double real_value(const OptionValues& values, const std::string& name) {
  const OptionValue& value = value_of(values, name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

const std::string& text_value(const OptionValues& values, const std::string& name) {
  return std::get<std::string>(value_of(values, name));
}

const Registry& protocols() { return registry(); }

RegisterProtocol::RegisterProtocol(Protocol protocol) {
  const std::string name = protocol.name;
  const bool added = registry().emplace(name, std::move(protocol)).second;
  LAGGARD_ASSERT(added, "two protocols are called " + name);
}

}  // namespace laggard
