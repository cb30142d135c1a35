// --fleet local: real worker processes behind the embedded Lambda endpoint.
#include "tests/process_fleets/processes.hpp"

#include <sys/resource.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <ostream>

namespace laggard {
namespace {

using ::testing::HasSubstr;

struct ProtocolOfProcesses {
  Arguments options;
  // What eight workers cannot end without; a run may be over before the others have dialled in.
  int fewest_starts;
};
const std::vector<ProtocolOfProcesses> kProtocols = {
    {{"--protocol", "sync"}, 8},
    {{"--protocol", "async", "--tau", "4", "--min-arrivals", "4"}, 8},
    {{"--protocol", "partial_barrier", "--drop", "2"}, 6},
    {{"--protocol", "coded"}, 4},
    {{"--protocol", "backup", "--backup-after", "1.5"}, 1},
    {{"--protocol", "multi_message", "--redundancy", "2"}, 6}};

TEST_F(ProcessFleets, EveryProtocolReachesTheOptimum) {
  for (const auto& [protocol, fewest_starts] : kProtocols) {
    SCOPED_TRACE(protocol[1]);
    const auto result =
        run_json(protocol + Arguments{"--fleet", "local", "--workers", "8", "--data", kHeart,
                                      "--target-gap", "1e-6", "--max-rounds", "20000"},
                 0);
    ASSERT_FALSE(result.empty());
    EXPECT_LE(result.at("gap").to_number<double>(), 1e-6);
    EXPECT_GE(lives(result, "starts"), fewest_starts);
    EXPECT_LE(lives(result, "starts"), 8);
    EXPECT_EQ(lives(result, "losses"), 0);
  }
}

TEST_F(ProcessFleets, SixtyFourProcessesSolveA9a) {
  const std::string a9a = std::string(LAGGARD_DATA_DIR) + "/a9a.svm.gz";
  const Arguments problem = {"--workers",      "64",   "--data",       a9a,
                             "--target-gap",   "1e-6", "--max-rounds", "20000",
                             "--cg-tolerance", "1e-3", "--straggler",  "none"};
  for (const auto& [protocol, fewest_starts] : kProtocols) {
    const auto result = run_json(protocol + problem + Arguments{"--fleet", "local"}, 0);
    ASSERT_FALSE(result.empty()) << protocol[1];
    EXPECT_LE(result.at("gap").to_number<double>(), 1e-6) << protocol[1];
    if (protocol[1] != "sync") continue;
    EXPECT_EQ(digest(result), digest(run_json(problem + Arguments{"--fleet", "sim"}, 0)));
    EXPECT_EQ(digest(result), digest(run_json(problem + Arguments{"--fleet", "threads"}, 0)));
  }
}

// Every way for a worker to get its rows, every method and half the bytes: the same bits as the
// simulator.
TEST_F(ProcessFleets, IteratesAreThoseOfTheSimulatorBitForBit) {
  const Arguments files = {"--data", kHeart, "--sharding", "shuffle"};
  const Arguments synthetic = {"--synthetic", "n=600,d=40,density=0.2"};
  const std::vector<Arguments> variants = {
      files,
      synthetic,
      synthetic + Arguments{"--sharding", "round_robin"},
      synthetic + Arguments{"--shard-source", "coordinator"},
      synthetic + Arguments{"--wire", "f32"},
      synthetic + Arguments{"--relaxation", "1.6"},
      synthetic + Arguments{"--solver", "fista"},
      synthetic + Arguments{"--method", "linearized_admm"},
      synthetic + Arguments{"--method", "fista"},
      synthetic + Arguments{"--method", "agd", "--regularizer", "l2:1"},
      synthetic + Arguments{"--method", "gd", "--regularizer", "l2:1"},
      synthetic + Arguments{"--method", "nesterov", "--regularizer", "l2:1"},
      files + Arguments{"--method", "fedavg", "--regularizer", "l2:1"},
      files + Arguments{"--method", "sgd", "--loss", "hinge", "--batch", "16"},
      synthetic + Arguments{"--method", "local_sgd", "--regularizer", "l2:1", "--batch", "16",
                            "--average-every", "2", "--validation", "0.2"},
      files + Arguments{"--protocol", "coded", "--redundancy", "1"},
      files + Arguments{"--protocol", "gossip", "--regularizer", "l2:1"},
      files + Arguments{"--protocol", "gossip", "--regularizer", "l2:1", "--graph", "complete",
                        "--order", "dpsgd", "--wire", "f32"},
      synthetic + Arguments{"--protocol", "coded", "--method", "fista"},
      files + Arguments{"--protocol", "backup", "--backup-after", "1", "--max-backups", "3"},
      synthetic + Arguments{"--protocol", "multi_message", "--redundancy", "2"},
      files + Arguments{"--protocol", "multi_message", "--method", "fista"},
      synthetic + Arguments{"--protocol", "sequential", "--code", "multiplexed", "--lam", "4",
                            "--method", "fista"},
      files + Arguments{"--protocol", "sequential", "--code", "multiplexed", "--lam", "4",
                        "--window", "3", "--method", "linearized_admm", "--stale", "yes"},
      files + Arguments{"--protocol", "sequential", "--mu", "1e9", "--method", "sgd"},
      synthetic + Arguments{"--shards", "9"},
      synthetic + Arguments{"--transport", "plain"},
      synthetic + Arguments{"--reading", "lambdaml"},
      files + Arguments{"--method", "kmeans"},
      synthetic + Arguments{"--method", "kmeans", "--sharding", "shuffle", "--clusters", "12"}};
  for (const Arguments& variant : variants) {
    const bool is_kmeans = std::find(variant.begin(), variant.end(), "kmeans") != variant.end();
    const Arguments all =
        variant + (is_kmeans ? Arguments{"--threshold", "0"} : Arguments{"--stop", "none"}) +
        Arguments{"--workers", "4", "--max-rounds", "40"};
    const auto local = run_json(all + Arguments{"--fleet", "local"}, 3);
    const auto sim = run_json(all + Arguments{"--fleet", "sim"}, 3);
    EXPECT_EQ(digest(local), digest(sim)) << ::testing::PrintToString(variant);
  }
}

TEST_F(ProcessFleets, WorkersReadTheirShardsFromAFile) {
  const Arguments problem = {"--data", kHeart, "--workers",    "4",
                             "--stop", "none", "--max-rounds", "20"};
  ASSERT_EQ(run(Arguments{"pack-shards", path("shards.bin")} + problem), 0) << err();
  const auto local =
      run_json(problem + Arguments{"--fleet", "local", "--shard-source", path("shards.bin")}, 3);
  EXPECT_EQ(digest(local), digest(run_json(problem, 3)));
  // One bit of the last shard flipped: told, not computed with.
  {
    std::fstream file(path("shards.bin"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-3, std::ios::end);
    file.put('\x7f');
  }
  EXPECT_EQ(run(problem + Arguments{"--fleet", "local", "--shard-source", path("shards.bin")}), 4);
  EXPECT_THAT(err() + out(), HasSubstr("SHA-256"));
}

// The same workers under AWS's own emulator of the Runtime API, one each behind the endpoint's
// front.
TEST_F(ProcessFleets, EightEmulatorsSolveTheProblem) {
  std::string emulator = std::getenv("LAGGARD_RIE") ? std::getenv("LAGGARD_RIE") : "";
  std::stringstream directories(std::getenv("PATH"));
  for (std::string directory; emulator.empty() && std::getline(directories, directory, ':');)
    if (std::filesystem::exists(directory + "/aws-lambda-rie"))
      emulator = directory + "/aws-lambda-rie";
  if (emulator.empty())
    GTEST_SKIP() << "aws-lambda-rie is neither on PATH nor named by LAGGARD_RIE";
  const auto result = run_json({"--fleet", "local", "--emulator", emulator, "--workers", "8",
                                "--data", kHeart, "--target-gap", "1e-6", "--max-rounds", "20000"},
                               0);
  ASSERT_FALSE(result.empty());
  EXPECT_LE(result.at("gap").to_number<double>(), 1e-6);
  EXPECT_EQ(lives(result, "starts"), 8);
}

TEST_F(ProcessFleets, ARecordedTraceIsMetAgainByProcesses) {
  const Arguments all = {"--workers", "4",    "--data",       kHeart,
                         "--stop",    "none", "--max-rounds", "10"};
  ASSERT_EQ(run(all + Arguments{"--straggler", "fixed:0.01,0.03", "--output", path("recorded"),
                                "--quiet"}),
            3)
      << err();
  const auto again = run_json(all + Arguments{"--fleet", "local", "--straggler",
                                              "trace:" + path("recorded/workers.csv.gz")},
                              3);
  EXPECT_GE(again.at("compute_seconds").to_number<double>(), 10 * (2 * 0.01 + 2 * 0.03));
}

TEST_F(ProcessFleets, StragglersReallyWait) {
  const auto result =
      run_json({"--fleet", "local", "--workers", "4", "--data", kHeart, "--stop", "none",
                "--max-rounds", "10", "--straggler", "fixed:0.02,0.02,0.02,0.1"},
               3);
  EXPECT_GE(result.at("virtual_seconds").to_number<double>(), 1.0);
}

// The time of a task is worker time, the wait between rounds idle time, and both are the worker's
// word.
TEST_F(ProcessFleets, TimesAreThoseOfTheWorkers) {
  ASSERT_EQ(
      run({"--fleet", "local", "--workers", "2", "--data", kHeart, "--stop", "none", "--max-rounds",
           "10", "--straggler", "fixed:0.02,0.1", "--output", path("run"), "--quiet"}),
      3)
      << err();
  const auto rows = table("run/per_worker.csv");
  ASSERT_EQ(rows.size(), 2u);
  // Waking up may take long on a loaded machine, never less than it should: no bounds from above.
  using ::testing::Ge;
  EXPECT_THAT(std::stod(rows[0].at("compute")), Ge(0.02));
  EXPECT_THAT(std::stod(rows[1].at("compute")), Ge(0.1));
  EXPECT_THAT(std::stod(rows[0].at("idle")), Ge(0.04));
}

Arguments steady(int rounds) {
  return {"--workers",   "16",        "--data",       kHeart,
          "--stop",      "none",      "--max-rounds", std::to_string(rounds),
          "--straggler", "fixed:0.05"};
}

// [LAGGARD_LONG: 20 s and two minutes] A function that lives five seconds, in a run of thirty.
TEST_F(ProcessFleets, HandOversDisturbNothing) {
  const Arguments run_of = steady(is_long() ? 2400 : 580);
  const auto result = run_json(run_of + Arguments{"--fleet", "local", "--function-timeout",
                                                  is_long() ? "20" : "5", "--output", path("run")},
                               3);
  EXPECT_EQ(digest(result), digest(run_json(run_of, 3)));
  EXPECT_EQ(lives(result, "losses"), 0);
  EXPECT_EQ(result.at("tasks_wasted").as_int64(), 0);
  const auto rows = table("run/per_worker.csv");
  ASSERT_EQ(rows.size(), 16u);
  for (const auto& row : rows) EXPECT_GE(std::stoi(row.at("hand_overs")), 4) << row.at("worker");
}

// Tasks that take a tenth of the function's life: none is begun that its end would cut off.
TEST_F(ProcessFleets, LongTasksAreHandedOverInTime) {
  const Arguments all = {"--workers", "4",    "--data",       kHeart,
                         "--stop",    "none", "--max-rounds", "24"};
  const auto result = run_json(
      all + Arguments{"--fleet", "local", "--function-timeout", "3", "--straggler", "fixed:0.3"},
      3);
  EXPECT_GE(lives(result, "hand_overs"), 8);
  EXPECT_EQ(lives(result, "losses"), 0);
  EXPECT_EQ(digest(result), digest(run_json(all, 3)));
}

// [LAGGARD_LONG: 20 s and two minutes] Everything goes wrong.
TEST_F(ProcessFleets, FaultsDoNotReachTheIterates) {
  const Arguments run_of = steady(is_long() ? 2400 : 500);
  const int port = free_port();
  const auto result = run_json(
      run_of +
          Arguments{"--fleet", "local", "--function-timeout", is_long() ? "20" : "5", "--listen",
                    "127.0.0.1:" + std::to_string(port), "--faults",
                    "kill_every_seconds=1,drop=0.1,duplicate=0.2,throttle=0.1,ghost=0.1,seed=3"},
      3);
  EXPECT_EQ(digest(result), digest(run_json(run_of, 3)));
  EXPECT_GE(lives(result, "losses"), 10);
  EXPECT_FALSE(is_listened_on(port));
  EXPECT_FALSE(has_children());
}

TEST_F(ProcessFleets, SlowStartsCrashesStallsAndErrorsOfTheServiceTheSame) {
  const Arguments run_of = steady(100);
  const auto result = run_json(
      run_of +
          Arguments{
              "--fleet", "local", "--faults",
              "slow_start=0.3,slow_start_seconds=0.5,crash=0.1,kill=0.1,stall=0.1,server_error=0.2,"
              "seed=5"},
      3);
  EXPECT_EQ(digest(result), digest(run_json(run_of, 3)));
}

TEST_F(ProcessFleets, AnInterruptedRunLeavesNoProcess) {
  const int port = free_port();
  const pid_t child = start({"--fleet", "local", "--workers", "8", "--data", kHeart, "--stop",
                             "none", "--max-rounds", "1e9", "--listen",
                             "127.0.0.1:" + std::to_string(port), "--output", path("run")});
  while (read_text(path("run/iterations.csv.part")).find("\n2,") == std::string::npos)
    std::this_thread::yield();
  ::kill(child, SIGINT);
  EXPECT_EQ(wait(child), 130);
  EXPECT_FALSE(has_children());
  EXPECT_FALSE(is_listened_on(port));
}

TEST_F(ProcessFleets, AnInterruptedPreparationEndsAtOnce) {
  boost::asio::io_context loop;
  boost::asio::ip::tcp::acceptor silent(loop, {boost::asio::ip::address_v4::loopback(), 0});
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
    ::setenv(name, "of-the-test", 1);
  const pid_t child =
      start({"--fleet", "lambda", "--function", "f", "--region", "eu-west-1", "--endpoint",
             "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()), "--data", kHeart,
             "--output", path("run")});
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}) ::unsetenv(name);
  const auto asked = silent.accept();
  const auto begin = std::chrono::steady_clock::now();
  ::kill(child, SIGINT);
  EXPECT_EQ(wait(child), 130);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_FALSE(std::filesystem::exists(path("run")));
}

TEST_F(ProcessFleets, TheEndpointTellsWhatItDoesInItsLog) {
  run_json({"--fleet", "local", "--workers", "2", "--data", kHeart, "--stop", "none",
            "--max-rounds", "3", "--endpoint-log", path("log")},
           3);
  EXPECT_THAT(read_text(path("log")),
              ::testing::AllOf(HasSubstr("] started process"), HasSubstr("invocation 2"),
                               HasSubstr("/invocations 200")));
}

TEST_F(ProcessFleets, AKilledRunnerTakesItsWorkersWithIt) {
  const pid_t child = start({"--fleet", "local", "--workers", "8", "--data", kHeart, "--stop",
                             "none", "--max-rounds", "1e9", "--output", path("run")});
  while (read_text(path("run/iterations.csv.part")).find("\n2,") == std::string::npos)
    std::this_thread::yield();
  ::kill(child, SIGKILL);
  EXPECT_EQ(wait(child), -SIGKILL);  // the destructor sees to the rest
}

TEST_F(ProcessFleets, AKilledRunGoesOnFromItsCheckpointBitForBit) {
  for (const char* protocol : {"sync", "coded"}) {
    const std::string kept = path(std::string("kept_") + protocol),
                      rows = std::string("run_") + protocol;
    const Arguments all = {"--protocol",   protocol, "--workers",   "4",
                           "--data",       kHeart,   "--stop",      "none",
                           "--max-rounds", "60",     "--straggler", "fixed:0.01"};
    const pid_t child = start(all + Arguments{"--fleet", "local", "--checkpoint", kept, "--every",
                                              "5", "--output", path(rows)});
    while (read_text(path(rows + "/iterations.csv.part")).find("\n2") == std::string::npos ||
           !std::filesystem::exists(kept + "/checkpoint"))
      std::this_thread::yield();
    ::kill(child, SIGKILL);
    wait(child);
    const auto resumed = run_json(all + Arguments{"--fleet", "local", "--resume", kept, "--output",
                                                  path("again"), "--overwrite"},
                                  3);
    const auto record = boost::json::parse(read_text(path("again/run.json"))).as_object();
    EXPECT_GT(record.at("resumed_round").as_int64(), 0);
    EXPECT_EQ(digest(resumed), digest(run_json(all, 3))) << protocol;
  }
}

TEST_F(ProcessFleets, ARunEndsBeforeItSpendsMore) {
  const auto result = run_json({"--fleet", "local", "--workers", "4", "--data", kHeart, "--stop",
                                "none", "--max-rounds", "1e9", "--max-usd", "0.0018"},
                               3);
  EXPECT_EQ(result.at("stop_reason").as_string(), "budget");
  EXPECT_GT(result.at("rounds").as_int64(), 0);
  const auto cost = result.at("cost").as_object();
  EXPECT_LE(cost.at("dollars").to_number<double>(), 0.0018);
  EXPECT_EQ(cost.at("unbilled_invocations").as_int64(), 0);
}

TEST_F(ProcessFleets, WhatWasRefusedCostsNothingAndIsTold) {
  EXPECT_EQ(run({"--fleet", "local", "--workers", "2", "--data", kHeart, "--faults", "throttle=1",
                 "--time-limit", "4", "--json"}),
            3);
  EXPECT_NE(err().find("notice: worker "), std::string::npos) << err();
  EXPECT_NE(err().find("429"), std::string::npos) << err();
  const auto cost = result().as_object().at("cost").as_object();
  for (const char* key : {"requests", "estimated_gb_seconds", "unbilled_gb_seconds", "dollars"})
    EXPECT_EQ(cost.at(key).to_number<double>(), 0) << key;
}

// Whatever a run tells or leaves, its tokens and keys are not in it.
TEST_F(ProcessFleets, NoSecretIsToldAndNoCoreIsLeft) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_CORE, &before), 0);
  const rlimit allowed{before.rlim_max, before.rlim_max};
  if (allowed.rlim_max == 0) GTEST_SKIP() << "core files are forbidden here already";
  ASSERT_EQ(::setrlimit(RLIMIT_CORE, &allowed), 0);
  const pid_t child =
      start({"--fleet", "local", "--workers", "2", "--data", kHeart, "--stop", "none",
             "--max-rounds", "1e9", "--output", path("run"), "--endpoint-log", path("log")});
  ::setrlimit(RLIMIT_CORE, &before);
  while (read_text(path("run/iterations.csv.part")).find("\n2,") == std::string::npos)
    std::this_thread::yield();
  int workers = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    const std::string arguments = read_text("/proc/" + pid + "/cmdline");
    if (arguments.find("laggard-worker") == std::string::npos) continue;
    if (read_text("/proc/" + pid + "/status").find("\nPPid:\t" + std::to_string(child) + "\n") ==
        std::string::npos)
      continue;
    ++workers;
    EXPECT_EQ(arguments.find_first_of("0123456789abcdef", arguments.find("laggard-worker") + 15),
              std::string::npos)
        << arguments;
    EXPECT_THAT(read_text("/proc/" + pid + "/limits"),
                ::testing::ContainsRegex("Max core file size +0 +0"));
  }
  EXPECT_EQ(workers, 2);
  EXPECT_THAT(read_text("/proc/" + std::to_string(child) + "/limits"),
              ::testing::ContainsRegex("Max core file size +0 "));
  ::kill(child, SIGINT);
  wait(child);
  std::string told = out() + err() + read_text(path("log"));
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path("run")))
    if (entry.is_regular_file()) told += read_text(entry.path().string()), ++files;
  EXPECT_GE(files, 4);
  // A token or the run's pin has 64 hexadecimal digits, the key of the endpoint 40. The checksum of
  // the data and the revision of the source are the two things that may.
  const auto record = boost::json::parse(read_text(path("run/run.json"))).as_object();
  for (const auto& known :
       {record.at("data").at("sha256"), record.at("environment").at("git_revision")}) {
    const std::string text(known.as_string());
    for (auto at = told.find(text); !text.empty() && at != told.npos; at = told.find(text))
      told.erase(at, text.size());
  }
  EXPECT_THAT(told, ::testing::Not(::testing::ContainsRegex("[0-9a-f]{40}")));
}

