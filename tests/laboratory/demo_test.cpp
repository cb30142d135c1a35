// `runner demo`, as somebody tries it.
#include "core/schedule/protocol.hpp"
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <sstream>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// They carry sums of contributions, and those of admm do not add up; gossip has a method of its
// own.
const std::set<std::string> kWithoutAdmm = {"approximate", "gossip", "partial_coded", "sequential"};

class Demo : public Program {
 protected:
  int demo() { return run({"demo", "-o", path("demo")}); }
  void expect_refused() {
    EXPECT_EQ(demo(), 2);
    EXPECT_EQ(err(), "runner: demo: --output: " + path("demo") +
                         ": holds something else than this demo; expected a new folder\n");
    EXPECT_EQ(out(), "");
  }
  std::map<std::string, std::string> records() const {
    std::map<std::string, std::string> all;
    for (const auto& cell : fs::directory_iterator(path("demo/cells")))
      all[cell.path().filename().string()] = read_text(cell.path() / "run.json");
    return all;
  }
};

TEST_F(Demo, ComparesEveryProtocolAndWritesAReport) {
  ASSERT_EQ(demo(), 0) << err();
  const std::string page = out();
  EXPECT_EQ(err(), "");
  std::size_t shown = 0;
  for (const auto& [name, protocol] : protocols()) {
    if (kWithoutAdmm.contains(name)) {
      EXPECT_THAT(page, Not(HasSubstr('\n' + name + ' ')));
      continue;
    }
    EXPECT_THAT(page, HasSubstr('\n' + name + ' '));
    ++shown;
  }
  EXPECT_THAT(page, AllOf(HasSubstr("\nlambda: "), HasSubstr("\ninvocations: "),
                          HasSubstr("start-up s"), HasSubstr("solving s"),
                          HasSubstr("\nThe report: xdg-open " + path("demo/report.html\n"))));
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.size() <= 80 || line.find(path("demo")) != line.npos) << line;
  EXPECT_THAT(read_text(path("demo/report.html")), StartsWith("<!DOCTYPE html>"));

  // What it says is what table says of the runs.
  ASSERT_EQ(run({"table", path("demo"), "--only", "fleet_model=invocations,protocol=sync",
                 "--value", "rounds"}),
            0)
      << err();
  const std::string rounds = out().substr(out().rfind("| sync | ") + 9, 2);
  const std::size_t sync = page.rfind("\nsync ");
  EXPECT_THAT(page.substr(sync, page.find('\n', sync + 1) - sync), HasSubstr(' ' + rounds + ' '));

  const auto before = records();
  EXPECT_THAT(before, SizeIs(10 * shown));
  ASSERT_EQ(demo(), 0) << err();
  EXPECT_EQ(out(), page);
  EXPECT_EQ(records(), before) << "no run is made twice";
}

TEST_F(Demo, WritesToNoFolderOfSomebodyElse) {
  fs::create_directory(path("demo"));
  write_text(path("demo/mine.txt"), "mine");
  expect_refused();
  fs::remove(path("demo/mine.txt"));
  write_text(path("demo/matrix.json"), "{}");
  expect_refused();
  EXPECT_EQ(read_text(path("demo/matrix.json")), "{}");
  fs::remove_all(path("demo"));
  write_text(path("demo"), "a file");
  expect_refused();
}

TEST_F(Demo, TakesNoWords) {
  EXPECT_EQ(run({"demo", "heart"}), 2);
  EXPECT_EQ(err(), "runner: heart: unexpected argument; expected options alone, see --help\n");
}

}  // namespace
}  // namespace laggard
