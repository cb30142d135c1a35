// The commands of the program: `runner COMMAND ...`. Each has a file here; commands.cpp lists them.
#pragma once

#include "runners/cli/arguments.hpp"
#include "runners/cli/program.hpp"
#include "runners/runner/app.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct CommandContext {
  const Console& console;
  const Execute& execute;
  std::atomic<bool>& interrupted;        // may be set to end the run
  const std::vector<std::string>& argv;  // of the program
};

struct Command {
  cli::CommandText text;
  // `arguments`: what follows the command's name. Returns the exit code. Throws Error.
  std::function<int(const cli::Arguments& arguments, const CommandContext& context)> run;
  // It looks at `interrupted`. The first signal kills the others.
  bool ends_in_order = false;
  // Answers --help itself. The others show their own text.
  bool own_help = false;
};

// Makes `command` one that has the options of `table` and at most `most_words` words, and then does
// `act`. Help, manual page and completion show what is read here, and nothing else is read.
template <class Choices>
void reads(Command& command, const cli::Table<Choices>& table, std::size_t most_words,
           const std::string& expected,
           int (*act)(const std::vector<std::string>& words, const Choices& choices,
                      const CommandContext& context)) {
  command.text.options = cli::texts(table);
  command.run = [=](const cli::Arguments& arguments, const CommandContext& context) {
    Choices choices;
    const auto words = cli::read(arguments, table, choices, most_words, expected);
    return act(words, choices, context);
  };
}

// In the order of the help; the first is what runs where no command is named.
const std::vector<Command>& commands();
const Command* find_command(std::string_view name);  // null if there is none
// Throws Error that offers the nearest name.
const Command& command_named(std::string_view name);

Command run_command();
Command demo_command();
Command matrix_command();
Command merge_command();
Command ls_command();
Command show_command();
Command columns_command();
Command table_command();
Command compare_command();
Command protocols_command();
Command methods_command();
Command fleets_command();
Command fit_fleet_command();
Command report_command();
Command export_command();
Command new_protocol_command();
Command new_method_command();
Command doctor_command();
Command aws_smoke_command();
Command bench_command();
Command pack_shards_command();
Command help_command();
Command version_command();
Command completion_command();
Command manual_command();

// The options of the run that `aws-smoke` stands for, followed by `arguments`, which overrule them.
cli::Arguments smoke_options(const cli::Arguments& arguments);

}  // namespace laggard
