#include "tests/runner/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ReportCommand : public Program {
 protected:
  void make_run() {
    EXPECT_EQ(run({"--synthetic", "n=600,d=20,density=0.3", "--workers", "4", "--output",
                   path("runs/a"), "--quiet"}),
              0)
        << err();
  }
  // One line on stderr, exit code 2; returns what it says behind "runner: ".
  std::string refused(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "report");
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(out(), "");
    const std::string text = err();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_TRUE(text.starts_with("runner: ")) << text;
    return text.substr(8, text.size() - 9);
  }
};

TEST_F(ReportCommand, WritesOnePage) {
  make_run();
  ASSERT_EQ(run({"report", path("runs"), "-o", path("page.html"), "--title", "Mine"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("page.html: 1 run, "));
  EXPECT_THAT(out(), HasSubstr("warning: n=600,"));  // no optimum is known
  const std::string page = read_text(path("page.html"));
  EXPECT_THAT(page, HasSubstr("<!DOCTYPE html>"));
  EXPECT_EQ(page.find("<!--LAGGARD_DATA-->"), page.npos);
  EXPECT_LT(page.size(), 5'000'000u);
  // A run's own folder does too, and a page may be written again.
  EXPECT_EQ(run({"report", path("runs/a"), "--output", path("page.html")}), 0) << err();
}

TEST_F(ReportCommand, FiguresAreTheSameEachTime) {
  make_run();
  for (const char* folder : {"one", "two"})
    ASSERT_EQ(run({"report", path("runs"), "--figures", path(folder)}), 0) << err();
  for (const fs::directory_entry& file : fs::directory_iterator(path("one")))
    EXPECT_EQ(read_text(file.path()), read_text(path("two") / file.path().filename()))
        << file.path();
}

TEST_F(ReportCommand, FiguresCompareAtTheGapThatIsAskedFor) {
  ASSERT_EQ(run({"--data", "heart", "--workers", "4", "--target-gap", "1e-3", "--output",
                 path("runs/a"), "--quiet"}),
            0)
      << err();
  ASSERT_EQ(run({"report", path("runs"), "--gap", "0.03", "--figures", path("figures")}), 0);
  EXPECT_THAT(read_text(path("figures/cost_time_front.svg")), HasSubstr("to a gap of 0.03<"));
}

TEST_F(ReportCommand, BadInputIsOneLineAndLeavesNothing) {
  make_run();
  EXPECT_EQ(refused({}),
            "report: no folder given; expected DIR... -o FILE.html, DIR with runs in it");
  EXPECT_EQ(refused({path("runs")}),
            "report: nowhere to write to; expected DIR... -o FILE.html, or --figures DIR");
  EXPECT_EQ(refused({path("none"), "-o", path("page.html")}),
            "report: " + path("none") + ": no such folder; expected one with runs, from --output");
  fs::create_directories(path("empty/below"));
  EXPECT_EQ(
      refused({path("runs"), path("empty"), "-o", path("page.html")}),
      "report: " + path("empty") + ": holds no run (no run.json); expected a folder from --output");
  fs::create_directories(path("other"));
  write_text(path("other/run.json"), "{\"shoes\": 2}");
  EXPECT_EQ(
      refused({path("other"), "-o", path("page.html")}),
      "report: " + path("other/run.json") + ": no configuration; expected the run.json of a run");
  EXPECT_THAT(refused({path("runs"), "-o", path("nowhere/page.html")}),
              HasSubstr("report: -o: cannot write " + path("nowhere/page.html")));
  EXPECT_THAT(refused({path("runs"), "-o", path("page.html"), "--figures", path("other/run.json")}),
              HasSubstr("report: --figures: cannot create " + path("other/run.json")));
  EXPECT_THAT(refused({path("runs"), "-o", path("page.html"), "--gap", "0"}),
              "--gap: 0 is out of range; expected a number > 0");
  EXPECT_THAT(refused({path("runs"), "--titel", "x"}), HasSubstr("--title"));
  EXPECT_FALSE(fs::exists(path("page.html")));
}

}  // namespace
}  // namespace laggard
