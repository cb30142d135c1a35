// local-lambda: the embedded Lambda as a program of its own, until SIGINT or SIGTERM.
#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/wire/proof.hpp"
#include "runners/local_lambda/local_lambda.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <csignal>
#include <functional>
#include <limits>
#include <vector>

namespace {

using namespace laggard;

constexpr double kMostSeconds = 1e6;

struct Option {
  std::string_view name, value, help;
  std::function<void(LocalLambdaOptions&, std::string_view)> set;
};

std::vector<Option> all_options() {
  using Options = LocalLambdaOptions;
  using Text = std::string_view;
  const auto seconds = [](Text text, Text name) {
    return from_seconds(parse_real(text, name, 0.001, kMostSeconds));
  };
  const auto count = [](Text text, Text name) {
    return static_cast<int>(parse_integer(text, name, 1, 1000000));
  };
  return {
      {"--worker", "FILE", "the worker program (required)",
       [](Options& o, Text v) { o.worker = v; }},
      {"--listen", "ADDR:PORT", "default 127.0.0.1:0; port 0: a free one",
       [](Options& o, Text v) { o.listen = v; }},
      {"--function", "NAME", "default laggard-worker", [](Options& o, Text v) { o.function = v; }},
      {"--region", "NAME", "default local", [](Options& o, Text v) { o.region = v; }},
      {"--access-key", "ID", "default local", [](Options& o, Text v) { o.access_key = v; }},
      {"--session-token", "TOKEN", "that requests must have; default none",
       [](Options& o, Text v) { o.session_token = v; }},
      {"--timeout", "S", "of the function; default 900",
       [=](Options& o, Text v) { o.timeout = seconds(v, "--timeout"); }},
      {"--memory-mb", "M", "of an environment; default 1769",
       [](Options& o, Text v) { o.memory_mb = parse_real(v, "--memory-mb", 1, 1e6); }},
      {"--concurrency", "N", "of the account; default 1000",
       [=](Options& o, Text v) { o.concurrency = count(v, "--concurrency"); }},
      {"--reserved-concurrency", "N", "of the function; default none",
       [=](Options& o, Text v) { o.reserved_concurrency = count(v, "--reserved-concurrency"); }},
      {"--scaling-rate", "N", "new environments in 10 s; default 1000",
       [](Options& o, Text v) { o.scaling_rate = parse_real(v, "--scaling-rate", 1, 1e6); }},
      {"--idle-timeout", "S", "of a warm environment; default 300",
       [=](Options& o, Text v) { o.idle_timeout = seconds(v, "--idle-timeout"); }},
      {"--init-timeout", "S", "of a cold start; default 10",
       [=](Options& o, Text v) { o.init_timeout = seconds(v, "--init-timeout"); }},
      {"--event-backoff", "S", "before an Event is tried again; default 1",
       [=](Options& o, Text v) { o.event_backoff = seconds(v, "--event-backoff"); }},
      {"--faults", "KEY=N,...", "what goes wrong on purpose; see README.md",
       [](Options& o, Text v) { o.faults = parse_faults(v); }},
      {"--emulator", "FILE", "aws-lambda-rie, to run the worker under it",
       [](Options& o, Text v) { o.emulator = v; }},
      {"--log", "FILE", "appended to", [](Options& o, Text v) { o.log = v; }},
  };
}

void print_help() {
  fmt::print(
      "local-lambda --worker FILE [OPTION VALUE]...\n\n"
      "Lambda's Invoke API on this machine; ends on SIGINT or SIGTERM.\n\n");
  for (const Option& option : all_options()) {
    const std::string left = fmt::format("{} {}", option.name, option.value);
    fmt::print("  {:<28} {}\n", left, option.help);
  }
}

LocalLambdaOptions parse(const std::vector<std::string_view>& arguments) {
  const std::vector<Option> known = all_options();
  LocalLambdaOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view whole = arguments[i];
    const std::string_view name = whole.substr(0, whole.find('='));
    const Option* found = nullptr;
    for (const Option& option : known) {
      if (option.name == name) found = &option;
    }
    if (!found) throw Error(fmt::format("{}: no such option; see local-lambda --help", name));
    const bool inside = name.size() < whole.size();
    if (!inside && i + 1 == arguments.size()) {
      throw Error(fmt::format("{}: has no value; expected {}", name, found->value));
    }
    found->set(options, inside ? whole.substr(name.size() + 1) : arguments[++i]);
  }
  if (options.worker.empty()) throw Error("--worker is missing; expected the worker program");
  return options;
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
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + std::min(argc, 1), argv + argc);
  try {
    if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h")) {
      print_help();
      return 0;
    }
    return serve(parse(arguments));
  } catch (const std::exception& error) {
    fmt::print(stderr, "local-lambda: {}\n", error.what());
    return 2;
  }
}
