// `runner doctor`: is all there that a fleet on Lambda needs?
#include "runners/launchers/lambda/doctor.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/host_name.hpp"

#include <sstream>

namespace laggard {
namespace {

constexpr std::size_t kVerdict = 6;  // columns of the verdict, and the blanks after it

struct DoctorChoices {
  DoctorOptions doctor;
  std::string listen = "127.0.0.1:0", advertise;
};

cli::Table<DoctorChoices> doctor_options() {
  using Make = cli::Kinds<DoctorChoices>;
  const std::string in = "Options";
  return {
      Make::text(
          {"function", in, "NAME", "the function, NAME or NAME:VERSION", {}, "none"},
          [](auto& c) { return &c.doctor.function; }, cli::as_given),
      Make::text(
          {"region", in, "R", "its region", {}, "of the environment or profile"},
          [](auto& c) { return &c.doctor.region; }, cli::as_given),
      Make::text(
          {"endpoint", in, "URL", "the service", {}, "AWS in --region"},
          [](auto& c) { return &c.doctor.endpoint; }, cli::as_given),
      Make::text(
          {"listen", in, "ADDRESS:PORT", "where workers dial in; port 0: a free one"},
          [](auto& c) { return &c.listen; }, cli::as_given),
      Make::text(
          {"advertise", in, "HOST:PORT", "what workers dial", {}, "--listen"},
          [](auto& c) { return &c.advertise; }, cli::as_given),
      Make::integer(
          {"workers", in, "W", "number of workers"}, [](auto& c) { return &c.doctor.workers; }, 1,
          100'000),
      Make::flag({"probe", in, "",
                  "also invokes the function once, for well under a cent: does a worker of this "
                  "version run, and does it reach --advertise?"},
                 [](auto& c) { return &c.doctor.probe; }),
  };
}

int look(const std::vector<std::string>&, const DoctorChoices& choices,
         const CommandContext& context) {
  DoctorOptions doctor = choices.doctor;
  doctor.stop = &context.interrupted;
  if (doctor.function.empty()) throw Error("doctor: no --function given; expected its name");
  doctor.doors.listen = resolve_host(choices.listen, "--listen");
  if (!choices.advertise.empty())
    doctor.doors.advertise = resolve_host(choices.advertise, "--advertise");
  const std::vector<Finding> findings = examine(doctor);
  std::string page;
  std::istringstream lines(to_text(findings));
  for (std::string line; std::getline(lines, line);)
    cli::wrap(page, line.substr(0, kVerdict), line.substr(kVerdict), kVerdict);
  print(context.console.out, page);
  return is_healthy(findings) ? kExitSuccess : kExitFleet;
}

}  // namespace

Command doctor_command() {
  Command command;
  command.text.name = "doctor";
  command.text.arguments = "--function NAME [--option value]...";
  command.text.summary = "Looks at all that a fleet on Lambda needs";
  command.text.details =
      "Credentials, clock, function, permission, concurrency, network. Exit code 0, or 4 where "
      "something is missing.";
  reads(command, doctor_options(), 0, "expected options alone", look);
  command.ends_in_order = true;
  return command;
}

}  // namespace laggard
