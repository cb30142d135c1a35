// A protocol: one coroutine and what the world is told about it.
#pragma once

#include "core/io/option_spec.hpp"
#include "core/method/traits.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

class Session;

// What a protocol settles before a run.
struct ProtocolSetup {
  int workers = 1;  // W
  int shards = 1;   // P; may be changed where it was not given
  bool shards_given = false;
  bool replicates = false;  // several workers hold a shard, so P may be below W
  // The largest age of a contribution that an update uses: 1 if all are new. Methods whose step
  // must shrink with old ones ask.
  std::int64_t max_age = 1;
  // The largest e of what stands for the sum of all contributions in an update [math 13.1]. Rules
  // that go by residuals ask.
  double sum_error = 0;
  bool one_by_one = false;  // each update is of one contribution, and nobody waits for another
  bool leaves_out = false;  // updates may go without the contributions of some shards
  // How many models of the method take turns, each with its own iterates: update k is of model
  // (k - 1) mod their number.
  Models models;
  std::string method;        // its name, for messages
  MethodTraits traits = {};  // and what it can do
  OptionValues values;       // in: those given, and defaults that are plain values; out: all
};

// How a protocol is described to people and to programs.
struct Protocol {
  std::string name;     // as in --protocol
  std::string summary;  // one line
  std::string source;   // the paper or the section that defines it
  std::vector<OptionSpec> options = {};
  // Fills in defaults that depend on the run and checks what the options say together. Throws Error
  // that begins with the option's name, as in "--tau: 0 ...". Null: nothing to settle.
  void (*prepare)(ProtocolSetup& setup) = nullptr;
  // The shards that a worker loads at its start. Null: those with p mod W = w.
  std::vector<int> (*shards_of)(int worker, const ProtocolSetup& setup) = nullptr;
  // The coroutine. A named function, so that nothing it captures can die before it ends.
  boost::asio::awaitable<void> (*run)(Session& session) = nullptr;
  // The one method that it goes with, which goes with no other protocol; empty: any.
  std::string method = {};
  // Its workers talk to each other, where the fleet lets them.
  bool direct_links = false;
};

// Fills in the defaults and has the protocol check the whole. Throws Error.
void settle_options(const Protocol& protocol, ProtocolSetup& setup);

// For codes: throws Error, which begins with `what`, where the method's contributions do not add
// up.
void need_sums(const ProtocolSetup& setup, std::string_view what);
// Throws Error where another number of shards was given; `why` is a half sentence.
void fix_shards(ProtocolSetup& setup, int shards, std::string_view why);
// --superseded preempt|finish of protocols with redundant work, which stop by default.
OptionSpec superseded_option();

// The protocols of this program. Filled before main by each protocol's own source.
const std::map<std::string, Protocol, std::less<>>& protocols();

// Adds to the registry. Throws InvariantViolation for a second protocol of that name.
struct RegisterProtocol {
  explicit RegisterProtocol(Protocol protocol);
};

}  // namespace laggard
