#include "tests/launchers/invoke_test_bed.hpp"

#include "core/io/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <boost/asio/post.hpp>

#include <fstream>
#include <future>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::Not;

// "REPORT ... Billed Duration: 2000 ms ... Memory Size: 1024 MB ...", as `base64` encodes it.
constexpr const char* kReport =
    "UkVQT1JUIFJlcXVlc3RJZDogMQlEdXJhdGlvbjogMTk5OS4wMCBtcwlCaWxsZWQgRHVyYXRpb246IDIwMDAgbXMJTWVtb3"
    "J5"
    "IFNpemU6IDEwMjQgTUIJTWF4IE1lbW9yeSBVc2VkOiA5MCBNQgkK";

ScriptedReply billed() { return {.body = "{}", .headers = {{"X-Amz-Log-Result", kReport}}}; }

ScriptedReply refusal(int status, const std::string& type, const std::string& reason = "") {
  return {.status = status,
          .body = R"({"Reason":")" + reason + R"(","Message":"no"})",
          .headers = {{"x-amzn-ErrorType", type}}};
}

int threads_of_this_process() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return -1;
}

TEST(InvokeLauncher, TellsTheEndAndTheBill) {
  ScriptedServer server([](const ServedRequest&) { return billed(); });
  InvokeTestBed bed(test_options(server.url()));
  bed.start(3, 7);
  EXPECT_TRUE(bed.told.empty());
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_EQ(bed.told[0].key, (WorkerKey{3, 7}));
  EXPECT_FALSE(bed.told[0].end.failed) << bed.told[0].end.why;
  const FleetCost cost = *bed.launcher.cost();
  EXPECT_EQ(cost.requests, 1);
  EXPECT_DOUBLE_EQ(cost.billed_gb_seconds.value(), 2);  // 2 s of 1 GB
  EXPECT_EQ(cost.unbilled, 0);
  EXPECT_THAT(server.requests()[0].body, HasSubstr("\"worker\":3"));
}

TEST(InvokeLauncher, ServesManyStartsWithoutAThreadEach) {
  std::atomic<int> most_threads = 0;
  ScriptedServer server([&](const ServedRequest&) {
    most_threads = std::max(most_threads.load(), threads_of_this_process());
    return billed();
  });
  InvokeTestBed bed(test_options(server.url()));
  const int before = threads_of_this_process();
  for (int worker = 0; worker < 200; ++worker) bed.start(worker);
  bed.run_until(200);
  ASSERT_EQ(bed.told.size(), 200u);
  for (const Told& told : bed.told) EXPECT_FALSE(told.end.failed) << told.end.why;
  EXPECT_LE(most_threads, before);
}

TEST(InvokeLauncher, SendsAgainWhatARateLimitOrTheServiceRefused) {
  std::atomic<int> served = 0;
  ScriptedServer server([&](const ServedRequest&) {
    switch (served++) {
      case 0:
        return refusal(429, "TooManyRequestsException", "CallerRateLimitExceeded");
      case 1:
        return refusal(500, "ServiceException");
      case 2:
        return refusal(502, "EC2ThrottledException");
      default:
        return billed();
    }
  });
  InvokeTestBed bed(test_options(server.url()));
  bed.start();
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_FALSE(bed.told[0].end.failed) << bed.told[0].end.why;
  EXPECT_EQ(served, 4);
  EXPECT_EQ(bed.launcher.cost()->requests, 1) << "what was refused is no invocation";
}

TEST(InvokeLauncher, GivesUpAfterTheAttemptsOfOneStart) {
  ScriptedServer server([](const ServedRequest&) { return refusal(500, "ServiceException"); });
  InvokeOptions options = test_options(server.url());
  options.retry.most_attempts = 3;
  InvokeTestBed bed(options);
  bed.start();
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.failed);
  EXPECT_FALSE(bed.told[0].end.hopeless);
  EXPECT_THAT(bed.told[0].end.why, HasSubstr("500 ServiceException"));
  EXPECT_EQ(server.requests().size(), 3u);
  EXPECT_EQ(bed.launcher.cost()->requests, 0);
}

TEST(InvokeLauncher, SharesOneBudgetOfRetriesOverTheFleet) {
  ScriptedServer server([](const ServedRequest&) { return refusal(503, ""); });
  InvokeOptions options = test_options(server.url());
  options.retry.most_attempts = 100;
  options.retry.budget = 6;
  options.retry.budget_per_second = 0;
  InvokeTestBed bed(options);
  for (int worker = 0; worker < 4; ++worker) bed.start(worker);
  bed.run_until(4);
  ASSERT_EQ(bed.told.size(), 4u);
  EXPECT_EQ(server.requests().size(), 4u + 6u);
}

