#include "runners/cli/kinds.hpp"

namespace laggard::cli {
namespace json = boost::json;

std::string describe_integer(std::int64_t min, std::int64_t max) {
  return max < kMany ? fmt::format("{} to {}", min, max) : fmt::format(">= {}", min);
}

json::value print_in(const Range& range, double value) {
  if (std::isinf(value)) return json::string(range.infinite);
  return value;
}

std::optional<double> parse_or_none(const Range& range, std::string_view text,
                                    std::string_view what) {
  if (text == "none") return std::nullopt;
  try {
    return parse_in(range, text, what);
  } catch (const Error& error) {
    throw Error(fmt::format("{} or none", error.what()));
  }
}

std::string default_of(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

std::string as_given(std::string_view text) {
  if (text.empty()) throw Error("is empty; expected a value");
  return std::string(text);
}

}  // namespace laggard::cli
