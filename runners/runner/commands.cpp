#include "runners/runner/commands.hpp"

#include "core/io/error.hpp"
#include "runners/runner/aws_commands.hpp"
#include "runners/runner/command_line.hpp"
#include "runners/runner/execute.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/new_plugin.hpp"
#include "runners/runner/protocol_options.hpp"
#include "runners/runner/shard_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace laggard {
namespace {

using Arguments = std::vector<std::string>;

constexpr std::string_view kProtocolsUsage =
    "Usage: runner protocols [NAME|PATH.so]\n"
    "Lists the protocols of this program, or describes one, with its options.\n";

constexpr std::string_view kMethodsUsage =
    "Usage: runner methods [NAME|PATH.so]\n"
    "Lists the methods of this program, or describes one, with its options.\n";

constexpr std::string_view kNewProtocolUsage =
    "Usage: runner new-protocol NAME [--output DIR]\n"
    "Writes the folder NAME, in DIR [.]: a protocol that works, to be changed, and what it takes "
    "to\n"
    "build and test it as a plugin.\n";

constexpr std::string_view kNewMethodUsage =
    "Usage: runner new-method NAME [--output DIR]\n"
    "Writes the folder NAME, in DIR [.]: a method that works, to be changed, and what it takes to\n"
    "build and test it as a plugin.\n";

constexpr std::string_view kPackShardsUsage =
    "Usage: runner pack-shards FILE [option value]...\n"
    "Writes the shards of the run that the options describe, for workers to fetch from where you "
    "put\n"
    "FILE: give the run the same options and --shard-source FILE or URL.\n";

bool asks_for_help(const Arguments& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const std::string& a) { return a == "--help" || a == "-h"; });
}

std::string run_protocols(const Arguments& arguments) {
  if (asks_for_help(arguments)) return std::string(kProtocolsUsage);
  if (arguments.empty()) return protocols_text();
  if (arguments.size() > 1 || arguments.front().starts_with("-")) {
    throw Error(fmt::format("protocols: unexpected argument {}; expected one name at most",
                            arguments.back()));
  }
  return protocol_text(find_protocol(arguments.front(), "protocols"));
}

std::string run_methods(const Arguments& arguments) {
  if (asks_for_help(arguments)) return std::string(kMethodsUsage);
  if (arguments.empty()) return methods_text();
  if (arguments.size() > 1 || arguments.front().starts_with("-")) {
    throw Error(fmt::format("methods: unexpected argument {}; expected one name at most",
                            arguments.back()));
  }
  return method_text(find_method(arguments.front(), "methods"));
}

std::string run_new(const char* kind, const Arguments& arguments) {
  const bool method = std::string_view(kind) == "new-method";
  if (asks_for_help(arguments)) return std::string(method ? kNewMethodUsage : kNewProtocolUsage);
  std::optional<std::string> name;
  std::string output = ".";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.starts_with("--output=")) {
      output = argument.substr(9);
    } else if (argument == "--output") {
      output = i + 1 < arguments.size() ? arguments[++i] : "";
    } else if (argument.starts_with("-") || name) {
      throw Error(
          fmt::format("{}: unexpected argument {}; expected NAME [--output DIR]", kind, argument));
    } else {
      name = argument;
    }
  }
  if (output.empty()) throw Error("--output: no value given; expected a folder");
  if (!name) throw Error(fmt::format("{}: no name given; expected NAME [--output DIR]", kind));
  return method ? new_method(*name, output) : new_protocol(*name, output);
}

std::string run_pack_shards(const Arguments& arguments) {
  if (asks_for_help(arguments)) return std::string(kPackShardsUsage);
  if (arguments.empty() || arguments.front().starts_with("-"))
    throw Error("pack-shards: no file given; expected FILE [the options of the run]");
  const RunConfig config = parse_command_line({arguments.begin() + 1, arguments.end()}).config;
  RunObserver silent;
  const Problem problem = load_problem(config, silent);
  write_shard_file(problem, arguments.front());
  return fmt::format("{}: {} shards of {}, {} bytes\n", arguments.front(), problem.shards,
                     problem.data->name, std::filesystem::file_size(arguments.front()));
}

}  // namespace

std::optional<CommandOutput> run_command(const Arguments& arguments,
                                         const std::atomic<bool>& interrupted) {
  if (arguments.empty()) return std::nullopt;
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (arguments.front() == "protocols") return run_protocols(rest);
  if (arguments.front() == "methods") return run_methods(rest);
  if (arguments.front() == "new-protocol" || arguments.front() == "new-method")
    return run_new(arguments.front().c_str(), rest);
  if (arguments.front() == "pack-shards") return run_pack_shards(rest);
  if (arguments.front() == "doctor") {
    const DoctorReport report = run_doctor(rest, &interrupted);
    return CommandOutput(report.text, report.healthy);
  }
  return std::nullopt;
}

}  // namespace laggard
