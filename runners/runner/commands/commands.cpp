#include "core/io/nearest.hpp"
#include "runners/runner/commands/command.hpp"

#include <fmt/format.h>

namespace laggard {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      run_command(),         demo_command(),       matrix_command(),    merge_command(),
      ls_command(),          show_command(),       compare_command(),   columns_command(),
      table_command(),       report_command(),     export_command(),    protocols_command(),
      methods_command(),     fleets_command(),     fit_fleet_command(), new_protocol_command(),
      new_method_command(),  doctor_command(),     aws_smoke_command(), bench_command(),
      pack_shards_command(), completion_command(), manual_command(),    version_command(),
      help_command()};
  return all;
}

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.text.name == name) return &command;
  }
  return nullptr;
}

const Command& command_named(std::string_view name) {
  if (const Command* command = find_command(name)) return *command;
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.text.name);
  const auto nearest = nearest_name(name, names);
  throw Error(
      fmt::format("{}: unknown command; {}options are written --name value, see runner --help",
                  name, nearest ? fmt::format("did you mean {}? ", *nearest) : ""));
}

}  // namespace laggard
