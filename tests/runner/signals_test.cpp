// How the program ends when it is told to, or when nobody reads it any more.
#include "tests/runner/program.hpp"
#include "tests/runner/scripted_run.hpp"

#include <gmock/gmock.h>

#include <array>
#include <sstream>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

class Signals : public Program {
 protected:
  // stdout is a pipe whose reader has gone.
  int run_unread(std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    ::close(ends[0]);
    return run_to(ends[1], std::move(arguments));
  }
  // stdout is a file on a full disk.
  int run_full(std::vector<std::string> arguments) {
    return run_to(::open("/dev/full", O_WRONLY | O_CLOEXEC), std::move(arguments));
  }
  json::value record() const { return json::parse(read_text(path("run/run.json"))); }

  std::vector<std::string> kept_run(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {
        "--synthetic", "n=200,d=5,density=1", "--workers",    "2",  "--stop", "none", "--output",
        path("run"),   "--overwrite",         "--max-rounds", "300"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

 private:
  int run_to(int out, std::vector<std::string> arguments) {
    const int code = wait(start(std::move(arguments), out));
    ::close(out);
    return code;
  }
};

// The line of /proc/PID/status that names what a process does with signals.
unsigned long signals_of(pid_t process, const std::string& name) {
  std::istringstream lines(read_text("/proc/" + std::to_string(process) + "/status"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + ":")) return std::stoul(line.substr(name.size() + 1), nullptr, 16);
  ADD_FAILURE() << "no " << name;
  return 0;
}

TEST_F(Signals, AClosedTerminalEndsTheRunInOrder) {
  const pid_t child = start_endless();
  ::kill(child, SIGHUP);
  ::kill(child, SIGHUP);  // the shell has told it, and so does the system
  EXPECT_EQ(wait(child), 130) << err();
  EXPECT_THAT(out(), HasSubstr("interrupted after "));
  EXPECT_EQ(record().at("status").as_string(), "interrupted");
  const std::string rows = read_text(path("run/iterations.csv"));
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), record().at("rounds").as_int64() + 1);
}

TEST_F(Signals, ARunThatIsToOutliveItsTerminalDoes) {
  const auto before = std::signal(SIGHUP, SIG_IGN);  // what nohup does
  const pid_t child = start_endless();
  std::signal(SIGHUP, before);
  EXPECT_EQ(signals_of(child, "SigIgn") & 1, 1U);
  EXPECT_EQ(signals_of(child, "SigCgt") & 1, 0U);
  ::kill(child, SIGTERM);
  EXPECT_EQ(wait(child), 130) << err();
}

TEST_F(Signals, AReaderThatGoesDoesNotEndARunThatIsKept) {
  for (const std::vector<std::string>& how : {std::vector<std::string>{}, {"--json", "--quiet"}}) {
    EXPECT_EQ(run_unread(kept_run(how)), 3);
    EXPECT_EQ(err(), "");
    EXPECT_EQ(record().at("status").as_string(), "finished");
    EXPECT_EQ(record().at("rounds").as_int64(), 300);
    fs::remove_all(path("run"));
  }
  EXPECT_EQ(run_unread({"--max-rounds", "5"}), -SIGPIPE) << "nobody would have anything of it";
}

TEST_F(Signals, AReaderThatGoesDoesNotEndAMatrix) {
  write_text(path("m.json"),
             R"({"base": {"synthetic": "n=60,d=5,density=0.5", "stop": "none", "max-rounds": 4},
                 "repeat": {"seed": [1, 2, 3]}})");
  EXPECT_EQ(run_unread({"matrix", path("m.json"), "run", "--output", path("kept")}), 0);
  EXPECT_EQ(err(), "");
  EXPECT_EQ(run({"matrix", path("m.json"), "status", "--output", path("kept")}), 0);
  EXPECT_EQ(out(), "m: 3 cells: 3 done, 0 failed, 0 to do\n");
}

TEST_F(Signals, AFullStandardOutputIsToldAndTheRunIsKept) {
  for (const std::vector<std::string>& how : {std::vector<std::string>{}, {"--json", "--quiet"}}) {
    EXPECT_EQ(run_full(kept_run(how)), 6);
    EXPECT_EQ(err(), "runner: cannot write to standard output\n");
    EXPECT_EQ(record().at("status").as_string(), "finished");
    fs::remove_all(path("run"));
  }
  EXPECT_EQ(run_full({"protocols"}), 6);
}

TEST_F(Signals, PackShardsLeavesNothingWhenItIsInterrupted) {
  const std::vector<std::string> words = {"pack-shards", path("shards.bin"), "--synthetic",
                                          "n=60,d=5,density=0.5"};
  const auto printed = call(words, execute, {}, true);
  EXPECT_EQ(printed.code, 130);
  EXPECT_EQ(printed.err, "runner: interrupted\n");
  EXPECT_EQ(printed.out, "");
  EXPECT_FALSE(fs::exists(path("shards.bin")));
  EXPECT_FALSE(fs::exists(path("shards.bin.part")));
  EXPECT_EQ(call(words, execute).code, 0);
  EXPECT_TRUE(fs::exists(path("shards.bin")));
}

}  // namespace
}  // namespace laggard
