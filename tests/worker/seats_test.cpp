// The worker program as somebody else than Lambda starts it.
#include "core/io/file_lock.hpp"
#include "tests/support/eventually.hpp"
#include "tests/worker/fake_coordinator.hpp"
#include "tests/worker/work_of_test.hpp"
#include "tests/worker/worker_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <csignal>

namespace laggard {
namespace {

using ::testing::HasSubstr;

class Seats : public ::testing::Test {
 protected:
  void seat(const std::string& name, const std::string& text) {
    directory.write(".part", text);
    std::filesystem::rename(directory / ".part", directory / name);
  }
  void seat(const std::string& name, WorkerId worker) {
    seat(name, to_json(coordinator.assignment(worker)));
  }
  std::unique_ptr<WorkerProcess> start(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--seats", directory.path().string()});
    return std::make_unique<WorkerProcess>(more, WorkerProcess::Environment{});
  }

  Problem whole = small_whole();
  FakeCoordinator coordinator;
  TemporaryDirectory directory;
};

TEST_F(Seats, TakesOneAfterTheOtherAndEndsWhenTheRunIsFinished) {
  const auto worker = start();
  for (int i = 0; i < 3; ++i) {
    seat("seat-" + std::to_string(i) + ".json", i % 2);
    Peer peer = coordinator.welcome(work_of(whole), whole);
    EXPECT_EQ(peer.hello.worker, i % 2);
    EXPECT_EQ(peer.hello.cold, i == 0);
    EXPECT_EQ(peer.hello.remaining, kForever);
    peer.goodbye();
    EXPECT_TRUE(peer.closed());
  }
  directory.write(kCoordinatorFile, "");
  EXPECT_EQ(worker->wait(), 0);
  EXPECT_EQ(worker->errors(),
            "laggard-worker: waits for a run that uses " + directory.path().string() + "\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST_F(Seats, TwoWorkersNeverTakeTheSame) {
  seat("seat-0.json", 0);
  seat("seat-1.json", 1);
  const auto one = start({"--once"}), other = start({"--once"});
  Peer first = coordinator.welcome(work_of(whole), whole);
  Peer second = coordinator.welcome(work_of(whole), whole);
  EXPECT_NE(first.hello.worker, second.hello.worker);
  first.goodbye();
  second.goodbye();
  EXPECT_EQ(one->wait(), 0);
  EXPECT_EQ(other->wait(), 0);
}

TEST_F(Seats, EndsWhenTheDirectoryIsGone) {
  const std::string given = (directory / "given").string();
  std::filesystem::create_directory(given);
  WorkerProcess worker({"--seats", given}, {});
  ASSERT_TRUE(eventually([&] { return !worker.errors().empty(); }));
  std::filesystem::remove(given);
  EXPECT_EQ(worker.wait(), 0);
  EXPECT_THAT(worker.errors(), HasSubstr("waits for a run that uses " + given));
  EXPECT_THAT(worker.errors(), HasSubstr("no seat was left in " + given));
}

TEST_F(Seats, ADirectoryThatIsNotThereIsAnError) {
  directory.write("file", "");
  for (const char* name : {"none", "file"}) {
    WorkerProcess worker({"--seats", (directory / name).string()}, {});
    EXPECT_EQ(worker.wait(), 2);
    EXPECT_THAT(worker.errors(), HasSubstr("--seats: "));
  }
}

// Returns when `file` has been opened so many times.
class Opens {
 public:
  explicit Opens(const std::filesystem::path& file) : watch_(::inotify_init1(IN_CLOEXEC)) {
    ::inotify_add_watch(watch_, file.c_str(), IN_OPEN);
  }
  ~Opens() { ::close(watch_); }
  bool wait_for(int count) const {
    for (int seen = 0; seen < count; ++seen) {
      pollfd entry{watch_, POLLIN, 0};
      if (::poll(&entry, 1, 20'000) != 1) return false;
      inotify_event event;  // a file that is watched itself has no name in its events
      if (::read(watch_, &event, sizeof event) != sizeof event) return false;
    }
    return true;
  }

 private:
  int watch_;
};

TEST_F(Seats, WaitsAsLongAsACoordinatorHoldsTheLock) {
  std::optional<FileLock> lock(std::in_place);
  ASSERT_TRUE(lock->take(directory / kCoordinatorFile, "test"));
  EXPECT_FALSE(FileLock().take(directory / kCoordinatorFile, "test"));
  const Opens looks(directory / kCoordinatorFile);
  const auto worker = start();
  EXPECT_TRUE(looks.wait_for(5)) << "it does not look at the lock any more";
  seat("seat-0.json", 0);
  coordinator.welcome(work_of(whole), whole).goodbye();
  lock.reset();
  EXPECT_EQ(worker->wait(), 0);
}

TEST_F(Seats, SaysWhatIsWrongWithASeatAndTakesTheNext) {
  seat("seat-0.json", "nonsense");
  const auto worker = start();
  seat("seat-1.json", 1);
  coordinator.welcome(work_of(whole), whole).goodbye();
  directory.write(kCoordinatorFile, "");
  EXPECT_EQ(worker->wait(), 0);
  EXPECT_THAT(worker->errors(), HasSubstr("laggard-worker: assignment"));
}

TEST_F(Seats, TheOnlySeatThatCameToNothingIsAFailure) {
  seat("seat-0.json", 0);
  coordinator.acceptor.close();
  const auto worker = start({"--once"});
  EXPECT_EQ(worker->wait(), 1);
  EXPECT_THAT(worker->errors(), HasSubstr("cannot reach the coordinator"));
}

TEST_F(Seats, SigtermLeadsToAHandOverAndTheEnd) {
  seat("seat-0.json", 0);
  const auto worker = start();
  Peer peer = coordinator.welcome(work_of(whole), whole);
  worker->signal(SIGTERM);
  const Leaving leaving = peer.expect<Leaving>(MessageKind::leaving);
  EXPECT_LE(leaving.remaining, std::chrono::seconds(10));
  EXPECT_GT(leaving.remaining, std::chrono::seconds(5));
  peer.goodbye();
  EXPECT_EQ(worker->wait(), 0);
}

TEST_F(Seats, SigtermWhileItLoadsLeadsToAHandOverToo) {
  seat("seat-0.json", 0);
  const auto worker = start();
  Work work = work_of(whole);
  work.source.kind = ShardSource::Kind::coordinator;
  Peer peer = coordinator.meet(work);
  Welcome welcome;
  welcome.work = to_json(work);
  welcome.heartbeat = std::chrono::seconds(1);
  peer.say(welcome);
  peer.expect<ShardRequest>(MessageKind::shard_request);  // it waits for its rows
  worker->signal(SIGTERM);
  const Leaving leaving = peer.expect<Leaving>(MessageKind::leaving);
  EXPECT_GT(leaving.remaining, std::chrono::seconds(5));
  peer.goodbye();
  EXPECT_EQ(worker->wait(), 0);
}

TEST(WorkerOptions, WhatIsNotUnderstoodIsToldInALine) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--bogus"},
                                             {"--seats"},
                                             {"--once"},
                                             {"--seats", "x", "y"},
                                             {"--ca", "/nowhere", "--seats", "x"}}) {
    WorkerProcess worker(arguments, {});
    EXPECT_EQ(worker.wait(), 2);
    const std::string errors = worker.errors();
    EXPECT_THAT(errors, ::testing::StartsWith("laggard-worker: "));
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1);
  }
}

TEST(WorkerOptions, HelpAndVersionEndWell) {
  EXPECT_EQ(WorkerProcess({"--help"}, {}).wait(), 0);
  EXPECT_EQ(WorkerProcess({"--version"}, {}).wait(), 0);
}

}  // namespace
}  // namespace laggard
