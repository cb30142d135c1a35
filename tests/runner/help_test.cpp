#include "runners/runner/help.hpp"

#include "core/io/error.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/fleet_model.hpp"
#include "runners/runner/lookup.hpp"
#include "runners/runner/options.hpp"
#include "tests/runner/scripted_run.hpp"
#include "tests/runner/test_protocols.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace laggard {
namespace {

using testing::HasSubstr;

// Without line breaks, so that a phrase can be looked for wherever it wraps.
std::string flat(const std::string& text) {
  std::istringstream in(text);
  std::string all;
  for (std::string word; in >> word;) all += word + ' ';
  return all;
}

std::vector<std::string> all_pages() {
  std::vector<std::string> pages = {short_help(), long_help(), protocols_text(), methods_text()};
  for (const Command& command : commands()) pages.push_back(help_on(command.text.name));
  for (const auto& [name, protocol] : protocols()) {
    pages.push_back(protocol_help(protocol));
    pages.push_back(protocol_text(protocol));
  }
  for (const auto& [name, method] : methods()) {
    pages.push_back(method_help(method));
    pages.push_back(method_text(method));
  }
  pages.push_back(call({"fleets"}, {}).out);
  for (const FleetModel& model : fleet_models())
    pages.push_back(call({"fleets", model.name}, {}).out);
  return pages;
}

TEST(Help, FitsEightyColumns) {
  for (const std::string& page : all_pages()) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
      const std::string::size_type words = line.find_first_not_of(' ');
      const bool is_address = line.find("http") == words || line.find("(http") == words;
      EXPECT_TRUE(is_address || line.size() <= 80) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

TEST(Help, IsAboutAScreenUnlessAllIsAskedFor) {
  const std::string page = short_help();
  EXPECT_LE(std::count(page.begin(), page.end(), '\n'), 66);
  EXPECT_THAT(page, HasSubstr("runner --help all"));
  for (const Command& command : commands())
    EXPECT_THAT(page, HasSubstr("\n  " + command.text.name + ' ')) << "every command is there";
}

TEST(Help, NamesEveryOptionWithItsRangeAndDefault) {
  const std::string help = flat(long_help());
  for (const RunOption& option : options()) {
    EXPECT_THAT(help, HasSubstr("--" + option.name + ' '));
    EXPECT_THAT(help, HasSubstr(flat(option.range)));
    if (!option.default_text.empty()) {
      EXPECT_THAT(help, HasSubstr('[' + option.default_text + ']')) << option.name;
    } else {
      EXPECT_TRUE(option.is_flag()) << option.name << " shows no default";
    }
  }
  for (const char* general : {"--config FILE", "--help", "--version", "Exit codes", "Examples"}) {
    EXPECT_THAT(help, HasSubstr(general));
  }
}

TEST(Help, ShowsTheOptionsOfTheProtocolThatWasAskedFor) {
  const std::string help = flat(protocol_help(protocols().at(kBounded)));
  EXPECT_THAT(help, HasSubstr("--test-tau N largest age; 1 to 100 [8]"));
  EXPECT_THAT(help, HasSubstr("--test-gamma X weight of the old z; >= 0 [0]"));
  EXPECT_THAT(help, HasSubstr("--test-missing CHOICE what of the rest; reuse|discard [reuse]"));
  EXPECT_THAT(flat(protocol_help(protocols().at("sync"))), HasSubstr("no options of its own"));
}

TEST(Help, OfACommandTellsItsOptions) {
  EXPECT_THAT(help_on("doctor"), HasSubstr("--probe"));
  EXPECT_EQ(help_on(""), help_on("run"));
  EXPECT_THAT([] { help_on("doctr"); }, testing::ThrowsMessage<Error>(HasSubstr("mean doctor?")));
}

// ---- The manual page and completion know what the table knows ----

std::vector<cli::OptionText> every_option() {
  const cli::ProgramText program = runner_program();
  std::vector<cli::OptionText> all = program.options;
  for (const cli::CommandText& command : program.commands)
    all.insert(all.end(), command.options.begin(), command.options.end());
  return all;
}

std::string with_dashes_escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find('-', at)) != text.npos; at += 2) text.insert(at, "\\");
  return text;
}

TEST(ManualPage, HasEveryOptionAndCommand) {
  const std::string page = cli::manual_page(runner_program(), "1");
  for (const cli::OptionText& option : every_option()) {
    const std::string escaped = "\n.B " + with_dashes_escaped(cli::heading_of(option));
    EXPECT_THAT(page, HasSubstr(escaped + '\n'));
  }
  for (const Command& command : commands()) {
    EXPECT_THAT(page, HasSubstr("\n.B " + with_dashes_escaped(command.text.name)));
  }
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('.')) continue;
    const std::string request = line.substr(0, 3);
    EXPECT_THAT(request, testing::AnyOf(".TH", ".SH", ".SS", ".TP", ".B ", ".PP", ".nf", ".fi",
                                        ".RS", ".RE"))
        << line;
  }
}

