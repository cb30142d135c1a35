// The rules of CONTRIBUTING.md that can be read off the text.
#include "tests/tidy/tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>

namespace laggard::tidy {
namespace {

constexpr std::size_t kMostColumns = 100;
constexpr std::size_t kMostLines = 500;
const std::string kFormatter = "clang-format-19";

TEST(Style, NoLineIsLongerThanHundredColumns) {
  std::vector<std::string> wrong;
  for (const SourceFile& source : sources())
    for (std::size_t i = 0; i < source.lines.size(); ++i)
      if (source.lines[i].size() > kMostColumns) wrong.push_back(source.at(i));
  EXPECT_TRUE(wrong.empty()) << list(wrong);
}

TEST(Style, NoFileIsLongerThanFiveHundredLines) {
  std::vector<std::string> wrong;
  for (const SourceFile& source : sources())
    if (source.lines.size() > kMostLines) wrong.push_back(source.path);
  EXPECT_TRUE(wrong.empty()) << list(wrong);
}

TEST(Style, AHeaderSaysWhatItIsForAndIsReadOnce) {
  std::vector<std::string> wrong;
  for (const SourceFile& source : sources()) {
    if (!source.ends_with(".hpp")) continue;
    std::size_t i = 0;
    while (i < source.lines.size() && source.lines[i].starts_with("// ")) ++i;
    if (i == 0 || i == source.lines.size() || source.lines[i] != "#pragma once")
      wrong.push_back(source.path + ": expected a line of comment and then #pragma once");
  }
  EXPECT_TRUE(wrong.empty()) << list(wrong);
}

// The linker keeps one of the functions of two types that are called the same, without a word.
TEST(Style, NoTwoTypesAreCalledTheSame) {
  const std::regex type(R"re((?:struct|class|enum class) (\w+)(?: final)?(?: : .*)? \{.*)re");
  std::map<std::string, std::string> seen;
  std::vector<std::string> wrong;
  for (const SourceFile& source : sources()) {
    if (source.starts_with("tests/") || source.starts_with("examples/")) continue;  // own programs
    std::vector<std::string> inside;  // the namespaces
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      if (line.starts_with("namespace ") && line.ends_with("{")) inside.push_back(line);
      if (line.starts_with("}  // namespace") && !inside.empty()) inside.pop_back();
      const bool local = std::ranges::find(inside, "namespace {") != inside.end();
      std::smatch match;
      if (local || !std::regex_match(line, match, type)) continue;
      std::string name;
      for (const std::string& outer : inside) name += outer + " ";
      const auto [first, fresh] = seen.emplace(name + match.str(1), source.at(i));
      if (!fresh) wrong.push_back(first->second + " and " + source.at(i) + ": " + match.str(1));
    }
  }
  EXPECT_GT(seen.size(), 100u);
  EXPECT_TRUE(wrong.empty()) << list(wrong);
}

// A test that waits for something asks for it (tests/support/eventually.hpp); one that waits for a
// time fails on the next busy machine.
TEST(Style, NoTestSleeps) {
  const std::set<std::string> allowed = {
      "tests/support/eventually.hpp",
      // Poses as a function that takes as long as its payload says.
      "tests/local_lambda/echo_runtime/echo_runtime.cpp"};
  // In C++, and in a shell's command within it.
  const std::regex pattern(
      R"re(sleep_for|sleep_until|nanosleep|\busleep\b|\bsleep\s*\(|\bsleep [0-9.]+\s*[;&|])re");
  EXPECT_TRUE(std::regex_search("std::this_thread::sleep_for(1s)", pattern));
  EXPECT_TRUE(std::regex_search("shell(\"sleep 1; true\")", pattern));
  std::vector<std::string> wrong;
  for (const SourceFile& source : sources()) {
    if (!source.starts_with("tests/") || allowed.contains(source.path) ||
        source.path == "tests/tidy/style_test.cpp")
      continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i)
      if (std::regex_search(source.lines[i], pattern)) wrong.push_back(source.at(i));
  }
  EXPECT_TRUE(wrong.empty()) << list(wrong);
}

// Another version would format some lines otherwise.
TEST(Style, TheSourcesAreFormatted) {
  if (std::system((kFormatter + " --version >/dev/null 2>&1").c_str()) != 0)
    GTEST_SKIP() << kFormatter << " is not here: scripts/setup --format installs it";
  std::string command = "cd '" + root() + "' && " + kFormatter + " --dry-run 2>&1";
  for (const SourceFile& source : sources()) command += " '" + source.path + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string complaints;
  char part[4096];
  for (std::size_t count; (count = std::fread(part, 1, sizeof part, pipe)) > 0;)
    complaints.append(part, count);
  EXPECT_EQ(::pclose(pipe), 0);
  EXPECT_EQ(complaints.substr(0, 2000), "") << "mend it: " << kFormatter << " -i FILE";
}

}  // namespace
}  // namespace laggard::tidy