TEST(InvokeLauncher, LeavesWantOfRoomToTheLifecycle) {
  ScriptedServer server([](const ServedRequest&) {
    return refusal(429, "TooManyRequestsException", "ConcurrentInvocationLimitExceeded");
  });
  InvokeTestBed bed(test_options(server.url()));
  bed.start();
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.throttled);
  EXPECT_FALSE(bed.told[0].end.hopeless);
  EXPECT_GE(bed.told[0].end.retry_after, std::chrono::seconds(1));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(InvokeLauncher, FailsOnceRoomIsWantingForLongWithTheFleetIncomplete) {
  ScriptedServer server([](const ServedRequest& request) {
    return healthy(request, [](const ServedRequest&) {
      return refusal(429, "TooManyRequestsException",
                     "ReservedFunctionConcurrentInvocationLimitExceeded");
    });
  });
  InvokeOptions options = test_options(server.url());
  InvokeTestBed bed(options);
  bed.launcher.prepare(2);
  bed.launcher.worker_ready({0, 1});
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t starts = 1; starts == 1 || !bed.told.back().end.hopeless; ++starts) {
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
    bed.start(1, static_cast<int>(starts));
    bed.run_until(starts);
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, options.patience);
  EXPECT_THAT(bed.told.back().end.why, HasSubstr("--workers 2"));
}

TEST(InvokeLauncher, NeverRepeatsARequestThatArrived) {
  ScriptedServer server([](const ServedRequest&) { return ScriptedReply{.hang_up = true}; });
  InvokeTestBed bed(test_options(server.url()));
  bed.start();
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.failed);
  EXPECT_FALSE(bed.told[0].end.hopeless);
  EXPECT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(bed.launcher.cost()->unbilled, 1) << "it may have run";
}

TEST(InvokeLauncher, RefusesAnAnswerBeyondMeasure) {
  ScriptedServer server(
      [](const ServedRequest&) { return ScriptedReply{.body = std::string(3 << 20, 'x')}; });
  InvokeTestBed bed(test_options(server.url()));
  bed.start();
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.failed);
  EXPECT_THAT(bed.told[0].end.why, HasSubstr("larger than expected"));
}

TEST(InvokeLauncher, CancelEndsAStartThatWaitsForItsRetry) {
  ScriptedServer server([](const ServedRequest&) { return refusal(500, "ServiceException"); });
  InvokeOptions options = test_options(server.url());
  options.retry.first = options.retry.most = std::chrono::hours(1);
  InvokeTestBed bed(options);
  bed.start(0, 1);
  while (server.requests().empty()) bed.loop.run_one_for(std::chrono::milliseconds(5));
  // The answer is on its way now; what comes of it is a pause of up to an hour.
  bed.run_until(1, std::chrono::milliseconds(200));
  ASSERT_TRUE(bed.told.empty());
  bed.launcher.cancel({0, 1});
  ASSERT_TRUE(bed.told.empty());
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.not_begun);
  EXPECT_FALSE(bed.told[0].end.failed) << "it was our own will";
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(InvokeLauncher, FinishGivesUpWhatDoesNotEnd) {
  ScriptedServer server([](const ServedRequest&) { return ScriptedReply{.silent = true}; });
  InvokeTestBed bed(test_options(server.url()));
  bed.start();
  while (server.requests().empty()) bed.loop.run_one_for(std::chrono::milliseconds(5));
  bed.launcher.cancel({0, 1});
  EXPECT_TRUE(bed.told.empty()) << "its bill is still to come";
  bed.launcher.finish(std::chrono::milliseconds(100));
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.failed);
  const FleetCost cost = *bed.launcher.cost();
  EXPECT_EQ(cost.billed_gb_seconds, 0);
  EXPECT_EQ(cost.unbilled, 1);
  EXPECT_GT(cost.unbilled_gb_seconds, 0);
}

TEST(InvokeLauncher, FinishWaitsForTheBills) {
  ScriptedServer server([](const ServedRequest&) { return billed(); });
  InvokeTestBed bed(test_options(server.url()));
  for (int worker = 0; worker < 3; ++worker) bed.start(worker);
  while (server.requests().size() < 3) bed.loop.run_one_for(std::chrono::milliseconds(5));
  bed.launcher.finish(std::chrono::seconds(10));
  ASSERT_EQ(bed.told.size(), 3u);
  EXPECT_EQ(bed.launcher.cost()->requests, 3);
  EXPECT_EQ(bed.launcher.cost()->unbilled, 0);
}

