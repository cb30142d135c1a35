// The fields of JSON objects: strictly, where what is missing, of another type, or not asked for is
// an error, and loosely, where it is as good as empty.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Throws Error, naming the key but never a value: it may be a secret.
class JsonFields {
 public:
  // `what` names the object in errors; `object` must outlive this.
  JsonFields(const boost::json::value& object, std::string what);

  bool has(std::string_view key) const { return object_->contains(key); }
  const boost::json::value& value(std::string_view key);
  std::string text(std::string_view key);
  const boost::json::array& list(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  int small(std::string_view key, int min) {
    return static_cast<int>(integer(key, min, std::numeric_limits<int>::max()));
  }
  std::uint64_t word(std::string_view key);  // any 64 bits
  double real(std::string_view key);         // of a text, see json_real()

  // After the last field: refuses those that were not asked for.
  void end() const;
  [[noreturn]] void fail(std::string_view key, std::string_view expected) const;

 private:
  const boost::json::object* object_ = nullptr;
  std::string what_;
  std::vector<std::string_view> known_;
};

// As text, since JSON parsers do not read every double back to the last bit, nor infinity at all.
boost::json::string json_real(double value);

boost::json::value parse_json(std::string_view text, std::string_view what);

// What others answer, of which only some fields matter. An empty object if `text` is no object.
// Reals are read to the last bit.
boost::json::object loose_object(std::string_view text);
// Empty if there is no such text.
std::string loose_text(const boost::json::object& object, std::string_view key);

}  // namespace laggard
