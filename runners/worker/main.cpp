// laggard-worker: the process that computes. On Lambda it is the bootstrap.
#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "laggard/version.hpp"
#include "runners/worker/bootstrap.hpp"
#include "runners/worker/seats.hpp"

#include <openssl/crypto.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr const char* kHelp =
    "Usage: laggard-worker --seats DIR [--once] [--ca FILE]\n"
    "\n"
    "Computes for a coordinator (the program runner). Takes seats, which the coordinator writes, "
    "from DIR\n"
    "and serves one after the other until the run is over.\n"
    "\n"
    "  --seats DIR  where the seats are\n"
    "  --once       end after one seat\n"
    "  --ca FILE    certificates (PEM) whom https sources of shards are believed; default: the "
    "system's\n"
    "  --version    print the version\n"
    "  --help       print this\n"
    "\n"
    "With AWS_LAMBDA_RUNTIME_API in the environment it is the bootstrap of an AWS Lambda function "
    "and\n"
    "takes no options; LAGGARD_CA stands for --ca.\n";

struct Options {
  laggard::SeatOptions seats;
  bool help = false;
  bool version = false;
};

Options parse(const std::vector<std::string_view>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    const auto value = [&] {
      if (i + 1 == arguments.size()) throw laggard::Error(std::string(name) + ": expected a value");
      return std::string(arguments[++i]);
    };
    if (name == "--seats")
      options.seats.directory = value();
    else if (name == "--ca")
      options.seats.ca_file = value();
    else if (name == "--once")
      options.seats.once = true;
    else if (name == "--help")
      options.help = true;
    else if (name == "--version")
      options.version = true;
    else
      throw laggard::Error(std::string(name) +
                           ": unknown option; expected --seats, --once, --ca, --version or --help");
  }
  return options;
}

int run(const std::vector<std::string_view>& arguments) {
  const char* api = std::getenv("AWS_LAMBDA_RUNTIME_API");
  Options options = parse(arguments);
  if (options.help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (options.version) {
    std::puts("laggard-worker " LAGGARD_VERSION);
    return 0;
  }
  if (!options.seats.directory.empty()) {
    options.seats.ca_file = laggard::find_ca_file(options.seats.ca_file);
    return laggard::run_seats(options.seats);
  }
  if (options.seats.once) throw laggard::Error("--once: only goes with --seats DIR");
  if (!api)
    throw laggard::Error(
        "--seats: missing; expected --seats DIR, or AWS_LAMBDA_RUNTIME_API in the environment");
  std::string ca_file = options.seats.ca_file;
  if (const char* given = std::getenv("LAGGARD_CA"); given && ca_file.empty()) ca_file = given;
  return laggard::run_bootstrap(api, ca_file);
}

}  // namespace

int main(int argc, char** argv) {
  laggard::forbid_core_dumps();
  std::signal(SIGPIPE, SIG_IGN);
  // Not the machine's OpenSSL configuration: it may name modules, which a static program cannot
  // load.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  int status = 2;
  try {
    status = run(arguments);
  } catch (const laggard::Error& error) {
    std::fprintf(stderr, "laggard-worker: %s\n", error.what());
    if (std::getenv("AWS_LAMBDA_RUNTIME_API")) status = 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "laggard-worker: internal error: %s\n", error.what());
    status = 1;
  }
  std::fflush(nullptr);
  _exit(status);  // the extension's thread still waits for its event
}
