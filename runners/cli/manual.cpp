#include "runners/cli/program.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard::cli {
namespace {

// Text as groff takes it: no line of it is a request, and a dash is one that can be copied.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

void append_section(std::string& page, std::string_view heading) {
  page += fmt::format(".SH {}\n", heading);
}

void append_term(std::string& page, std::string_view term, std::string_view text) {
  page += fmt::format(".TP\n.B {}\n{}\n", escaped(term), escaped(text));
}

void append_options(std::string& page, const std::vector<OptionText>& options) {
  std::vector<std::string> groups;
  for (const OptionText& option : options) {
    if (std::find(groups.begin(), groups.end(), option.group) != groups.end()) continue;
    groups.push_back(option.group);
    page += fmt::format(".SS {}\n", escaped(option.group));
    for (const OptionText& other : options) {
      if (other.group == option.group) append_term(page, heading_of(other), words_of(other));
    }
  }
}

void append_commands(std::string& page, const ProgramText& program) {
  append_section(page, "COMMANDS");
  for (const CommandText& command : program.commands) {
    append_term(page, command.name + ' ' + command.arguments,
                command.summary + ". " + command.details);
    if (command.options.empty()) continue;
    page += ".RS\n";
    for (const OptionText& option : command.options)
      append_term(page, heading_of(option), words_of(option));
    page += ".RE\n";
  }
}

}  // namespace

std::string manual_page(const ProgramText& program, std::string_view version) {
  std::string title = program.name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return 'a' <= c && c <= 'z' ? char(c - 'a' + 'A') : c; });
  std::string page =
      fmt::format(".TH {} 1 \"\" \"Laggard {}\" \"Laggard\"\n", escaped(title), version);
  append_section(page, "NAME");
  page += fmt::format("{} \\- {}\n", escaped(program.name), escaped(program.summary));
  append_section(page, "SYNOPSIS");
  page += fmt::format(".B {}\n{}\n", escaped(program.name), escaped(program.usage));
  append_section(page, "DESCRIPTION");
  page += escaped(program.details) + '\n';
  if (!program.commands.empty()) append_commands(page, program);
  append_section(page, "OPTIONS");
  append_options(page, program.options);
  if (!program.exit_codes.empty()) append_section(page, "EXIT STATUS");
  for (const auto& [code, meaning] : program.exit_codes) append_term(page, code, meaning);
  if (!program.examples.empty()) append_section(page, "EXAMPLES");
  for (const std::string& example : program.examples)
    page += fmt::format(".PP\n.nf\n{}\n.fi\n", escaped(example));
  return page;
}

}  // namespace laggard::cli
