// laggard-worker: the process that computes. On Lambda it is the bootstrap.
#include "core/io/error.hpp"
#include "core/io/memory.hpp"
#include "core/wire/proof.hpp"
#include "laggard/version.hpp"
#include "runners/cli/arguments.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/cli/program.hpp"
#include "runners/worker/bootstrap.hpp"
#include "runners/worker/seats.hpp"

#include <openssl/crypto.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

namespace {

using laggard::SeatOptions;
namespace cli = laggard::cli;

constexpr const char* kApi = "AWS_LAMBDA_RUNTIME_API";

cli::Table<SeatOptions> options() {
  using Make = cli::Kinds<SeatOptions>;
  const std::string group = "Options";
  return {
      Make::text(
          {"seats", group, "DIR", "where the seats are", {}, "none"},
          [](auto& o) { return &o.directory; }, cli::as_given),
      Make::flag({"once", group, "", "end after one seat"}, [](auto& o) { return &o.once; }),
      Make::text(
          {"ca",
           group,
           "FILE",
           "certificates (PEM) whom https sources of shards are believed",
           {},
           "the system's"},
          [](auto& o) { return &o.ca_file; }, cli::as_given),
  };
}

cli::ProgramText program() {
  cli::ProgramText text;
  text.name = "laggard-worker";
  text.summary = "computes for a coordinator, the program runner";
  text.usage = "--seats DIR [--once] [--ca FILE]";
  text.details =
      "Computes for a coordinator (the program runner). Takes seats, which the coordinator writes, "
      "from DIR and serves one after the other until the run is over. With AWS_LAMBDA_RUNTIME_API "
      "in the environment it is the bootstrap of an AWS Lambda function and takes no options; "
      "LAGGARD_CA stands for --ca.";
  text.options = cli::texts(options());
  for (auto& option : cli::general_options()) text.options.push_back(std::move(option));
  text.exit_codes = {{"0", "the run is over"},
                     {"1", "the only seat came to nothing, or an internal error"},
                     {"2", "bad usage"}};
  return text;
}

int run(const std::vector<std::string>& arguments) {
  if (const auto text = cli::general_output(program(), LAGGARD_VERSION, arguments)) {
    std::fputs(text->c_str(), stdout);
    return 0;
  }
  SeatOptions seats;
  cli::read(arguments, options(), seats);
  if (!seats.directory.empty()) {
    seats.ca_file = laggard::find_ca_file(seats.ca_file);
    return laggard::run_seats(seats);
  }
  if (seats.once) throw laggard::Error("--once: only goes with --seats DIR");
  const char* api = std::getenv(kApi);
  if (!api)
    throw laggard::Error(
        "--seats: missing; expected --seats DIR, or AWS_LAMBDA_RUNTIME_API in the environment");
  std::string ca_file = seats.ca_file;
  if (const char* given = std::getenv("LAGGARD_CA"); given && ca_file.empty()) ca_file = given;
  return laggard::run_bootstrap(api, ca_file);
}

}  // namespace

int main(int argc, char** argv) {
  laggard::keep_freed_memory();
  laggard::forbid_core_dumps();
  std::signal(SIGPIPE, SIG_IGN);
  // Not the machine's OpenSSL configuration: it may name modules, which a static program cannot
  // load.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  int status = 2;
  try {
    status = run(arguments);
  } catch (const laggard::Error& error) {
    std::fprintf(stderr, "laggard-worker: %s\n", error.what());
    if (std::getenv(kApi)) status = 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "laggard-worker: internal error: %s\n", error.what());
    status = 1;
  }
  std::fflush(nullptr);
  _exit(status);  // the extension's thread still waits for its event
}
