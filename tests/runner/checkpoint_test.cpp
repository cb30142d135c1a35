// A coordinator that dies, and one that goes on.
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace laggard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

using Arguments = std::vector<std::string>;

Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Arguments kProblem = {"--synthetic", "n=4000,d=60,density=0.1",
                            "--workers",   "4",
                            "--stop",      "none",
                            "--straggler", "none",
                            "--json",      "--quiet"};

class Crash : public Program {
 protected:
  std::string digest() const { return std::string(result().at("iterate_digest").as_string()); }

  // Kills the program in mid-run, once it has kept a checkpoint.
  void run_and_kill(const Arguments& arguments, const std::string& directory) {
    const pid_t child = start(
        arguments + Arguments{"--max-rounds", "1e9", "--checkpoint", directory, "--every", "3"});
    while (!fs::exists(directory + "/checkpoint")) {
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, WNOHANG), 0) << "it ended by itself: " << err();
      std::this_thread::yield();
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(wait(child), -SIGKILL);
  }

  int round_of(const std::string& directory) {
    const Arguments look = {"--resume", directory, "--max-rounds", "1"};
    EXPECT_EQ(run(kProblem + protocol_ + look), 3) << err();
    return static_cast<int>(result().at("rounds").as_int64());
  }

  Arguments protocol_;
};

TEST_F(Crash, TheNextRunEndsWhereTheUndisturbedOneDoes) {
  for (const char* protocol : {"sync", "coded"}) {
    for (const auto& [first, second] :
         {std::pair{"sim", "threads"}, {"threads", "sim"}, {"threads", "threads"}}) {
      SCOPED_TRACE(std::string(protocol) + " on " + first + ", then on " + second);
      protocol_ = {"--protocol", protocol};
      const std::string directory = path(std::string("ck-") + protocol + first + second);
      run_and_kill(kProblem + protocol_ + Arguments{"--fleet", first}, directory);
      const int round = round_of(directory);
      EXPECT_EQ(round % 3, 0);
      const Arguments rounds = {"--max-rounds", std::to_string(round + 10)};
      ASSERT_EQ(run(kProblem + protocol_ + rounds), 3) << err();
      const std::string undisturbed = digest();
      ASSERT_EQ(run(kProblem + protocol_ + rounds +
                    Arguments{"--fleet", second, "--resume", directory, "--output", path("run"),
                              "--overwrite"}),
                3)
          << err();
      EXPECT_EQ(digest(), undisturbed);
      EXPECT_THAT(read_text(path("run/iterations.csv")),
                  HasSubstr("\n" + std::to_string(round + 1) + ","));
      const auto run = boost::json::parse(read_text(path("run/run.json")));
      EXPECT_EQ(run.at("resumed_round").as_int64(), round);
    }
  }
}

TEST_F(Crash, OtherOptionsAreRefusedByNameAndLimitsAreNot) {
  const std::string directory = path("ck");
  const Arguments kept = kProblem + Arguments{"--max-rounds", "4"};
  ASSERT_EQ(run(kept + Arguments{"--checkpoint", directory}), 3) << err();
  const Arguments resumed = kept + Arguments{"--resume", directory};
  const std::vector<std::pair<Arguments, const char*>> refused = {
      {{"--rho", "2"}, "--rho auto; expected the same, not 2"},
      {{"--protocol", "async"}, "--protocol sync"},
      {{"--loss", "squared"}, "--loss \"logistic\""},
      {{"--method", "linearized_admm"}, "--method \"admm\""},
      {{"--newton-steps", "2"}, "--newton-steps 3"},
      {{"--workers", "5"}, "--shards 4; expected the same, not 5"},
      {{"--synthetic", "n=4000,d=60,density=0.1,seed=2"}, "--synthetic"}};
  for (const auto& [arguments, message] : refused) {
    EXPECT_EQ(run(resumed + arguments), 2) << message;
    EXPECT_THAT(err(), HasSubstr(message));
    EXPECT_THAT(err(), HasSubstr(directory + "/checkpoint"));
  }
  const std::vector<Arguments> allowed = {{"--seed", "9"},
                                          {"--time-limit", "100"},
                                          {"--straggler", "lambda"},
                                          {"--stop", "boyd"},
                                          {"--workers", "2", "--shards", "4"},
                                          {"--fleet", "threads"}};
  for (const Arguments& arguments : allowed) EXPECT_EQ(run(resumed + arguments), 3) << err();
}

TEST_F(Crash, ACheckpointIsNotOverwrittenByAnotherRun) {
  const std::string directory = path("ck");
  const Arguments kept = kProblem + Arguments{"--max-rounds", "4", "--checkpoint", directory};
  ASSERT_EQ(run(kept), 3) << err();
  EXPECT_EQ(run(kept), 2);
  EXPECT_THAT(err(), HasSubstr("holds a checkpoint"));
  EXPECT_EQ(run(kept + Arguments{"--resume", directory, "--max-rounds", "8"}), 3) << err();
  EXPECT_EQ(round_of(directory), 8);
  EXPECT_EQ(run(kept + Arguments{"--overwrite"}), 3) << err();
  EXPECT_EQ(round_of(directory), 4);
}

TEST_F(Crash, ADamagedCheckpointIsRefusedByName) {
  fs::create_directory(path("ck"));
  write_text(path("ck/checkpoint"), "LAGGCKPTnonsense");
  EXPECT_EQ(run(kProblem + Arguments{"--resume", path("ck")}), 2);
  EXPECT_THAT(err(), HasSubstr(path("ck/checkpoint") + " is damaged"));
  EXPECT_EQ(run(kProblem + Arguments{"--resume", path("nowhere")}), 2);
  EXPECT_THAT(err(), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace laggard
