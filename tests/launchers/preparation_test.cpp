// What is refused before anything is started.
#include "tests/launchers/invoke_test_bed.hpp"

#include "core/io/error.hpp"
#include "runners/channels/open_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <thread>

namespace laggard {
namespace {

using testing::HasSubstr;

constexpr int kWorkers = 8;

// The message that prepare() throws; empty if it does not.
std::string refusal_of(const ScriptedServer& server, std::string* notices = nullptr) {
  InvokeOptions options = test_options(server.url());
  if (notices) options.notice = [notices](const std::string& line) { *notices += line + '\n'; };
  InvokeTestBed bed(options);
  try {
    bed.launcher.prepare(kWorkers);
  } catch (const FleetError& error) {
    return error.what();
  }
  return "";
}

std::string refusal_where(const std::string& target, const ScriptedReply& reply) {
  ScriptedServer server([&](const ServedRequest& request) {
    return request.target.ends_with(target) ? reply : healthy(request, nullptr);
  });
  const std::string why = refusal_of(server);
  EXPECT_EQ(server.count("/invocations"), 0);
  return why;
}

std::string configuration(const std::string& more) {
  return R"({"Timeout":60,"MemorySize":512,)" + more + "}";
}

TEST(Preparation, TakesTimeoutAndMemoryFromTheService) {
  ScriptedServer server([](const ServedRequest& request) { return healthy(request, nullptr); });
  InvokeTestBed bed(test_options(server.url()));
  bed.launcher.prepare(kWorkers);
  EXPECT_EQ(bed.launcher.timeout(), std::chrono::seconds(300));
  EXPECT_EQ(bed.launcher.cost()->memory_mb, 1024);
  EXPECT_EQ(bed.launcher.cost()->requests, 0);
}

TEST(Preparation, RefusesAFunctionThatIsNotThere) {
  const ScriptedReply reply{.status = 404,
                            .body = R"({"Type":"User","Message":"Function not found: arn"})",
                            .headers = {{"x-amzn-ErrorType", "ResourceNotFoundException"}}};
  EXPECT_THAT(refusal_where("/configuration", reply), HasSubstr("--region"));
}

TEST(Preparation, RefusesCredentialsThatHaveExpired) {
  const ScriptedReply reply{.status = 403,
                            .body = R"({"message":"The security token ... is expired"})",
                            .headers = {{"x-amzn-ErrorType", "ExpiredTokenException"}}};
  EXPECT_THAT(refusal_where("/configuration", reply), HasSubstr("they have expired"));
}

TEST(Preparation, RefusesTheWrongArchitecture) {
  const std::string why = refusal_where(
      "/configuration", {.body = configuration(R"("Architectures":["arm64"],"State":"Active")")});
  EXPECT_THAT(why, HasSubstr("arm64"));
  EXPECT_THAT(why, HasSubstr("x86_64"));
}

TEST(Preparation, RefusesAnotherRuntimeAndAFunctionThatIsNotActive) {
  EXPECT_THAT(refusal_where("/configuration", {.body = configuration(R"("Runtime":"python3.12")")}),
              HasSubstr("python3.12"));
  EXPECT_THAT(refusal_where("/configuration", {.body = configuration(R"("State":"Failed")")}),
              HasSubstr("Failed"));
  EXPECT_THAT(refusal_where("/configuration", {.body = configuration(R"("State":"Pending")")}),
              HasSubstr("try again"));
}

TEST(Preparation, RefusesAFleetBeyondTheConcurrency) {
  const std::string reserved =
      refusal_where("/concurrency", {.body = R"({"ReservedConcurrentExecutions":7})"});
  EXPECT_THAT(reserved, HasSubstr("--workers 8"));
  EXPECT_THAT(reserved, HasSubstr("is 7"));
  const std::string account = refusal_where(
      "/account-settings", {.body = R"({"AccountLimit":{"UnreservedConcurrentExecutions":5}})"});
  EXPECT_THAT(account, HasSubstr("is 5"));
  EXPECT_THAT(account, HasSubstr("quota"));
  EXPECT_EQ(refusal_where("/concurrency", {.body = R"({"ReservedConcurrentExecutions":8})"}), "");
}

TEST(Preparation, TellsThatHandOversHaveNoRoom) {
  for (const int concurrency : {kWorkers, kWorkers + 1}) {
    ScriptedServer server([&](const ServedRequest& request) {
      if (!request.target.ends_with("/concurrency")) return healthy(request, nullptr);
      return ScriptedReply{
          .body = fmt::format(R"({{"ReservedConcurrentExecutions":{}}})", concurrency)};
    });
    std::string notices;
    EXPECT_EQ(refusal_of(server, &notices), "");
    EXPECT_EQ(notices.find("hand-over") != notices.npos, concurrency == kWorkers) << notices;
  }
}

TEST(Preparation, AFleetBeyondTheLimitOnOpenFilesIsToldSo) {
  EXPECT_THAT([] { check_open_files(1'000'000'000, 3); },
              testing::ThrowsMessage<FleetError>(HasSubstr("ulimit -n")));
  EXPECT_GE(check_open_files(1, 3), 1);
}

TEST(Preparation, EndsWhenItIsInterrupted) {
  for (const bool listens :
       {true, false}) {  // it may be waiting for an answer, or between two attempts
    ScriptedServer server([&](const ServedRequest&) {
      return listens ? ScriptedReply{.silent = true} : ScriptedReply{.status = 500};
    });
    std::atomic<bool> stop{false};
    InvokeOptions options = test_options(server.url());
    options.patience = std::chrono::seconds(20);
    options.stop = &stop;
    InvokeTestBed bed(options);
    std::thread user([&] {
      while (server.requests().empty()) std::this_thread::yield();
      stop = true;
    });
    const auto begin = std::chrono::steady_clock::now();
    try {
      bed.launcher.prepare(1);
      ADD_FAILURE() << "it was interrupted";
    } catch (const FleetError& error) {
      ADD_FAILURE() << error.what();
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "interrupted");
    }
    user.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  }
}

TEST(Preparation, GoesOnWithANoticeWhereItMayNotAsk) {
  ScriptedServer server([](const ServedRequest&) {
    return ScriptedReply{.status = 403,
                         .body = R"({"Message":"not authorized"})",
                         .headers = {{"x-amzn-ErrorType", "AccessDeniedException"}}};
  });
  std::string notices;
  EXPECT_EQ(refusal_of(server, &notices), "");
  EXPECT_THAT(notices, HasSubstr("AccessDeniedException"));
}

TEST(Preparation, RefusesWhatIsNotLambda) {
  ScriptedServer server([](const ServedRequest&) { return ScriptedReply{.body = "<html>hello"}; });
  EXPECT_THAT(refusal_of(server), HasSubstr("does not answer like Lambda"));
}

TEST(Preparation, TellsSoonThatNobodyListens) {
  std::string url;
  {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::acceptor unused(loop, {boost::asio::ip::address_v4::loopback(), 0});
    url = "http://127.0.0.1:" + std::to_string(unused.local_endpoint().port());
  }
  InvokeTestBed bed(test_options(url));
  const auto begin = std::chrono::steady_clock::now();
  try {
    bed.launcher.prepare(1);
    FAIL() << "nobody listens";
  } catch (const FleetError& error) {
    EXPECT_THAT(error.what(), HasSubstr("--endpoint " + url));
    EXPECT_THAT(error.what(), HasSubstr("check --region"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Preparation, TellsSoonThatTheServiceIsSilent) {
  ScriptedServer server([](const ServedRequest&) { return ScriptedReply{.silent = true}; });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal_of(server), HasSubstr("--endpoint"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Preparation, RidesOutATransientError) {
  std::atomic<int> served = 0;
  ScriptedServer server([&](const ServedRequest& request) {
    return served++ == 0 ? ScriptedReply{.status = 503} : healthy(request, nullptr);
  });
  EXPECT_EQ(refusal_of(server), "");
}

}  // namespace
}  // namespace laggard