// A number that is not finite ends the run as it does on every fleet; the worker is not to blame.
TEST_F(ProcessFleets, ADivergingRunEndsAsOnTheSimulator) {
  std::ofstream(path("huge.svm")) << "1e300 1:1e160\n-1e300 1:-1e160 2:1\n1e300 2:1e160\n-1 1:3\n";
  const Arguments all = {"--data", path("huge.svm"), "--loss", "squared", "--method",
                         "fista",  "--workers",      "2",      "--json",  "--quiet"};
  for (const char* fleet : {"sim", "local"}) {
    EXPECT_EQ(run(all + Arguments{"--fleet", fleet}), 5) << err();
    EXPECT_EQ(result().at("stop_reason").as_string(), "not_finite") << fleet;
  }
}

struct Refused {
  const char* name;
  Arguments arguments;
  int code;
  const char* says;
};
void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

constexpr const char* kOtherMachine = "a program for another machine";

class BadFleet : public ProcessFleets, public ::testing::WithParamInterface<Refused> {
 protected:
  // An ELF file for a VAX, as far as the kernel looks at it: no emulator stands in for one.
  std::string program_of_another_machine() {
    std::string elf(
        "\x7f"
        "ELF\2\1\1",
        7);
    elf.resize(64, '\0');
    elf[16] = 2;   // ET_EXEC
    elf[18] = 75;  // EM_VAX
    elf[20] = 1;
    const std::string file = path("other_machine");
    std::ofstream(file, std::ios::binary) << elf;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file;
  }
};

