#include "runners/runner/help.hpp"

#include "runners/runner/options.hpp"
#include "runners/runner/protocol_options.hpp"
#include "tests/runner/test_protocols.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace laggard {
namespace {

using testing::HasSubstr;

std::string help_of(const char* protocol) {
  return help_text(find_protocol(protocol, "--protocol"), methods().at("admm"));
}

// Without line breaks, so that a phrase can be looked for wherever it wraps.
std::string flat(const std::string& text) {
  std::istringstream in(text);
  std::string all;
  for (std::string word; in >> word;) all += word + ' ';
  return all;
}

TEST(Help, FitsEightyColumns) {
  for (const auto& [name, protocol] : protocols()) {
    std::istringstream lines(help_text(protocol, methods().at("admm")));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 80u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

TEST(Help, NamesEveryOptionWithItsRangeAndDefault) {
  const std::string help = flat(help_of("sync"));
  for (const Option& option : options()) {
    EXPECT_THAT(help, HasSubstr("--" + option.name + ' '));
    EXPECT_THAT(help, HasSubstr(option.range));
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
  const std::string help = flat(help_of(kBounded));
  EXPECT_THAT(help, HasSubstr("--test-tau N largest age; 1 to 100 [8]"));
  EXPECT_THAT(help, HasSubstr("--test-gamma X weight of the old z; >= 0 [0]"));
  EXPECT_THAT(help, HasSubstr("--test-missing CHOICE what of the rest; reuse|discard [reuse]"));
  EXPECT_THAT(flat(help_of("sync")), testing::Not(HasSubstr("--test-tau")));
}

}  // namespace
}  // namespace laggard
