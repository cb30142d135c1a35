#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "runners/cli/program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace laggard::cli {
namespace {

enum class Completes { nothing, words, files, folders };

Completes completes(const OptionText& option) {
  const auto has = [&](std::string_view part) {
    return option.metavar.find(part) != option.metavar.npos;
  };
  if (has("FILE") || has(".so") || option.name == "shard-source") return Completes::files;
  if (has("DIR")) return Completes::folders;
  return option.values.empty() ? Completes::nothing : Completes::words;
}

// Of the program and of its commands, each name once.
std::vector<OptionText> all_options(const ProgramText& program) {
  std::vector<OptionText> all;
  const auto add = [&](const std::vector<OptionText>& options) {
    for (const OptionText& option : options)
      if (!find(all, option.name)) all.push_back(option);
  };
  add(program.options);
  for (const CommandText& command : program.commands) add(command.options);
  return all;
}

std::string dashed(const std::vector<OptionText>& options) {
  std::string text;
  for (const OptionText& option : options) {
    if (!option.letter.empty())
      text += fmt::format("{}-{}", text.empty() ? "" : " ", option.letter);
    text += fmt::format("{}--{}", text.empty() ? "" : " ", option.name);
  }
  return text;
}

// The name of a shell function.
std::string identifier(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return "_" + name;
}

std::string without_quotes(std::string text) {
  std::erase_if(text, [](char c) { return c == '\'' || c == '"' || c == '`' || c == '$'; });
  return text;
}

// ---- bash ----

// mapfile and not =( ): names of files may have blanks.
std::string bash_value(const OptionText& option) {
  std::string words;
  if (!option.values.empty())
    words = fmt::format("compgen -W '{}' -- \"$word\"", fmt::join(option.values, " "));
  switch (completes(option)) {
    case Completes::nothing:
      return "return";
    case Completes::words:
      return fmt::format("mapfile -t COMPREPLY < <({}); return", words);
    case Completes::files:
    case Completes::folders:
      return fmt::format(
          "compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <({}{}compgen {} -- "
          "\"$word\"); return",
          words, words.empty() ? "" : "; ", completes(option) == Completes::files ? "-f" : "-d");
  }
  return {};
}

std::string bash(const ProgramText& program) {
  std::string out = fmt::format("# The completion of {0} for bash.\n{1}()\n{{\n", program.name,
                                identifier(program.name));
  out +=
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  # In --name=value bash takes = for a word.\n"
      "  if [[ $word == = ]]; then\n    word=\n"
      "  elif [[ $before == = ]]; then\n    before=${COMP_WORDS[COMP_CWORD-2]}\n  fi\n"
      "  COMPREPLY=()\n  case $before in\n";
  for (const OptionText& option : all_options(program)) {
    if (option.is_flag() || !option.bare_value.empty()) continue;
    const std::string letter = option.letter.empty() ? "" : fmt::format("-{} | ", option.letter);
    out += fmt::format("    {}--{}) {} ;;\n", letter, option.name, bash_value(option));
  }
  out += fmt::format("  esac\n  local words='{}'\n", dashed(program.options));
  if (!program.commands.empty()) {
    std::vector<std::string> names;
    for (const CommandText& command : program.commands) names.push_back(command.name);
    out += fmt::format("  ((COMP_CWORD == 1)) && words+=' {}'\n", fmt::join(names, " "));
    out += "  ((COMP_CWORD > 1)) && case ${COMP_WORDS[1]} in\n";
    for (const CommandText& command : program.commands) {
      out += fmt::format("    {}) words{}='{} {} --help' ;;\n", command.name,
                         command.takes_all_options ? "+" : "", command.takes_all_options ? " " : "",
                         dashed(command.options));
      if (!command.words.empty())
        out.insert(out.size() - 4, fmt::format("; words+=' {}'", fmt::join(command.words, " ")));
    }
    out += "  esac\n";
  }
  out += fmt::format(
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}}\ncomplete -F {} {}\n",
      identifier(program.name), program.name);
  return out;
}

// ---- zsh ----

