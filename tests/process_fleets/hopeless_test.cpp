// What starting a worker again does not mend is told at once, and not after ten tries a worker.
#include "tests/process_fleets/processes.hpp"

namespace laggard {
namespace {

using testing::HasSubstr;

class Hopeless : public ProcessFleets {
 protected:
  // The JSON result of a run of four local workers that fails; at most three starts a worker.
  std::string failure(std::vector<std::string> options) {
    std::vector<std::string> arguments{"--fleet", "local", "--workers", "4", "--data", kHeart};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto ended = run_json(std::move(arguments), 4);
    if (ended.empty()) return "";
    EXPECT_LE(lives(ended, "starts"), 12);
    return std::string(ended.at("stop_detail").as_string());
  }
};

TEST_F(Hopeless, AProgramThatIsNoWorker) {
  EXPECT_THAT(failure({"--worker", "/bin/true"}), HasSubstr("exited without providing a reason"));
  EXPECT_THAT(failure({"--worker", "/bin/false"}), HasSubstr("exit status 1"));
}

TEST_F(Hopeless, ASourceOfShardsThatDoesNotAnswer) {
  const std::string url = "http://127.0.0.1:" + std::to_string(free_port()) + "/rows";
  EXPECT_THAT(failure({"--shard-source", url}), HasSubstr("Connection refused"));
}

TEST_F(Hopeless, AShardThatIsNotTheOneThatWasPacked) {
  const std::string file = path("rows");
  ASSERT_EQ(run({"pack-shards", file, "--workers", "4", "--data", kHeart}), 0) << err();
  std::fstream rows(file, std::ios::in | std::ios::out | std::ios::binary);
  rows.seekp(-1, std::ios::end);  // of the last worker's
  const int last = rows.peek();
  rows.seekp(-1, std::ios::end);
  rows.put(static_cast<char>(last ^ 1));
  rows.close();
  EXPECT_THAT(failure({"--shard-source", file}), HasSubstr("worker 3: --shard-source: shard 3 of"));
}

TEST_F(Hopeless, ExternalWorkersOfWhomNoneComes) {
  EXPECT_EQ(run({"--fleet", "external", "--workers", "2", "--data", kHeart, "--start-timeout",
                 "0.5", "--seats", path("seats")}),
            4);
  EXPECT_THAT(out(), HasSubstr("--start-timeout 0.5: no worker has\ncome"));
}

TEST_F(ProcessFleets, AFullLogOfTheEndpointIsToldAndTheRunGoesOn) {
  EXPECT_EQ(run({"--fleet", "local", "--workers", "2", "--data", kHeart, "--stop", "none",
                 "--max-rounds", "3", "--endpoint-log", "/dev/full"}),
            3);
  EXPECT_THAT(err(), HasSubstr("cannot write /dev/full any more: No space left on device"));
}

TEST_F(ProcessFleets, SeatsThatAKilledRunLeftAreRemovedByTheNext) {
  const pid_t killed = start({"--fleet", "external", "--workers", "2", "--data", kHeart});
  const auto seats = [&] {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path("tmp")))
      if (std::filesystem::exists(entry.path() / "coordinator")) all.push_back(entry.path());
    return all;
  };
  while (seats().empty()) std::this_thread::yield();
  const std::string left = seats().front();
  ::kill(killed, SIGKILL);
  EXPECT_EQ(wait(killed), -SIGKILL);
  EXPECT_TRUE(std::filesystem::exists(left));
  EXPECT_EQ(
      run({"--fleet", "external", "--workers", "2", "--data", kHeart, "--start-timeout", "0.1"}),
      4);
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST_F(ProcessFleets, ASymbolicLinkIsNoDirectoryForSeats) {
  std::filesystem::create_directory(path("mine"));
  std::filesystem::permissions(path("mine"), std::filesystem::perms::owner_all);
  std::filesystem::create_directory_symlink(path("mine"), path("link"));
  EXPECT_EQ(run({"--fleet", "external", "--data", kHeart, "--seats", path("link")}), 2);
  EXPECT_THAT(err(), HasSubstr("link is a symbolic link; expected a directory of your own"));
}

}  // namespace
}  // namespace laggard