// A request that went out for the second time is under way like any other.
TEST(InvokeLauncher, WhatWasTriedAgainIsLeftAloneUntilItIsAnswered) {
  for (const bool finishes : {true, false}) {
    std::atomic<int> served = 0;
    std::promise<void> left_alone;
    ScriptedServer server([&](const ServedRequest&) {
      if (served++ == 0) return refusal(500, "ServiceException");
      left_alone.get_future().wait_for(std::chrono::seconds(20));
      return billed();
    });
    InvokeTestBed bed(test_options(server.url()));
    bed.start();
    while (served < 2) bed.loop.run_one_for(std::chrono::milliseconds(5));
    const auto answer = [&] { left_alone.set_value(); };
    if (finishes) {
      boost::asio::post(bed.loop, answer);  // while it waits
      bed.launcher.finish(std::chrono::seconds(10));
    } else {
      bed.launcher.cancel({0, 1});
      answer();
      bed.run_until(1);
    }
    ASSERT_EQ(bed.told.size(), 1u);
    EXPECT_FALSE(bed.told[0].end.failed) << bed.told[0].end.why;
    EXPECT_EQ(bed.launcher.cost()->unbilled, 0);
    EXPECT_DOUBLE_EQ(bed.launcher.cost()->billed_gb_seconds.value(), 2);
  }
}

TEST(InvokeLauncher, GoesAwayWithStartsUnderWay) {
  ScriptedServer server([](const ServedRequest&) { return ScriptedReply{.silent = true}; });
  boost::asio::io_context loop{1};
  int told = 0;
  {
    InvokeLauncher launcher(loop, test_options(server.url()));
    launcher.start(Assignment{}, [&](auto&&...) { ++told; });
    while (server.requests().empty()) loop.run_one_for(std::chrono::milliseconds(5));
  }
  loop.run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(told, 0);
}

TEST(InvokeLauncher, StopsStartingAtTheLimitOnSpending) {
  ScriptedServer server([](const ServedRequest&) { return ScriptedReply{.silent = true}; });
  InvokeOptions options = test_options(server.url());
  options.memory_mb = 1024;
  options.max_usd = 0.0005;  // two of 1 GB that may take 12 s to be told to end, not three
  InvokeTestBed bed(options);
  for (int worker = 0; worker < 4; ++worker) bed.start(worker);
  bed.run_until(1, std::chrono::seconds(5));
  ASSERT_GE(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.not_begun);
  EXPECT_FALSE(bed.told[0].end.hopeless) << "the run ends, but its fleet has not failed";
  EXPECT_THAT(bed.launcher.budget_spent().value(), HasSubstr("--max-usd 0.0005"));
  EXPECT_EQ(bed.launcher.cost()->requests, 2);
}

TEST(InvokeLauncher, RefusesAFleetThatCannotBeStartedForTheMoney) {
  ScriptedServer server([](const ServedRequest& request) { return healthy(request, nullptr); });
  InvokeOptions options = test_options(server.url());
  options.max_usd = 0.0005;
  InvokeTestBed bed(options);
  EXPECT_NO_THROW(bed.launcher.prepare(2));
  EXPECT_THAT([&] { bed.launcher.prepare(3); },
              testing::ThrowsMessage<Error>(HasSubstr("--max-usd 0.0005: starting 3")));
}

TEST(InvokeLauncher, AFunctionThatEndsWithoutAWordIsNoWorker) {
  ScriptedServer server([](const ServedRequest&) { return billed(); });
  InvokeTestBed bed(test_options(server.url()));
  bed.start(0, 1, false);
  bed.run_until(1);
  ASSERT_EQ(bed.told.size(), 1u);
  EXPECT_TRUE(bed.told[0].end.failed);
  EXPECT_THAT(bed.told[0].end.why, HasSubstr("laggard-worker"));
}

TEST(InvokeLauncher, ShowsNoSecret) {
  ScriptedServer server([](const ServedRequest& request) {
    // What a service would have to do to make a secret appear: send back what it got.
    return refusal(400, "InvalidParameterValueException",
                   request.headers.contains("authorization") ? "signed" : "unsigned");
  });
  std::string shown;
  InvokeOptions options = test_options(server.url());
  options.notice = [&](const std::string& line) { shown += line; };
  InvokeTestBed bed(options);
  bed.start();
  bed.run_until(1);
  try {
    bed.launcher.prepare(1);
  } catch (const Error& error) {
    shown += error.what();
  }
  shown += bed.told.at(0).end.why;
  EXPECT_THAT(shown, HasSubstr("InvalidParameterValueException"));
  EXPECT_THAT(shown, Not(HasSubstr(kSecretKey)));
  EXPECT_THAT(shown, Not(HasSubstr(kSessionToken)));
  EXPECT_THAT(shown, Not(HasSubstr("abababab")));  // the worker's token
  for (const ServedRequest& request : server.requests()) {
    for (const auto& [name, value] : request.headers)
      EXPECT_THAT(value, Not(HasSubstr(kSecretKey)));
  }
}

TEST(InvokeLauncher, LeavesNoCoreFileOnceItHoldsCredentials) {
  ScriptedServer server([](const ServedRequest& request) { return healthy(request, nullptr); });
  InvokeTestBed bed(test_options(server.url()));
  bed.launcher.prepare(1);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_CORE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, 0u);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 0);
#endif
}

}  // namespace
}  // namespace laggard
