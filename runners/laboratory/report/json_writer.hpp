// JSON text from its beginning to its end: for long arrays of numbers, of which no tree is wanted.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace laggard {

// Commas come by themselves. Numbers that are not finite are null.
class JsonWriter {
 public:
  JsonWriter& key(std::string_view name);
  JsonWriter& open_object() { return open('{'); }
  JsonWriter& close_object() { return close('}'); }
  JsonWriter& open_array() { return open('['); }
  JsonWriter& close_array() { return close(']'); }

  JsonWriter& text(std::string_view value);
  JsonWriter& integer(std::int64_t value);
  // With so many significant digits.
  JsonWriter& number(double value, int digits);
  // With so many decimals, without zeros at the end.
  JsonWriter& decimals(double value, int decimals);
  JsonWriter& null() { return json("null"); }
  JsonWriter& value(const boost::json::value& value);
  // A whole value, written already.
  JsonWriter& json(std::string_view text);

  JsonWriter& numbers(std::span<const double> values, int digits);
  template <class Integers>
  JsonWriter& integers(const Integers& values) {
    open_array();
    for (const auto value : values) integer(value);
    return close_array();
  }

  std::string take() { return std::move(text_); }

 private:
  void begin_value();
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);

  std::string text_;
  bool first_ = true;  // of what is open: no comma is due
};

}  // namespace laggard
