#include "runners/laboratory/report/json_writer.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <cmath>
#include <iterator>

namespace laggard {

void JsonWriter::begin_value() {
  if (!first_) text_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  begin_value();
  text_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  text(name);
  text_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  return json(boost::json::serialize(boost::json::string_view(value.data(), value.size())));
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  begin_value();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

JsonWriter& JsonWriter::number(double value, int digits) {
  if (!std::isfinite(value)) return null();
  begin_value();
  fmt::format_to(std::back_inserter(text_), "{:.{}g}", value, digits);
  return *this;
}

JsonWriter& JsonWriter::decimals(double value, int decimals) {
  if (!std::isfinite(value)) return null();
  begin_value();
  fmt::format_to(std::back_inserter(text_), "{:.{}f}", value, decimals);
  if (decimals > 0) {
    text_.erase(text_.find_last_not_of('0') + 1);
    if (text_.back() == '.') text_.pop_back();
  }
  return *this;
}

JsonWriter& JsonWriter::value(const boost::json::value& value) {
  return json(boost::json::serialize(value));
}

JsonWriter& JsonWriter::json(std::string_view text) {
  begin_value();
  text_ += text;
  return *this;
}

JsonWriter& JsonWriter::numbers(std::span<const double> values, int digits) {
  open_array();
  for (const double value : values) number(value, digits);
  return close_array();
}

}  // namespace laggard
