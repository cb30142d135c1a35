#include "core/io/error.hpp"
#include "runners/cli/arguments.hpp"
#include "runners/cli/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace laggard::cli {
namespace {

constexpr std::size_t kTextColumn = 30;

// In the order in which they first occur.
std::vector<std::string> groups_of(std::span<const OptionText> options) {
  std::vector<std::string> groups;
  for (const OptionText& option : options) {
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end())
      groups.push_back(option.group);
  }
  return groups;
}

}  // namespace

void wrap(std::string& page, std::string line, std::string_view text, std::size_t column) {
  line.resize(std::max(line.size(), column), ' ');
  std::istringstream words{std::string(text)};
  bool is_first = true;
  for (std::string word; words >> word; is_first = false) {
    if (!is_first && line.size() + 1 + word.size() > kTextWidth) {
      page += line + '\n';
      line.assign(column, ' ');
      is_first = true;
    }
    if (!is_first) line += ' ';
    line += word;
  }
  page += line + '\n';
}

std::string heading_of(const OptionText& option) {
  const std::string value =
      option.bare_value.empty() ? option.metavar : fmt::format("[{}]", option.metavar);
  return fmt::format("{}--{}{}{}", option.letter.empty() ? "" : fmt::format("-{}, ", option.letter),
                     option.name, option.is_flag() ? "" : " ", value);
}

std::string words_of(const OptionText& option) {
  std::string text = option.help;
  if (!option.range.empty()) text += "; " + option.range;
  if (!option.default_text.empty()) text += fmt::format(" [{}]", option.default_text);
  return text;
}

void append_entry(std::string& page, std::string lead, const std::string& text) {
  if (lead.size() + 2 > kTextColumn) {
    page += lead + '\n';
    lead.clear();
  }
  wrap(page, std::move(lead), text, kTextColumn);
}

void append_option(std::string& page, const OptionText& option) {
  append_entry(page, "  " + heading_of(option), words_of(option));
}

void append_group(std::string& page, std::string_view group, std::span<const OptionText> options) {
  bool is_first = true;
  for (const OptionText& option : options) {
    if (option.group != group) continue;
    if (is_first) page += fmt::format("\n{}\n", group);
    is_first = false;
    append_option(page, option);
  }
}

void append_paragraph(std::string& page, const std::string& text) { wrap(page, "", text, 0); }

void append_indented(std::string& page, const std::string& text) { wrap(page, "", text, 4); }

void append_exit_codes(std::string& page, const ProgramText& program) {
  if (program.exit_codes.empty()) return;
  page += "\nExit codes\n";
  for (const auto& [code, meaning] : program.exit_codes)
    page += fmt::format("  {:<4} {}\n", code, meaning);
}

std::string help_text(const ProgramText& program) {
  std::string page = fmt::format("Usage: {} {}\n\n", program.name, program.usage);
  append_paragraph(page, program.details);
  for (const std::string& group : groups_of(program.options))
    append_group(page, group, program.options);
  append_exit_codes(page, program);
  return page;
}

std::string command_help(const ProgramText& program, const CommandText& command) {
  std::string page;
  wrap(page, "Usage:", fmt::format(" {} {} {}", program.name, command.name, command.arguments), 7);
  page += '\n';
  append_paragraph(page, command.summary + ". " + command.details);
  for (const std::string& group : groups_of(command.options))
    append_group(page, group, command.options);
  if (command.takes_all_options)
    page += fmt::format("\nThe options of a run: {} --help all\n", program.name);
  return page;
}

std::optional<std::string> general_output(const ProgramText& program, std::string_view version,
                                          const std::vector<std::string>& arguments) {
  if (asks_for(arguments, kHelpFlag)) return help_text(program);
  if (asks_for(arguments, kVersionFlag)) return fmt::format("{} {}\n", program.name, version);
  if (asks_for(arguments, "--manual")) return manual_page(program, version);
  if (asks_for(arguments, "--completion")) {
    for (const Setting& setting : split(arguments, program.options).settings)
      if (setting.name == "completion") return completion(program, setting.value);
  }
  return std::nullopt;
}

std::vector<OptionText> general_options() {
  const std::string group = "General";
  return {{"completion",
           group,
           "SHELL",
           "prints the completion of bash, zsh or fish",
           {},
           {},
           {"bash", "zsh", "fish"}},
          {"manual", group, "", "prints the manual page"},
          {"version", group, "", "prints the version"},
          {"help", group, "", "prints this"}};
}

}  // namespace laggard::cli
