// local-lambda: the embedded Lambda as a program of its own, until SIGINT or SIGTERM.
#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "laggard/version.hpp"
#include "runners/cli/arguments.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/cli/program.hpp"
#include "runners/local_lambda/local_lambda.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace laggard;

constexpr double kMostSeconds = 1e6;

cli::Table<LocalLambdaOptions> options() {
  using Make = cli::Kinds<LocalLambdaOptions>;
  const std::string group = "Options";
  const Range seconds{.min = 0.001, .max = kMostSeconds};
  const Range many{.min = 1, .max = 1e6};
  const auto text = [&](cli::OptionText heading, auto at) {
    heading.group = group;
    return Make::text(std::move(heading), at, cli::as_given);
  };
  cli::Table<LocalLambdaOptions> all = {
      text({"worker", group, "FILE", "the worker program (required)", {}, "none"},
           [](auto& o) { return &o.worker; }),
      text({"listen", group, "ADDRESS:PORT", "where it listens; port 0: a free one"},
           [](auto& o) { return &o.listen; }),
      text({"function", group, "NAME", "its function's name"}, [](auto& o) { return &o.function; }),
      text({"region", group, "NAME", "its region's name"}, [](auto& o) { return &o.region; }),
      text({"access-key", group, "ID", "that callers sign with"},
           [](auto& o) { return &o.access_key; }),
      text({"session-token", group, "TOKEN", "that requests must have", {}, "none"},
           [](auto& o) { return &o.session_token; }),
      Make::seconds(
          {"timeout", group, "S", "seconds an invocation may last"},
          [](auto& o) { return &o.timeout; }, seconds),
      Make::real(
          {"memory-mb", group, "MB", "memory of an environment"},
          [](auto& o) { return &o.memory_mb; }, many),
      Make::integer(
          {"concurrency", group, "N", "of the account: most invocations at a time"},
          [](auto& o) { return &o.concurrency; }, 1, 1'000'000),
      Make::integer(
          {"reserved-concurrency", group, "N", "of the function", {}, "none"},
          [](auto& o) { return &o.reserved_concurrency; }, 1, 1'000'000),
      Make::real(
          {"scaling-rate", group, "N", "new environments in 10 s"},
          [](auto& o) { return &o.scaling_rate; }, many),
      Make::seconds(
          {"idle-timeout", group, "S", "seconds before a warm environment is ended"},
          [](auto& o) { return &o.idle_timeout; }, seconds),
      Make::seconds(
          {"init-timeout", group, "S", "seconds that a cold start may take"},
          [](auto& o) { return &o.init_timeout; }, seconds),
      Make::seconds(
          {"event-backoff", group, "S", "seconds before an Event is tried again"},
          [](auto& o) { return &o.event_backoff; }, seconds),
      text({"emulator", group, "FILE", "aws-lambda-rie, to run the worker under it", {}, "none"},
           [](auto& o) { return &o.emulator; }),
      text({"log", group, "FILE", "what it does and workers print, appended to FILE", {}, "none"},
           [](auto& o) { return &o.log; }),
  };
  cli::Option<LocalLambdaOptions> faults{
      {"faults", group, "KEY=N,...", "what goes wrong on purpose; see README.md", {}, "none"},
      {},
      {}};
  faults.parse = [](LocalLambdaOptions& o, std::string_view given, std::string_view what) {
    o.faults = cli::naming(what, "faults", [&] { return parse_faults(given); });
  };
  faults.print = [](const LocalLambdaOptions& o) {
    return boost::json::value(boost::json::string(to_text(o.faults)));
  };
  all.push_back(std::move(faults));
  return all;
}

cli::ProgramText program() {
  cli::ProgramText text;
  text.name = "local-lambda";
  text.summary = "Lambda's Invoke API on this machine";
  text.usage = "--worker FILE [--option value]...";
  text.details =
      "Lambda's Invoke API on this machine: runs the worker program as AWS Lambda runs a function. "
      "Prints what a client's environment needs. Ends on SIGINT or SIGTERM.";
  text.options = cli::texts(options());
  for (auto& option : cli::general_options()) text.options.push_back(std::move(option));
  text.exit_codes = {{"0", "ended by a signal"}, {"2", "bad usage, or it cannot listen"}};
  return text;
}

int serve(const LocalLambdaOptions& options) {
  forbid_core_dumps();  // keys and tokens are in memory
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const LocalLambda lambda(options);
  // For the shell of whoever started this by hand.
  fmt::print(
      "export AWS_ENDPOINT_URL_LAMBDA={}\nexport AWS_REGION={}\nexport AWS_DEFAULT_REGION={}\n"
      "export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n",
      lambda.endpoint(), options.region, options.region, options.access_key, lambda.secret_key());
  // One of another account would go along with every request.
  if (options.session_token.empty()) {
    fmt::print("unset AWS_SESSION_TOKEN\n");
  } else {
    fmt::print("export AWS_SESSION_TOKEN={}\n", options.session_token);
  }
  std::fflush(stdout);
  int number = 0;
  sigwait(&ends, &number);
  const LocalLambdaMeter meter = lambda.meter();
  fmt::print(stderr,
             "{} requests, {} invocations, {} cold starts, {} throttled, {} errors, "
             "{:.3f} GB-seconds\n",
             meter.requests, meter.invocations, meter.cold_starts, meter.throttled, meter.errors,
             meter.billed_gb_seconds);
  if (const std::string trouble = lambda.log_trouble(); !trouble.empty()) throw Error(trouble);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  try {
    if (const auto text = cli::general_output(program(), LAGGARD_VERSION, arguments)) {
      fmt::print("{}", *text);
      return 0;
    }
    LocalLambdaOptions given;
    cli::read(arguments, options(), given);
    if (given.worker.empty()) throw Error("--worker: missing; expected the worker program");
    return serve(given);
  } catch (const std::exception& error) {
    fmt::print(stderr, "local-lambda: {}\n", error.what());
    return 2;
  }
}
