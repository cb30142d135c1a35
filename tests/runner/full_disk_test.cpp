// Where files cannot be written any more.
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

namespace laggard {
namespace {

using testing::HasSubstr;

class FullDisk : public Program {
 protected:
  // A run of 4000 rounds in which no file gets larger than so many bytes: as on a full disk, but
  // for the words of the error.
  int run_with_room(rlim_t bytes, std::vector<std::string> options,
                    const std::string& data = "n=200,d=5,density=1") {
    std::vector<std::string> arguments{"--synthetic", data,   "--workers",    "2",
                                       "--stop",      "none", "--max-rounds", "4000"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return with_room(bytes, std::move(arguments));
  }
  int with_room(rlim_t bytes, std::vector<std::string> arguments) {
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);  // the programs it starts inherit it
    const rlimit less{bytes, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &less);
    const int code = run(std::move(arguments));
    ::setrlimit(RLIMIT_FSIZE, &before);
    return code;
  }
};

TEST_F(FullDisk, EndsARunAndIsToldWhenItComes) {
  EXPECT_EQ(run_with_room(80'000, {"--output", path("run"), "--json"}), 6);
  EXPECT_THAT(err(), HasSubstr("the run ends; see --on-full-disk"));
  EXPECT_THAT(err(), HasSubstr("runner: --output: cannot write "));
  const auto ended = result();
  EXPECT_EQ(ended.at("stop_reason"), "interrupted");
  EXPECT_LT(ended.at("rounds").as_int64(), 4000);
  const auto kept = boost::json::parse(read_text(path("run/run.json")));
  EXPECT_EQ(kept.at("status"), "failed");
  EXPECT_EQ(kept.at("exit_code"), 6);
  EXPECT_THAT(std::string(kept.at("error").as_string()), HasSubstr("--output: cannot write "));
}

TEST_F(FullDisk, DoesNotEndARunThatIsToGoOn) {
  EXPECT_EQ(run_with_room(80'000, {"--output", path("run"), "--json", "--on-full-disk", "go-on"}),
            6);
  EXPECT_THAT(err(), HasSubstr("the run goes on without its files"));
  EXPECT_EQ(result().at("rounds").as_int64(), 4000);
}

TEST_F(FullDisk, IsToldOfResultsAndOfCheckpointsBoth) {
  const std::vector<std::string> both{"--output", path("run"), "--checkpoint", path("kept"),
                                      "--every",  "1",         "--json"};
  EXPECT_EQ(run_with_room(20'000, both, "n=200,d=5000,density=0.01"), 6);
  EXPECT_THAT(err(), HasSubstr("runner: --output: cannot write "));
  EXPECT_THAT(err(), HasSubstr("runner: --checkpoint: cannot write "));
}

TEST_F(FullDisk, EndsAMatrixWithItsSummary) {
  const std::string matrix =
      R"({"base": {"synthetic": "n=60,d=5", "max-rounds": 4}, "repeat": {"seed": [1, 2]}})";
  write_text(path("m.json"), matrix);  // small enough; what is written of a failed cell is not
  EXPECT_EQ(
      with_room(150, {"matrix", path("m.json"), "run", "--jobs", "1", "--output", path("kept")}),
      6);
  EXPECT_THAT(err(), HasSubstr("runner: matrix: cannot write " + path("kept/cells/")));
  EXPECT_EQ(out(), path("kept") + ": 2 cells: 0 done, 0 failed, 2 to do (1 interrupted)\n");
}

TEST_F(FullDisk, IsNoWrongInputOfOtherCommands) {
  ASSERT_EQ(run({"--synthetic", "n=60,d=5", "--max-rounds", "4", "--output", path("run")}), 3);
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"export", path("run"), "-o", path("tables")},
           {"export", path("run"), "-o", path("all.npz")},
           {"report", path("run"), "-o", path("report.html")},
           {"pack-shards", path("shards.bin"), "--synthetic", "n=60,d=5"},
           {"new-protocol", "mine", "--output", path("plugins")},
           {"new-method", "mine", "--output", path("plugins")}}) {
    EXPECT_EQ(with_room(200, command), 6) << command.front();
    EXPECT_THAT(err(), HasSubstr(": File too large\n")) << command.front();
  }
  EXPECT_TRUE(std::filesystem::is_empty(path("plugins"))) << "no half of a folder";
}

}  // namespace
}  // namespace laggard
