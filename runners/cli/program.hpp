// What people and shells are told of a whole program: help, manual page, completion.
#pragma once

#include "runners/cli/option.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laggard::cli {

// `program COMMAND ...`.
struct CommandText {
  std::string name;
  std::string arguments;  // what follows the name in its usage: "NAME [--output DIR]"
  std::string summary;    // one line
  std::string details;    // a paragraph or more; may be empty
  std::vector<OptionText> options;
  std::vector<std::string> words;  // that may follow, as far as they can be listed
  bool takes_all_options = false;  // of the program
};

struct ProgramText {
  std::string name;
  std::string summary;  // one line, no full stop
  std::string usage;    // what follows the name
  std::string details;  // paragraphs
  std::vector<OptionText> options;
  std::vector<CommandText> commands;
  std::vector<std::pair<std::string, std::string>> exit_codes;
  std::vector<std::string> examples;
};

// ---- Text for people, at most 80 columns ----

inline constexpr std::size_t kTextWidth = 80;

// Appends `line` and the words of `text`, which stand from `column` on. A word is never broken.
void wrap(std::string& page, std::string line, std::string_view text, std::size_t column);

// Words of `text` from column 30 on; `lead` comes first, on a line of its own if it is too long.
void append_entry(std::string& page, std::string lead, const std::string& text);
void append_option(std::string& page, const OptionText& option);
// A heading and the options of that group, in order; nothing where there are none.
void append_group(std::string& page, std::string_view group, std::span<const OptionText> options);
void append_paragraph(std::string& page, const std::string& text);
void append_indented(std::string& page, const std::string& text);
void append_exit_codes(std::string& page, const ProgramText& program);
// "--rho R", or "-o, --output FILE", and what may be said of it on one line.
std::string heading_of(const OptionText& option);
std::string words_of(const OptionText& option);

// The whole help of a program without commands.
std::string help_text(const ProgramText& program);
// The help of one command.
std::string command_help(const ProgramText& program, const CommandText& command);

// ---- Manual page and completion ----

// A page of section 1 for man, in groff. `version`: of the program.
std::string manual_page(const ProgramText& program, std::string_view version);
// `shell`: bash, zsh or fish. Throws Error naming those for another.
std::string completion(const ProgramText& program, std::string_view shell);

// The options of every program that has no commands: --help, --version, --manual, --completion.
std::vector<OptionText> general_options();
// What the program prints for them; nothing where the arguments ask for none of them.
std::optional<std::string> general_output(const ProgramText& program, std::string_view version,
                                          const std::vector<std::string>& arguments);

}  // namespace laggard::cli
