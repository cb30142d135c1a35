#include "runners/runner/help.hpp"

#include "core/io/nearest.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/fleet_model.hpp"
#include "runners/runner/lookup.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

namespace laggard {
namespace {

namespace json = boost::json;

constexpr const char* kSummary =
    "Solves a regularised loss over many samples by consensus ADMM, or by another method, on a "
    "fleet of workers, some of which lag. Without options it runs a small example.";

const std::vector<std::string> kMostUsed = {
    "protocol",   "method",    "workers",   "fleet",      "data",   "loss", "regularizer",
    "target-gap", "straggler", "max-tasks", "max-rounds", "output", "json"};

std::vector<cli::OptionText> general() {
  const std::string in = group::kGeneral;
  return {{"config", in, "FILE",
           "takes options from a JSON object; comments are allowed, and the command line overrides "
           "the file"},
          {"help", in, "[all]",
           "prints the most used options, or all; with --protocol or --method the options of that"},
          {"version", in, "", "prints the version"}};
}

struct TypeNames {
  const char* metavar;
  const char* in_words;
};

TypeNames names_of(OptionType type) {
  switch (type) {
    case OptionType::integer:
      return {"N", "an integer, "};
    case OptionType::real:
      return {"X", "a number, "};
    case OptionType::choice:
      return {"CHOICE", "one of "};
    case OptionType::text:
      return {"TEXT", ""};
  }
  return {"", ""};
}

cli::OptionText text_of(const OptionSpec& option, std::string in) {
  return {option.name,   std::move(in),          names_of(option.type).metavar,
          option.help,   describe_range(option), option.default_text,
          option.choices};
}

// Of a protocol or a method. `kind`: which of the two.
template <class Described>
std::vector<cli::OptionText> own_options(const char* kind, const Described& one) {
  std::vector<cli::OptionText> all;
  for (const OptionSpec& option : one.options)
    all.push_back(text_of(option, fmt::format("{} {}", kind, one.name)));
  return all;
}

template <class Registry>
void add_options(cli::ProgramText& program, const char* kind, const Registry& registry) {
  for (const auto& [name, one] : registry)
    for (cli::OptionText& option : own_options(kind, one))
      program.options.push_back(std::move(option));
}

template <class Registry>
std::vector<std::string> keys_of(const Registry& registry) {
  std::vector<std::string> names;
  for (const auto& [name, one] : registry) names.push_back(name);
  return names;
}

void append_commands(std::string& page) {
  page += "\nCommands (runner help COMMAND tells more)\n";
  for (const Command& command : commands())
    cli::append_entry(page, "  " + command.text.name, command.text.summary);
}

template <class Registry>
void append_names(std::string& page, const Registry& registry) {
  for (const auto& [name, one] : registry) cli::append_entry(page, "  " + name, one.summary);
}

template <class Described>
std::string help_of(const char* kind, const char* option, const Described& one,
                    const Method* method = nullptr) {
  std::string page = fmt::format("Usage: runner --{} {} [--option value]...\n\n", option, one.name);
  cli::append_paragraph(page, one.summary);
  const auto own = own_options(kind, one);
  if (own.empty()) page += "\nIt has no options of its own.\n";
  cli::append_group(page, fmt::format("{} {}", kind, one.name), own);
  if (method) cli::append_group(page, "Method " + method->name, own_options("Method", *method));
  page += "\nThe other options of a run: runner --help all\n";
  return page;
}

template <class Described>
std::string described(const Described& one) {
  std::string page;
  cli::append_entry(page, one.name, one.summary);
  cli::append_entry(page, "  source", one.source);
  if constexpr (requires { one.objective; })
    if (!one.objective.empty()) cli::append_entry(page, "  minimises", one.objective);
  if (one.options.empty()) cli::append_entry(page, "  options", "none of its own");
  for (const OptionSpec& option : one.options) {
    cli::OptionText text = text_of(option, "");
    text.range = names_of(option.type).in_words + text.range;
    cli::append_option(page, text);
  }
  return page;
}

template <class Described>
json::object json_of(const Described& one) {
  json::array own;
  for (const OptionSpec& option : one.options) {
    const cli::OptionText text = text_of(option, "");
    own.push_back(json::object{{"name", text.name},
                               {"help", text.help},
                               {"range", text.range},
                               {"default", text.default_text}});
  }
  return {{"name", one.name},
          {"summary", one.summary},
          {"source", one.source},
          {"options", std::move(own)}};
}

std::string opening(const cli::ProgramText& program) {
  std::string page = fmt::format("Usage: {} {}\n\n", program.name, program.usage);
  cli::append_paragraph(page, program.details);
  return page;
}

}  // namespace

cli::ProgramText runner_program() {
  cli::ProgramText program;
  program.name = "runner";
  program.summary = "straggler-tolerant ADMM on a fleet of workers";
  program.usage = "[COMMAND] [--option value | --option=value]...";
  program.details = kSummary;
  program.options = cli::texts(options());
  for (cli::OptionText& option : program.options) {
    if (option.name == "protocol") option.values = keys_of(protocols());
    if (option.name == "method") option.values = keys_of(methods());
    if (option.name == "fleet-model")
      for (const FleetModel& model : fleet_models()) option.values.push_back(model.name);
  }
  add_options(program, "Protocol", protocols());
  add_options(program, "Method", methods());
  for (cli::OptionText& option : general()) program.options.push_back(std::move(option));
  std::vector<std::string> topics = {"all"};
  for (const Command& command : commands()) topics.push_back(command.text.name);
  for (const Command& command : commands()) {
    program.commands.push_back(command.text);
    if (command.text.name == "help") program.commands.back().words = topics;
  }
  program.exit_codes = {
      {"0", "converged, or the target gap was reached, or the rule of --stop holds"},
      {"2", "bad usage or input"},
      {"3", "stopped at a limit"},
      {"4", "the fleet failed"},
      {"5", "diverged, or not finite"},
      {"6", "files could not be written, a cell of a matrix failed, or --fail-if holds"},
      {"70", "a defect, of a plugin where one is named, else of this program"},
      {"130", "interrupted: Ctrl-C, SIGTERM, or a terminal that closed"}};
  program.examples = {"runner",
                      "runner --data data/a9a.svm.gz --workers 64 --target-gap 1e-6",
                      "runner --data data/communities.svm.gz --loss squared --regularizer l2:1",
                      "runner --straggler bimodal:p=0.05,factor=10 --output results/bimodal",
                      "runner --config run.json --seed 2 --json --quiet",
                      "runner --protocol ./libmine.so --my-option 3"};
  return program;
}

std::string short_help() {
  const cli::ProgramText program = runner_program();
  std::string page = opening(program);
  page += "\nMost used options (runner --help all shows all)\n";
  for (const std::string& name : kMostUsed) {
    const cli::OptionText& option = *cli::find(program.options, name);
    const std::string shown = option.default_text.empty()
                                  ? option.help
                                  : fmt::format("{} [{}]", option.help, option.default_text);
    cli::append_entry(page, "  " + cli::heading_of(option), shown);
  }
  append_commands(page);
  return page;
}

std::string long_help() {
  const cli::ProgramText program = runner_program();
  std::string page = opening(program);
  cli::append_paragraph(page,
                        "Of an option given twice the last one holds. Integers may be written "
                        "1e4.");
  append_commands(page);
  page += "\nProtocols\n";
  append_names(page, protocols());
  page += "\nMethods\n";
  append_names(page, methods());
  std::string shown;
  for (const cli::OptionText& option : program.options) {
    if (option.group == shown) continue;
    shown = option.group;
    cli::append_group(page, shown, program.options);
  }
  page += "\nExamples\n";
  for (const std::string& example : program.examples) page += "  " + example + '\n';
  cli::append_exit_codes(page, program);
  return page;
}

std::string help_on(std::string_view topic) {
  if (topic.empty() || topic == "run") return short_help();
  if (topic == "all") return long_help();
  if (const Command* command = find_command(topic))
    return cli::command_help(runner_program(), command->text);
  std::vector<std::string> names = {"all"};
  for (const Command& command : commands()) names.push_back(command.text.name);
  const auto nearest = nearest_name(topic, names);
  throw Error(fmt::format("help: {} is no command; {}expected one of {}", topic,
                          nearest ? fmt::format("did you mean {}? ", *nearest) : "",
                          fmt::join(names, ", ")));
}

std::string protocol_help(const Protocol& protocol) {
  const auto own = methods().find(protocol.method);
  return help_of("Protocol", "protocol", protocol, own == methods().end() ? nullptr : &own->second);
}
std::string method_help(const Method& method) { return help_of("Method", "method", method); }

std::string protocols_text() {
  std::string page;
  append_names(page, protocols());
  return page;
}

std::string methods_text() {
  std::string page;
  append_names(page, methods());
  return page;
}

std::string protocol_text(const Protocol& protocol) {
  std::string page = described(protocol);
  if (!protocol.method.empty())
    cli::append_entry(page, "  method", protocol.method + ": it brings that along");
  return page;
}
std::string method_text(const Method& method) { return described(method); }

json::object protocol_json(const Protocol& protocol) { return json_of(protocol); }
json::object method_json(const Method& method) { return json_of(method); }

}  // namespace laggard
