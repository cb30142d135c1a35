#include "runners/runner/aws_commands.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "runners/launchers/lambda/doctor.hpp"
#include "runners/runner/host_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

constexpr std::string_view kDoctorUsage =
    "Usage: runner doctor --function NAME [--region R] [--endpoint URL] [--listen HOST:PORT]\n"
    "                     [--advertise HOST:PORT] [--workers W] [--probe]\n"
    "Looks at all that a fleet of W [1] workers on Lambda needs: credentials, clock, function,\n"
    "permission, concurrency, network. Exit code 0, or 4 where something is missing.\n"
    "--probe also invokes the function once, for well under a cent: does a worker of this version\n"
    "run, and does it reach --advertise?\n";

}  // namespace

DoctorReport run_doctor(const std::vector<std::string>& arguments, const std::atomic<bool>* stop) {
  DoctorOptions options;
  options.stop = stop;
  std::string listen = "127.0.0.1:0", advertise, workers = "1";
  const std::pair<std::string_view, std::string*> named[] = {
      {"--function", &options.function}, {"--region", &options.region},
      {"--endpoint", &options.endpoint}, {"--listen", &listen},
      {"--advertise", &advertise},       {"--workers", &workers}};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") return {std::string(kDoctorUsage), true};
    if (argument == "--probe") {
      options.probe = true;
      continue;
    }
    const std::size_t equals = argument.find('=');
    const auto option = std::find_if(std::begin(named), std::end(named), [&](const auto& one) {
      return argument.substr(0, equals) == one.first;
    });
    if (option == std::end(named)) {
      throw Error(
          fmt::format("doctor: unexpected argument {}; see runner doctor --help", argument));
    }
    if (equals == std::string::npos && i + 1 == arguments.size()) {
      throw Error(fmt::format("{}: no value given", argument));
    }
    *option->second = equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1);
  }
  if (options.function.empty()) throw Error("doctor: no --function given; expected its name");
  options.workers = static_cast<int>(parse_integer(workers, "--workers", 1, 100'000));
  options.doors.listen = resolve_host(listen, "--listen");
  if (!advertise.empty()) options.doors.advertise = resolve_host(advertise, "--advertise");
  const std::vector<Finding> findings = examine(options);
  return {to_text(findings), is_healthy(findings)};
}

std::vector<std::string> smoke_options(const std::vector<std::string>& arguments) {
  std::vector<std::string> options = {
      "--fleet",      "lambda", "--protocol",   "sync",
      "--workers",    "2",      "--synthetic",  "n=2000,d=50,density=0.1",
      "--reference",  "auto",   "--target-gap", "1e-4",
      "--time-limit", "60",     "--max-usd",    "0.01"};
  options.insert(options.end(), arguments.begin(), arguments.end());
  return options;
}

}  // namespace laggard