std::string zsh_option(const OptionText& option) {
  std::string help = without_quotes(option.help);
  for (std::size_t at = 0; (at = help.find_first_of("[]:", at)) != help.npos; at += 2)
    help.insert(at, "\\");
  std::string spec = fmt::format("[{}]", help);
  const auto full = [&] {
    const std::string named =
        fmt::format("'*--{}{}{}'", option.name, option.is_flag() ? "" : "=", spec);
    if (option.letter.empty()) return named;
    return fmt::format("'*-{}{}{}' {}", option.letter, option.is_flag() ? "" : "+", spec, named);
  };
  if (option.is_flag()) return full();
  std::string metavar = option.metavar;
  std::replace(metavar.begin(), metavar.end(), ':', ' ');
  spec += fmt::format("{}:{}:", option.bare_value.empty() ? "" : ":", metavar);
  switch (completes(option)) {
    case Completes::nothing:
      break;
    case Completes::words:
      spec += fmt::format("({})", fmt::join(option.values, " "));
      break;
    case Completes::files:
      spec += "_files";
      break;
    case Completes::folders:
      spec += "_files -/";
      break;
  }
  return full();
}

std::string zsh_arguments(const std::vector<OptionText>& options, std::string_view indent) {
  std::string out = fmt::format("{}_arguments \\\n", indent);
  for (const OptionText& option : options)
    out += fmt::format("{}  {} \\\n", indent, zsh_option(option));
  return out;
}

std::string zsh(const ProgramText& program) {
  std::string out =
      fmt::format("#compdef {}\n# The completion of {} for zsh.\n", program.name, program.name);
  if (program.commands.empty()) return out + zsh_arguments(program.options, "") + "  && return 0\n";
  out += "local -a commands=(\n";
  for (const CommandText& command : program.commands)
    out += fmt::format("  '{}:{}'\n", command.name, without_quotes(command.summary));
  out +=
      ")\nif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
      "  _describe command commands\n  return\nfi\ncase $words[2] in\n";
  for (const CommandText& command : program.commands) {
    if (command.takes_all_options) continue;
    out += fmt::format("  {})\n", command.name) + zsh_arguments(command.options, "    ");
    if (command.words.empty())
      out += "      '*:file:_files'\n    ;;\n";
    else
      out += fmt::format("      '*:word:({})'\n    ;;\n", fmt::join(command.words, " "));
  }
  out +=
      "  *)\n" + zsh_arguments(program.options, "    ") + "      '*:file:_files'\n    ;;\nesac\n";
  return out;
}

// ---- fish ----

void append_fish(std::string& out, const ProgramText& program, const OptionText& option,
                 std::string_view condition) {
  const std::string letter = option.letter.empty() ? "" : " -s " + option.letter;
  out += fmt::format("complete -c {}{}{} -l {} -d '{}'", program.name, condition, letter,
                     option.name, without_quotes(option.help));
  if (!option.is_flag() && option.bare_value.empty()) {
    switch (completes(option)) {
      case Completes::nothing:
        out += " -x";
        break;
      case Completes::words:
        out += fmt::format(" -x -a '{}'", fmt::join(option.values, " "));
        break;
      case Completes::files:
        out += " -r -F";
        break;
      case Completes::folders:
        out += " -x -a '(__fish_complete_directories)'";
        break;
    }
  }
  out += '\n';
}

std::string fish(const ProgramText& program) {
  std::string out =
      fmt::format("# The completion of {0} for fish.\ncomplete -c {0} -f\n", program.name);
  std::string own;  // the commands with other options than the program's
  for (const CommandText& command : program.commands)
    if (!command.takes_all_options) own += ' ' + command.name;
  const std::string elsewhere =
      own.empty() ? "" : fmt::format(" -n 'not __fish_seen_subcommand_from{}'", own);
  for (const CommandText& command : program.commands) {
    out += fmt::format("complete -c {} -n __fish_use_subcommand -a {} -d '{}'\n", program.name,
                       command.name, without_quotes(command.summary));
    const std::string inside = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    for (const OptionText& option : command.options) append_fish(out, program, option, inside);
    if (!command.words.empty())
      out += fmt::format("complete -c {}{} -a '{}'\n", program.name, inside,
                         fmt::join(command.words, " "));
  }
  for (const OptionText& option : program.options) append_fish(out, program, option, elsewhere);
  return out;
}

}  // namespace

std::string completion(const ProgramText& program, std::string_view shell) {
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  if (shell == "bash") return bash(program);
  if (shell == "zsh") return zsh(program);
  if (shell == "fish") return fish(program);
  if (shell.empty()) throw Error("completion: no shell given; expected bash, zsh or fish");
  const auto nearest = nearest_name(shell, shells);
  throw Error(fmt::format("completion: {} is not known; {}expected bash, zsh or fish", shell,
                          nearest ? fmt::format("did you mean {}? ", *nearest) : ""));
}

}  // namespace laggard::cli
