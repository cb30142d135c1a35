#include "core/wire/assignment.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::int64_t kMostTimeout = 3'600'000;

void bytes(JsonFields& fields, std::string_view key, std::span<std::byte> out) {
  try {
    from_hex(fields.text(key), out);
  } catch (const WireError&) {
    fields.fail(key, fmt::format("{} hexadecimal digits", 2 * out.size()));
  }
}

void check_version(JsonFields& fields) {
  const std::int64_t version = fields.integer("laggard", 0, 65535);
  if (version != kWireVersion)
    throw Error(fmt::format(
        "the coordinator speaks wire version {}, this worker {}; deploy the worker of the "
        "coordinator's release",
        version, kWireVersion));
}

}  // namespace

std::string to_json(const Assignment& assignment) {
  const json::object object = {
      {"laggard", kWireVersion},
      {"run", to_hex(assignment.run)},
      {"worker", assignment.worker},
      {"incarnation", assignment.incarnation},
      {"connect", assignment.connect},
      {"token", to_hex(assignment.token)},
      {"pin", assignment.pin},
      {"connect_timeout_ms",
       std::chrono::duration_cast<milliseconds>(assignment.connect_timeout).count()},
  };
  return json::serialize(object);
}

Assignment parse_assignment(std::string_view text) {
  const json::value value = parse_json(text, "assignment");
  JsonFields fields(value, "assignment");
  check_version(fields);  // first: with another version the rest may differ as well
  Assignment out;
  bytes(fields, "run", out.run);
  out.worker = fields.small("worker", 0);
  out.incarnation = fields.small("incarnation", 0);
  out.connect = fields.text("connect");
  if (out.connect.empty()) fields.fail("connect", "ADDRESS:PORT");
  bytes(fields, "token", out.token);
  out.pin = fields.text("pin");
  std::array<std::byte, 32> digest{};
  if (!out.pin.empty()) bytes(fields, "pin", digest);
  out.connect_timeout = milliseconds(fields.integer("connect_timeout_ms", 1, kMostTimeout));
  fields.end();
  return out;
}

}  // namespace laggard