TEST_P(BadFleet, IsToldWithTheRemedy) {
  ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"})
    ::unsetenv(name);
  ::setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
  ::setenv("AWS_CONFIG_FILE", "/dev/null", 1);
  Arguments arguments = GetParam().arguments;
  std::replace(arguments.begin(), arguments.end(), std::string(kOtherMachine),
               program_of_another_machine());
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(run(arguments), GetParam().code) << out();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
  EXPECT_THAT(err() + out(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadFleet,
    ::testing::Values(
        Refused{"no_function", {"--fleet", "lambda"}, 2, "--function"},
        Refused{"no_credentials",
                {"--fleet", "lambda", "--function", "f", "--region", "eu-west-1"},
                4,
                "credentials"},
        Refused{"advertise", {"--fleet", "local", "--advertise", "127.0.0.1:1"}, 4, "--advertise"},
        Refused{"concurrency", {"--fleet", "local", "--concurrency", "4"}, 2, "--concurrency 16"},
        Refused{"worker", {"--fleet", "local", "--worker", "/no/such/file"}, 2, "--worker"},
        Refused{"architecture", {"--fleet", "local", "--worker", kOtherMachine}, 4, "architecture"},
        Refused{"listen", {"--fleet", "local", "--listen", "nonsense"}, 2, "--listen"},
        Refused{"foreign_address", {"--fleet", "local", "--listen", "192.0.2.1:0"}, 2, "--listen"},
        Refused{"plain",
                {"--fleet", "local", "--listen", "0.0.0.0:0", "--transport", "plain"},
                2,
                "loopback"},
        Refused{"faults", {"--fleet", "local", "--faults", "kill=2"}, 2, "--faults"},
        Refused{"budget", {"--fleet", "local", "--max-usd", "1e-7"}, 2, "--max-usd"},
        Refused{"no_trace",
                {"--fleet", "local", "--straggler", "trace:/no/such/file"},
                2,
                "--straggler trace"},
        Refused{"seats", {"--fleet", "external", "--seats", "/tmp"}, 2, "--seats"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace laggard
