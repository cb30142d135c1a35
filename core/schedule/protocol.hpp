// A protocol: one coroutine and what the world is told about it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <limits>
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
  std::string name;  // without dashes, e.g. "min-arrivals"
  OptionType type = OptionType::integer;
  double min = 0;  // range of numbers, inclusive
  double max = 0;
  std::vector<std::string> choices;  // of a choice
  std::string default_text;          // a value, or what stands in its place: "max(1, W/8)"
  std::string help;                  // one line
  bool or_none = false;              // "none" is a value too, which asks for no bound
};

using OptionValue = std::variant<std::int64_t, double, std::string>;
using OptionValues = std::map<std::string, OptionValue>;  // by name

// The value of an option that is there. Integers read as reals too; "none" reads as `none`.
std::int64_t integer_value(const OptionValues& values, const std::string& name,
                           std::int64_t none = 0);
double real_value(const OptionValues& values, const std::string& name);
const std::string& text_value(const OptionValues& values, const std::string& name);

// The age of contributions that nothing bounds.
inline constexpr std::int64_t kAnyAge = std::numeric_limits<std::int64_t>::max();

// What a protocol settles before a run.
struct ProtocolSetup {
  int workers = 1;  // W
  int shards = 1;   // P; may be changed where it was not given
  bool shards_given = false;
  bool replicates = false;  // several workers hold a shard, so P may be below W
  // The largest age of a contribution that an update uses: 1 if all are new. Methods whose step
  // must shrink with old ones ask.
  std::int64_t max_age = 1;
  std::string method = "admm";
  OptionValues values;  // in: those given, and defaults that are plain values; out: all
};

// How a protocol is described to people and to programs.
struct Protocol {
  std::string name;     // as in --protocol
  std::string summary;  // one line
  std::string source;   // the paper or the section that defines it
  std::vector<ProtocolOption> options;
  // Fills in defaults that depend on the run and checks what the options say together. Throws Error
  // that begins with the option's name, as in "--tau: 0 ...". Null: nothing to settle.
  void (*prepare)(ProtocolSetup& setup) = nullptr;
  // The shards that a worker loads at its start. Null: those with p mod W = w.
  std::vector<int> (*shards_of)(int worker, const ProtocolSetup& setup) = nullptr;
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
