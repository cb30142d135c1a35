// A protocol: one coroutine and what the world is told about it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace laggard {

class Session;

enum class OptionType { integer, real, choice };

// An option that a protocol adds to the command line.
struct ProtocolOption {
  std::string name;                  // without dashes, e.g. "min-arrivals"
  OptionType type = OptionType::integer;
  double min = 0;                    // range of numbers, inclusive
  double max = 0;
  std::vector<std::string> choices;  // of a choice
  std::string default_text;          // a value, or what stands in its place: "max(1, W/8)"
  std::string help;                  // one line
};

using OptionValue = std::variant<std::int64_t, double, std::string>;
using OptionValues = std::map<std::string, OptionValue>;  // only those that were given

// How a protocol is described to people and to programs.
struct Protocol {
  std::string name;     // as in --protocol
  std::string summary;  // one line
  std::string source;   // the paper or the section that defines it
  std::vector<ProtocolOption> options;
  // The coroutine. A named function, so that nothing it captures can die before it ends.
  boost::asio::awaitable<void> (*run)(Session& session) = nullptr;
};

// The protocols of this program. Filled before main by each protocol's own source.
const std::map<std::string, Protocol, std::less<>>& protocols();

// Adds to the registry. Throws InvariantViolation for a second protocol of that name.
struct RegisterProtocol {
  explicit RegisterProtocol(Protocol protocol);
};

}  // namespace laggard