TEST(Completion, OfEveryShellKnowsEveryOptionAndCommand) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = cli::completion(runner_program(), shell);
    const std::string dashes = std::string(shell) == "fish" ? " -l " : "--";
    for (const cli::OptionText& option : every_option())
      EXPECT_THAT(script, HasSubstr(dashes + option.name)) << shell;
    for (const Command& command : commands())
      EXPECT_THAT(script, HasSubstr(command.text.name)) << shell;
  }
  EXPECT_THAT([] { cli::completion(runner_program(), "bsh"); },
              testing::ThrowsMessage<Error>(HasSubstr("did you mean bash?")));
}

// From `begin` on, up to the next `end`; empty where there is no `begin`.
std::string part(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == text.npos) return {};
  return text.substr(from, text.find(end, from + begin.size()) - from);
}

// What a command reads is told where that command is told of, not just somewhere.
TEST(Commands, TellTheirOwnOptionsEverywhere) {
  const cli::ProgramText program = runner_program();
  const std::string page = cli::manual_page(program, "1"), bash = cli::completion(program, "bash"),
                    zsh = cli::completion(program, "zsh"), fish = cli::completion(program, "fish");
  int told = 0;
  for (const Command& command : commands()) {
    const std::string& name = command.text.name;
    const std::string in_manual = part(page, "\n.B " + with_dashes_escaped(name), "\n.RE\n");
    for (const cli::OptionText& option : command.text.options) {
      const std::string dashed = "--" + option.name;
      EXPECT_THAT(help_on(name), HasSubstr("\n  " + cli::heading_of(option))) << name;
      EXPECT_THAT(in_manual, HasSubstr(with_dashes_escaped(dashed))) << name;
      EXPECT_THAT(part(bash, "\n    " + name + ") words", "\n") + ' ', HasSubstr(dashed + ' '));
      EXPECT_THAT(part(zsh, "\n  " + name + ")\n", ";;"), HasSubstr("'*" + dashed)) << name;
      const std::string in_fish = "seen_subcommand_from " + name + "'";
      EXPECT_THAT(fish, testing::ContainsRegex(in_fish + "[^\n]* -l " + option.name + " ")) << name;
      ++told;
    }
    const Printed refused = call({name, "--no-such-option=1"}, {});
    EXPECT_EQ(refused.code, kExitUsage) << name;
    EXPECT_EQ(refused.out, "") << name;
  }
  EXPECT_GT(told, 10);
}

TEST(Help, TellsTheLetterOfAnOption) {
  EXPECT_THAT(help_on("fit-fleet"), HasSubstr("\n  -o, --model FILE.json "));
  EXPECT_THAT(call({"fit-fleet", "d", "-o", "x.txt"}, {}).err, HasSubstr("-o: x.txt is no name"));
  EXPECT_THAT(call({"fit-fleet", "d", "-o"}, {}).err, HasSubstr("-o: no value given"));
  EXPECT_THAT(call({"fit-fleet", "d", "-p", "x"}, {}).err, HasSubstr("-p: unexpected argument"));
}

// What bash offers at the end of these words, in a line.
std::string offered(const std::string& words) {
  const TemporaryDirectory temporary;
  const std::string script = (temporary.path() / "completion").string();
  const std::string answer = (temporary.path() / "answer").string();
  write_text(script, cli::completion(runner_program(), "bash"));
  const std::string command = "bash -c 'source \"$0\"; COMP_WORDS=(" + words +
                              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _runner; "
                              "echo \"${COMPREPLY[*]}\"' '" +
                              script + "' > '" + answer + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return read_text(answer);
}

TEST(Completion, OfBashCompletes) {
  EXPECT_EQ(offered("runner proto"), "protocols\n");
  EXPECT_EQ(offered("runner --fleet th"), "threads\n");
  EXPECT_EQ(offered("runner --fleet = th"), "threads\n") << "as --fleet=th comes";
  EXPECT_EQ(offered("runner --protocol test_b"), "test_bounded\n");
  EXPECT_EQ(offered("runner run --target-g"), "--target-gap\n");
  EXPECT_EQ(offered("runner pack-shards f --target-g"), "--target-gap\n");
  EXPECT_EQ(offered("runner --test-t"), "--test-tau\n") << "an option of a protocol";
  EXPECT_EQ(offered("runner doctor --pro"), "--probe\n");
  EXPECT_EQ(offered("runner fit-fleet d --mo"), "--model\n");
  EXPECT_EQ(offered("runner help doc"), "doctor\n");
  EXPECT_EQ(offered("runner --rho \"\""), "\n") << "a number is the user's";
  EXPECT_THAT(offered("runner --data \"\""), testing::Not(HasSubstr("--")));
}

}  // namespace
}  // namespace laggard
