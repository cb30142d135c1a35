// An embedded Lambda: the Invoke API in front, behind it a pool of real worker processes, each with
// a Runtime API of its own. What it does is what AWS documents; see README.md.
#pragma once

#include "core/lifecycle/function_options.hpp"
#include "core/task/types.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace laggard {

// What goes wrong on purpose. Probabilities are per invocation unless said otherwise; every draw is
// a pure function of (seed, number of the invocation).
struct LocalFaults {
  std::uint64_t seed = 1;
  double slow_start = 0;  // probability; the environment starts `slow_start_seconds` later
  double slow_start_seconds = 2;
  double crash = 0;               // the process exits by itself (SIGABRT) in mid-invocation
  double kill = 0;                // kill -9 in mid-invocation
  double kill_every_seconds = 0;  // kill -9 of a random busy environment so often; 0: never
  double stall = 0;               // SIGSTOP for stall_seconds in mid-invocation
  double stall_seconds = 5;
  double drop = 0;            // the worker's connection to the coordinator is cut (see README)
  double within_seconds = 5;  // crash, kill, stall, drop: when, evenly from 0 to this, if it lives
  double duplicate = 0;       // the invocation is served twice, by two environments
  double ghost = 0;           // served again `ghost_seconds` after it ended
  double ghost_seconds = 2;
  double throttle = 0;      // 429 TooManyRequestsException
  double server_error = 0;  // 500 ServiceException
};
// "kill=0.01,throttle=0.1,kill_every_seconds=1,seed=3": as --faults takes it. Throws Error naming
// the key, its value and what is expected. Empty: none.
LocalFaults parse_faults(std::string_view text);
std::string to_text(const LocalFaults& faults);

struct LocalLambdaOptions {
  std::filesystem::path worker;  // the bootstrap
  std::string function = "laggard-worker";
  std::string listen = "127.0.0.1:0";  // port 0: a free one
  std::string region = "local";
  std::string access_key = "local",
              secret_key;     // SigV4 is checked against these; secret empty: made at random
  std::string session_token;  // empty: requests with one are refused
  Time timeout = FunctionOptions{}.timeout;
  double memory_mb = FunctionOptions{}.memory_mb;  // limit of each environment
  int concurrency = 1000;
  int reserved_concurrency = 0;  // of the function; 0: none is reserved
  double scaling_rate = 1000;    // new environments a 10 s, after a burst of as many
  Time idle_timeout = std::chrono::seconds(300);  // an idle environment is ended after this
  Time init_timeout =
      std::chrono::seconds(10);  // from start until it asks for its first invocation
  Time event_backoff = std::chrono::seconds(1);  // before an Event's first repetition; then doubles
  LocalFaults faults;
  std::filesystem::path
      emulator;  // the AWS Runtime Interface Emulator: serves instead of our own Runtime API
  std::filesystem::path log;  // a line a request and what workers print; empty: nowhere
};

struct LocalLambdaMeter {
  std::int64_t requests = 0, invocations = 0, cold_starts = 0, throttled = 0, errors = 0,
               retries = 0;
  double billed_gb_seconds = 0;
  int environments = 0, most_environments = 0;
};

// Runs in a thread of its own from construction to destruction. The destructor ends and reaps every
// process. Throws Error where it cannot listen or the worker is not to be found.
class LocalLambda {
 public:
  explicit LocalLambda(const LocalLambdaOptions& options);
  ~LocalLambda();

  std::string endpoint() const;  // "http://127.0.0.1:PORT"
  std::string secret_key() const;
  LocalLambdaMeter meter() const;
  // Once, why the log is not kept any more; empty: it is, or that was told. From any thread.
  std::string log_trouble() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace laggard
