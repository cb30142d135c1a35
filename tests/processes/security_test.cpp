// What a stranger or a broken worker may try: refused, counted, and the run unharmed.
#include "runners/channels/open_files.hpp"
#include "tests/processes/inner_fleet.hpp"

#include <gtest/gtest.h>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <limits>

namespace laggard::testing {
namespace {

using asio::ip::tcp;

Assignment stranger(const InnerRun& run) {
  Assignment assignment = run.log.started.at(0);
  assignment.token = random_token();
  return assignment;
}

// Reads until the coordinator hangs up; true if it was told REJECT before.
asio::awaitable<bool> is_rejected(std::shared_ptr<Caller> caller) {
  Frame frame;
  bool rejected = false;
  try {
    while (true) {
      co_await caller->hear(frame);
      rejected = rejected || frame.header.kind == MessageKind::reject;
    }
  } catch (const boost::system::system_error&) {
  }
  co_return rejected;
}

void drop_contribution(ReportMessage& report) {
  report.contributes = false;
  report.scalars.clear();
  report.vectors.clear();
}

std::int64_t count(const InnerRun& run, const std::string& reason) {
  const auto found = run.refused.find(reason);
  return found == run.refused.end() ? 0 : found->second;
}

asio::awaitable<void> wrong_token(InnerRun& run, ProcessFleet& fleet) {
  auto caller = std::make_shared<Caller>(fleet.executor(), stranger(run));
  co_await caller->connect();
  Hello hello = caller->hello();
  hello.incarnation = 2;  // of which nobody was told
  caller->say(hello);
  const bool rejected = co_await is_rejected(caller);
  EXPECT_TRUE(rejected);
}

TEST(Security, WithoutATokenNobodyComesIn) {
  InnerRun run;
  run.rounds = 200;
  run.extra = wrong_token;
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  EXPECT_EQ(count(run, "no such token, or it was used"), 1);
}

// Before the real worker says HELLO, another one tries with its number and a guessed token; the
// real one is welcome afterwards.
TEST(Security, AWrongTokenIsRefusedAndDoesNotUseUpTheRightOne) {
  InnerRun run;
  run.rounds = 50;
  run.held_back = 0;
  run.extra = [](InnerRun& self, ProcessFleet& fleet) -> asio::awaitable<void> {
    auto caller = std::make_shared<Caller>(fleet.executor(), stranger(self));
    co_await caller->connect();
    caller->say(caller->hello());
    const bool rejected = co_await is_rejected(caller);
    EXPECT_TRUE(rejected);
    self.release();
  };
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  EXPECT_EQ(run.refused, (Refusals{{"wrong token", 1}}));
  EXPECT_EQ(run.log.started.size(), 4u);
}

// A HELLO of the right worker with the right token, made for another connection.
asio::awaitable<void> replay(InnerRun& run, ProcessFleet& fleet) {
  const Assignment assignment = run.log.started.at(0);
  auto first = std::make_shared<Caller>(fleet.executor(), assignment);
  co_await first->connect();
  const Hello overheard = first->hello();
  auto second = std::make_shared<Caller>(fleet.executor(), assignment);
  co_await second->connect();
  second->say(overheard);
  const bool rejected = co_await is_rejected(second);
  EXPECT_TRUE(rejected);
  first->connection().close();
  if (run.release) run.release();
}

TEST(Security, AReplayedHelloIsRefusedWhileItsTokenIsGood) {
  InnerRun run;
  run.held_back = 0;
  run.extra = replay;
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  EXPECT_EQ(run.refused, (Refusals{{"no hello", 1}, {"wrong token", 1}}));
}

TEST(Security, AHelloIsRefusedOnceItsTokenIsUsed) {
  InnerRun run;
  run.rounds = 1'000'000;
  std::atomic<bool> over{false};
  run.extra = [&](InnerRun& self, ProcessFleet& fleet) -> asio::awaitable<void> {
    while (self.reports < 10) {  // the real one is at work
      asio::steady_timer pause(fleet.executor(), std::chrono::milliseconds(1));
      co_await pause.async_wait(asio::use_awaitable);
    }
    co_await replay(self, fleet);
    over = true;
  };
  run.spoil = [&](Caller&, const TaskMessage&, ReportMessage& report) {
    ++run.reports;
    if (over) report.failure = "enough";  // three times, and the run ends
    if (over) drop_contribution(report);
    return true;
  };
  EXPECT_EQ(run.run().stop, StopReason::fleet_failed);
  EXPECT_EQ(run.refused, (Refusals{{"no hello", 1}, {"no such token, or it was used", 1}}));
}

asio::awaitable<void> garbage(InnerRun& run, ProcessFleet& fleet) {
  const std::vector<std::string> texts = {
      "", "\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", std::string(5000, '\xff'),
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)};
  for (const std::string& text : texts) {
    tcp::socket socket(fleet.executor());
    const tcp::endpoint where = fleet.endpoint();
    co_await socket.async_connect(where, asio::use_awaitable);
    const auto bytes = asio::buffer(text);
    co_await asio::async_write(socket, bytes, asio::use_awaitable);
    socket.shutdown(tcp::socket::shutdown_send);
    std::array<char, 4096> sink{};
    try {
      while (true) {
        const auto into = asio::buffer(sink);
        co_await socket.async_read_some(into, asio::use_awaitable);
      }
    } catch (const boost::system::system_error&) {  // hung up
    }
  }
  run.attacked = true;
}

TEST(Security, APortScanOfGarbageIsRefused) {
  InnerRun run;
  run.rounds = 200;
  run.extra = garbage;
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  EXPECT_EQ(count(run, "handshake failed"), 5);
}

TEST(Security, WhoTakesItsTimeIsHungUpOn) {
  InnerRun run;
  run.rounds = 1'000'000;  // the run ends when it is told
  static std::atomic<bool> done;
  done = false;
  run.extra = [](InnerRun&, ProcessFleet& fleet) -> asio::awaitable<void> {
    tcp::socket socket(fleet.executor());
    const tcp::endpoint where = fleet.endpoint();
    co_await socket.async_connect(where, asio::use_awaitable);
    const auto begun = std::chrono::steady_clock::now();
    const auto record = asio::buffer("\x16\x03\x01\x10\x00", 5);  // of 4 KB, that take half an hour
    co_await asio::async_write(socket, record, asio::use_awaitable);
    try {
      while (std::chrono::steady_clock::now() - begun < std::chrono::seconds(20)) {
        asio::steady_timer pause(fleet.executor(), std::chrono::milliseconds(400));
        co_await pause.async_wait(asio::use_awaitable);
        const auto byte = asio::buffer("\x01", 1);
        co_await asio::async_write(socket, byte, asio::use_awaitable);
      }
    } catch (const boost::system::system_error&) {  // hung up
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(15));
    done = true;
  };
  run.spoil = [](Caller&, const TaskMessage& task, ReportMessage& report) {
    if (done) report.failure = "enough";  // three times, and the run ends
    if (done) drop_contribution(report);
    return task.id >= 0;
  };
  EXPECT_EQ(run.run().stop, StopReason::fleet_failed);
  EXPECT_EQ(count(run, "too slow with its hello"), 1);
}

// More idle connections than there are places for strangers: a worker that comes after them is let
// in.
TEST(Security, ACrowdAtTheDoorKeepsNoWorkerOut) {
  constexpr std::size_t kCrowd = 1500;
  if (most_open_files() < 8192)
    GTEST_SKIP() << "both ends of each are here: too many for the limit on open files";
  InnerRun run;
  run.held_back = 0;
  run.extra = [](InnerRun& self, ProcessFleet& fleet) -> asio::awaitable<void> {
    std::vector<tcp::socket> crowd;
    for (const tcp::endpoint where = fleet.endpoint(); crowd.size() < kCrowd;) {
      crowd.emplace_back(fleet.executor());
      co_await crowd.back().async_connect(where, asio::use_awaitable);
    }
    self.release();
    asio::steady_timer stay(fleet.executor(), std::chrono::hours(1));
    co_await stay.async_wait(asio::use_awaitable);
  };
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  EXPECT_GE(count(run, "handshake failed"), static_cast<std::int64_t>(kCrowd - 1024));
  EXPECT_EQ(run.log.started.size(), 4u);
}

// A worker whose report is spoilt once is dropped and replaced, and its task runs again.
void expect_replaced(const std::function<void(Caller&, ReportMessage&)>& spoil) {
  InnerRun run;
  run.rounds = 30;
  int spoilt = 0;
  run.spoil = [&](Caller& caller, const TaskMessage& task, ReportMessage& report) {
    if (task.shard != 2 || task.id < 20 || spoilt > 0) return true;
    ++spoilt;
    spoil(caller, report);
    return true;
  };
  const Summary summary = run.run();
  EXPECT_EQ(summary.rounds, 30);
  EXPECT_EQ(summary.iterate_digest, run.undisturbed());
  EXPECT_EQ(spoilt, 1);
  EXPECT_EQ(count(run, "malformed message of a worker"), 1);
  EXPECT_EQ(run.log.started.size(), 5u);
}

TEST(Security, AReportWithNaNIsRefused) {
  expect_replaced([](Caller&, ReportMessage& report) {
    report.vectors[0][0] = std::numeric_limits<double>::quiet_NaN();
  });
}

TEST(Security, AReportOfTheWrongSizeIsRefused) {
  expect_replaced([](Caller&, ReportMessage& report) { report.vectors[0].conservativeResize(7); });
}

TEST(Security, AReportOfMoreNumbersThanThereMayBeIsRefused) {
  expect_replaced([](Caller&, ReportMessage& report) { report.vectors[0].setZero(21); });
}

// Of a task that asks for one vector of 20 numbers and no scalar.
TEST(Security, AReportOfAnotherShapeIsRefused) {
  using Change = std::function<void(ReportMessage&)>;
  for (const Change& change :
       {Change([](ReportMessage& r) { r.vectors.clear(); }),
        Change([](ReportMessage& r) { r.vectors.emplace_back(); }), Change([](ReportMessage& r) {
          r.vectors[0].conservativeResize(19);
          r.scalars.push_back(1);
        }),
        Change([](ReportMessage& r) {
          const Vector x = r.vectors[0];
          r.vectors = {x.head(10), x.tail(10)};
        })})
    expect_replaced([&](Caller&, ReportMessage& report) { change(report); });
}

TEST(Security, AReportThatAnswersNothingIsRefused) {
  expect_replaced([](Caller&, ReportMessage& report) { drop_contribution(report); });
}

TEST(Security, AReportOfAnotherShardIsRefused) {
  expect_replaced([](Caller&, ReportMessage& report) { report.shard = 1; });
}

TEST(Security, AnOversizedFrameIsRefusedByItsHeader) {
  expect_replaced([](Caller& caller, ReportMessage& report) {
    Bytes frame;
    encode_whole(report, Precision::f64, frame);
    frame[8] = frame[9] = frame[10] = frame[11] = std::byte{0xff};
    caller.connection().send(frame);
  });
}

TEST(Security, ACorruptFrameIsRefused) {
  expect_replaced([](Caller& caller, ReportMessage& report) {
    Bytes frame;
    encode_whole(report, Precision::f64, frame);
    frame[kFrameHeaderBytes + 30] ^= std::byte{1};
    caller.connection().send(frame);
  });
}

TEST(Security, AWorkerThatHangsUpIsReplaced) {
  InnerRun run;
  run.rounds = 30;
  int hung_up = 0;
  run.spoil = [&](Caller& caller, const TaskMessage& task, ReportMessage&) {
    if (task.id % 40 != 17 || hung_up >= 2) return true;
    ++hung_up;
    caller.connection().close();
    return false;
  };
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  EXPECT_EQ(hung_up, 2);
  EXPECT_EQ(run.log.started.size(), 6u);
}

TEST(Security, AnswersThatCameTwiceCountOnce) {
  InnerRun run;
  run.rounds = 30;
  run.spoil = [](Caller& caller, const TaskMessage&, ReportMessage& report) {
    caller.say(report);
    return true;
  };
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
}

TEST(Security, WorkersOfAnotherVersionEndTheRunWithTheRemedy) {
  InnerRun run;
  run.version = "0.0.1";
  const Summary summary = run.run();
  EXPECT_EQ(summary.stop, StopReason::fleet_failed);
  EXPECT_NE(summary.detail.find("of version 0.0.1"), std::string::npos) << summary.detail;
  EXPECT_NE(summary.detail.find("deploy"), std::string::npos) << summary.detail;
}

TEST(Security, PlainTcpIsForLoopbackAlone) {
  InnerRun run;
  run.plain = true;
  run.rounds = 20;
  EXPECT_EQ(run.run().iterate_digest, run.undisturbed());
  ProcessFleetOptions options;
  options.plain = true;
  options.workers = options.lifecycle.workers = 1;
  options.listen = tcp::endpoint(asio::ip::make_address("0.0.0.0"), 0);
  InnerLauncher::Log log;
  EXPECT_THROW(
      ProcessFleet(options, run.problem,
                   [&](asio::io_context&) { return std::make_unique<InnerLauncher>(log); }),
      Error);
}

TEST(ProcessFleet, SyncIsThatOfTheSimulatorBitForBit) {
  InnerRun run;
  run.rounds = 60;
  const Summary summary = run.run();
  EXPECT_EQ(summary.rounds, 60);
  EXPECT_EQ(summary.iterate_digest, run.undisturbed());
  EXPECT_TRUE(run.refused.empty());
  EXPECT_EQ(run.lives.size(), 4u);
  for (const LifeRow& life : run.lives) EXPECT_EQ(life.end, "goodbye");
}

}  // namespace
}  // namespace laggard::testing
