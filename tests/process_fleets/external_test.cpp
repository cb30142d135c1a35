// --fleet external: workers that somebody else starts.
#include "tests/process_fleets/processes.hpp"

namespace laggard {
namespace {

class External : public ProcessFleets {
 protected:
  // A run on 4 workers that are yet to come, and its seats.
  pid_t start_run(int rounds, const std::string& straggler = "none") {
    const pid_t child =
        start({"--fleet", "external", "--seats", path("seats"), "--workers", "4", "--data", kHeart,
               "--stop", "none", "--max-rounds", std::to_string(rounds), "--straggler", straggler,
               "--json", "--output", path("run")});
    while (!std::filesystem::exists(path("seats"))) std::this_thread::yield();
    return child;
  }
  std::vector<std::filesystem::path> seats() {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(path("seats")))
      if (entry.path().filename().string().starts_with("seat-")) found.push_back(entry);
    return found;
  }
  std::string undisturbed(int rounds) {
    return digest(run_json({"--workers", "4", "--data", kHeart, "--stop", "none", "--max-rounds",
                            std::to_string(rounds)},
                           3));
  }
  // Runs a shell command, with the worker and the seats as $WORKER and $SEATS.
  pid_t shell(const std::string& command) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::setenv("WORKER", LAGGARD_WORKER, 1);
    ::setenv("SEATS", path("seats").c_str(), 1);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    std::_Exit(127);
  }
  void expect_run_by(const std::string& command, int rounds = 50) {
    const pid_t run = start_run(rounds);
    const pid_t workers = shell(command);
    EXPECT_EQ(wait(run), 3) << err();
    const std::string got = digest(result().as_object());
    EXPECT_EQ(wait(workers), 0);
    EXPECT_FALSE(std::filesystem::exists(path("seats")));
    EXPECT_EQ(got, undisturbed(rounds));
  }
};

TEST_F(External, APlainShellStartsTheWorkers) {
  expect_run_by("for i in 1 2 3 4; do \"$WORKER\" --seats \"$SEATS\" & done; wait");
}

TEST_F(External, XargsStartsTheWorkers) {
  expect_run_by("seq 4 | xargs -P 4 -I{} \"$WORKER\" --seats \"$SEATS\"");
}

TEST_F(External, GnuParallelStartsTheWorkers) {
  if (std::system("parallel --version 2>/dev/null | grep -q GNU") != 0)
    GTEST_SKIP() << "GNU parallel is not here";
  expect_run_by("seq 4 | parallel --will-cite -j 4 \"$WORKER\" --seats \"$SEATS\" '#'");
}

