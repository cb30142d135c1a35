// The program itself, as a process.
#include "tests/runner/program.hpp"

#include "tests/support/gunzip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>
#include <vector>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

TEST_F(Program, RunsAnExampleWithoutOptions) {
  EXPECT_EQ(run({}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("converged after "));
}

TEST_F(Program, ShowsNoLineOfMoreThanEightyColumns) {
  const std::string synthetic = "n=2000,d=50,density=0.1";
  const std::vector<std::vector<std::string>> commands = {
      {"--protocol", "async", "--tau", "4", "--workers", "256", "--synthetic", "n=5120,d=20"},
      {"--fleet", "threads", "--workers", "4", "--synthetic", synthetic},
      {"--data", "heart", "--target-gap", "1e-6", "--reading", "literal", "--max-rounds", "10"},
      {"--protocol", "partial_barrier", "--synthetic", synthetic},
      {"--protocol", "coded", "--redundancy", "3", "--synthetic", synthetic},
      {"--protocol", "coded", "--code", "cyclic", "--redundancy", "2", "--method", "fista",
       "--max-rounds", "10", "--synthetic", synthetic},
      {"--protocol", "backup", "--solver", "fista", "--stop", "paper", "--synthetic", synthetic}};
  for (const std::vector<std::string>& command : commands) {
    const int code = run(command);
    EXPECT_TRUE(code == 0 || code == 3) << err();
    std::istringstream lines(out());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
    EXPECT_THAT(out(), HasSubstr("\nprotocol   ")) << "piped, too";
  }
}

TEST_F(Program, WhatIsShownAndKeptChangesNoNumber) {
  const std::vector<std::string> base = {"--synthetic", "n=2000,d=50,density=0.1", "--max-rounds",
                                         "12", "--json"};
  std::vector<json::value> digests;
  for (const std::vector<std::string>& extra :
       std::vector<std::vector<std::string>>{{},
                                             {"--quiet"},
                                             {"--progress", "none"},
                                             {"--progress", "lines", "--output", path("run")}}) {
    std::vector<std::string> arguments = base;
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    EXPECT_EQ(run(arguments), 3) << err();
    digests.push_back(json::array{result().at("iterate_digest"), result().at("schedule_digest"),
                                  result().at("objective"), result().at("virtual_seconds")});
  }
  for (const json::value& each : digests) EXPECT_EQ(each, digests.front());
  // Every round and every task is there, thinned or not.
  const std::string iterations = read_text(path("run/iterations.csv"));
  EXPECT_EQ(std::count(iterations.begin(), iterations.end(), '\n'), 13);
  const std::string workers = gunzip(path("run/workers.csv.gz"));
  EXPECT_GE(std::count(workers.begin(), workers.end(), '\n'), 1 + 12 * 16);
}

TEST_F(Program, APrintedConfigurationRepeatsTheRun) {
  const std::vector<std::string> options = {
      "--synthetic", "n=2000,d=50,density=0.1", "--workers", "5", "--max-rounds", "7", "--json"};
  EXPECT_EQ(run(options), 3) << err();
  const json::value first = result().at("schedule_digest");
  std::vector<std::string> asked = options;
  asked.push_back("--print-config");
  EXPECT_EQ(run(asked), 0);
  write_text(path("config.json"), out());
  EXPECT_EQ(run({"--config", path("config.json")}), 3) << err();
  EXPECT_EQ(result().at("schedule_digest"), first);
}

// Every protocol's defaults fit every size.
TEST_F(Program, ASmallFleetRunsEveryProtocolByDefault) {
  for (const char* protocol : {"sync", "async", "partial_barrier", "coded", "backup"})
    for (const char* workers : {"1", "2", "3", "4", "5", "8"}) {
      EXPECT_EQ(run({"--data", "heart", "--protocol", protocol, "--workers", workers,
                     "--target-gap", "1e-3", "--json"}),
                0)
          << protocol << ' ' << workers << err();
      EXPECT_EQ(
          run({"--synthetic", "n=200,d=9,density=0.5", "--protocol", protocol, "--workers", workers,
               "--fleet", "threads", "--stop", "none", "--max-tasks", "60", "--json"}),
          3)
          << protocol << ' ' << workers << err();
      EXPECT_EQ(result().at("stop_reason"), "max_tasks");
    }
  for (const char* workers : {"1", "2", "3", "5"})
    EXPECT_EQ(run({"--protocol", "coded", "--code", "cyclic", "--method", "fista", "--workers",
                   workers, "--max-rounds", "3"}),
              3)
        << workers << err();
}

TEST_F(Program, FindsABundledDataSetByItsName) {
  std::vector<json::value> digests;
  for (const std::string data : {"heart", LAGGARD_DATA_DIR "/heart.svm.gz"}) {
    EXPECT_EQ(run({"--data", data, "--max-rounds", "2", "--json"}), 3) << err();
    digests.push_back(result().at("iterate_digest"));
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(run({"--data", "herat"}), 2);
  EXPECT_THAT(err(), HasSubstr("herat"));
}

TEST_F(Program, BadInputIsOneLineAndLeavesNothing) {
  EXPECT_EQ(run({"--data", path("missing.svm"), "--output", path("run")}), 2);
  const std::string message = err();
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 1) << message;
  EXPECT_THAT(message, HasSubstr("missing.svm"));
  EXPECT_EQ(out(), "");
  EXPECT_EQ(run({"--synthetic", "n=8", "--output", path("run")}), 2);
  EXPECT_THAT(err(), HasSubstr("more shards than samples"));
  EXPECT_EQ(run({"--straggler", "lamda", "--output", path("run")}), 2);
  EXPECT_FALSE(fs::exists(path("run")));
}

TEST_F(Program, AnInterruptEndsTheRunInOrder) {
  const pid_t child = start_endless();
  ASSERT_EQ(::kill(child, SIGINT), 0);
  EXPECT_EQ(wait(child), 130) << err();
  EXPECT_THAT(out(), HasSubstr("interrupted after "));
  const json::value run_json = json::parse(read_text(path("run/run.json")));
  EXPECT_EQ(run_json.at("stop_reason").as_string(), "interrupted");
  const std::string iterations = read_text(path("run/iterations.csv"));
  EXPECT_EQ(std::count(iterations.begin(), iterations.end(), '\n'),
            run_json.at("rounds").as_int64() + 1);
  EXPECT_FALSE(fs::exists(path("run/iterations.csv.part")));
}

TEST_F(Program, ADirectoryInUseIsRefusedAndFreeAgainAfterAKill) {
  const pid_t child = start_endless();
  EXPECT_EQ(run({"--max-rounds", "1", "--output", path("run")}), 2);
  EXPECT_THAT(err(), HasSubstr("in use by process " + std::to_string(child)));
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  EXPECT_EQ(wait(child), -SIGKILL);
  EXPECT_THAT(read_text(path("run/iterations.csv.part")), HasSubstr("\n2,"));
  EXPECT_THAT(gunzip(path("run/workers.csv.gz.part")), HasSubstr(",accepted\n"));
  EXPECT_EQ(run({"--max-rounds", "1", "--output", path("run")}), 3) << err();
  EXPECT_TRUE(fs::exists(path("run/run.json")));
}

}  // namespace
}  // namespace laggard