TEST_F(External, SlurmStartsTheWorkers) {
  if (std::system("srun -n 1 -t 1 true >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "no Slurm answers here";
  expect_run_by("srun -n 4 --overcommit \"$WORKER\" --seats \"$SEATS\"");
}

// SIGTERM, as before a time limit: the seat goes to the worker that waits, at a task boundary.
TEST_F(External, AWorkerThatIsToldToEndHandsOver) {
  const int rounds = 60;
  const pid_t run = start_run(rounds, "fixed:0.05");
  const pid_t first = shell("exec \"$WORKER\" --seats \"$SEATS\" --once");
  const pid_t others = shell("for i in 1 2 3; do \"$WORKER\" --seats \"$SEATS\" & done; wait");
  while (read_text(path("run/iterations.csv.part")).find("\n2,") == std::string::npos)
    std::this_thread::yield();
  const pid_t spare = shell("exec \"$WORKER\" --seats \"$SEATS\"");
  ::kill(first, SIGTERM);
  EXPECT_EQ(wait(first), 0);
  EXPECT_EQ(wait(run), 3) << err();
  const auto ended = result().as_object();
  EXPECT_EQ(wait(others), 0);
  EXPECT_EQ(wait(spare), 0);
  EXPECT_EQ(lives(ended, "hand_overs"), 1);
  EXPECT_EQ(lives(ended, "losses"), 0);
  EXPECT_EQ(ended.at("tasks_wasted").as_int64(), 0);
  EXPECT_EQ(digest(ended), undisturbed(rounds));
}

TEST_F(External, AWorkerThatIsKilledIsReplacedByOneThatWaits) {
  const int rounds = 60;
  const pid_t run = start_run(rounds, "fixed:0.05");
  const pid_t first = shell("exec \"$WORKER\" --seats \"$SEATS\" --once");
  const pid_t others = shell("for i in 1 2 3 4; do \"$WORKER\" --seats \"$SEATS\" & done; wait");
  while (read_text(path("run/iterations.csv.part")).find("\n2,") == std::string::npos)
    std::this_thread::yield();
  ::kill(first, SIGKILL);
  EXPECT_EQ(wait(first), -SIGKILL);
  EXPECT_EQ(wait(run), 3) << err();
  const auto ended = result().as_object();
  EXPECT_EQ(wait(others), 0);
  EXPECT_EQ(digest(ended), undisturbed(rounds));
}

TEST_F(External, WorkersEndWithACoordinatorThatIsKilledAndTheNextRunTakesItsSeats) {
  const pid_t killed = start_run(100'000);
  const pid_t workers =
      shell("for i in 1 2 3 4 5; do \"$WORKER\" --seats \"$SEATS\" & done; wait");  // one waits
  while (read_text(path("run/iterations.csv.part")).find("\n2,") == std::string::npos)
    std::this_thread::yield();
  const pid_t other =
      start({"--fleet", "external", "--seats", path("seats"), "--workers", "4", "--data", kHeart});
  EXPECT_EQ(wait(other), 2);
  EXPECT_NE(err().find("another run uses " + path("seats")), std::string::npos) << err();
  ::kill(killed, SIGKILL);
  EXPECT_EQ(wait(killed), -SIGKILL);
  EXPECT_EQ(wait(workers), 0);
  const std::string left = path("seats/seat-00007-1.json");
  std::ofstream(left) << "left";
  std::filesystem::remove_all(path("run"));
  const pid_t next = start_run(20);
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(left); }));
  const pid_t fresh = shell("seq 4 | xargs -P 4 -I{} \"$WORKER\" --seats \"$SEATS\"");
  EXPECT_EQ(wait(next), 3) << err();
  EXPECT_EQ(digest(result().as_object()), undisturbed(20));
  EXPECT_EQ(wait(fresh), 0);
  EXPECT_TRUE(seats().empty());
}

TEST_F(External, AnAddressThatWorkersCannotReachIsToldWithTheRemedy) {
  const pid_t run = start({"--fleet", "external", "--seats", path("seats"), "--workers", "2",
                           "--data", kHeart, "--advertise", "127.0.0.1:1"});
  while (!std::filesystem::exists(path("seats"))) std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  const pid_t worker = shell("exec \"$WORKER\" --seats \"$SEATS\" 2>/dev/null");
  EXPECT_EQ(wait(run), 4);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_NE(out().find("cannot reach the coordinator at\n127.0.0.1:1"), std::string::npos) << out();
  EXPECT_EQ(wait(worker), 0);
}

// A process takes a seat and dies before it has said a word: another one gets a new seat.
TEST_F(External, ASeatWhoseTakerDiesIsOfferedAgain) {
  const pid_t run = start_run(20);
  ASSERT_TRUE(eventually([&] { return seats().size() == 4; }));
  const pid_t others = shell("for i in 1 2 3; do \"$WORKER\" --seats \"$SEATS\" & done; wait");
  ASSERT_TRUE(eventually([&] { return seats().size() == 1; }));
  std::filesystem::remove(seats().at(0));
  const pid_t last = shell("exec \"$WORKER\" --seats \"$SEATS\"");
  EXPECT_EQ(wait(run), 3) << err();
  EXPECT_EQ(digest(result().as_object()), undisturbed(20));
  EXPECT_EQ(table("run/fleet.csv").size(), 5u);
  EXPECT_EQ(wait(others), 0);
  EXPECT_EQ(wait(last), 0);
}

TEST_F(External, SeatsAreForTheOwnerAlone) {
  const pid_t run = start_run(1);
  ASSERT_TRUE(eventually([&] { return !seats().empty(); }));
  const std::string seat = seats().at(0);
  EXPECT_EQ(std::filesystem::status(path("seats")).permissions(),
            std::filesystem::perms::owner_all);
  EXPECT_EQ(std::filesystem::status(seat).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string token(boost::json::parse(read_text(seat)).at("token").as_string());
  const pid_t workers = shell("seq 4 | xargs -P 4 -I{} \"$WORKER\" --seats \"$SEATS\"");
  EXPECT_EQ(wait(run), 3);
  EXPECT_EQ(wait(workers), 0);
  EXPECT_EQ((out() + err() + read_text(path("run/run.json"))).find(token), std::string::npos);
}

}  // namespace
}  // namespace laggard
