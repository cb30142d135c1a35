// Concurrency, scaling, Events, faults, the emulator, the program.
#include "client.hpp"
#include "runners/local_lambda/pool.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <thread>

namespace laggard {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Request event_of(const std::vector<std::string>& commands) {
  Request request;
  request.type = "Event";
  request.body = payload_of(commands);
  return request;
}

// While one invocation is under way.
Reply second_reply(const LocalLambda& lambda) {
  std::future<Reply> first = obey_meanwhile(lambda, {"sleep 0.5"});
  EXPECT_TRUE(eventually([&] { return lambda.meter().environments == 1; }));
  const Reply second = obey(lambda, {});
  EXPECT_EQ(first.get().status, 200);
  return second;
}

TEST(Limits, ConcurrencyOfTheAccountThrottles) {
  LocalLambdaOptions options = echo_options();
  options.concurrency = 1;
  const LocalLambda lambda(options);
  const Reply reply = second_reply(lambda);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.header("x-amzn-errortype"), "TooManyRequestsException");
  EXPECT_EQ(reply.value("Reason"), "ConcurrentInvocationLimitExceeded");
  EXPECT_EQ(reply.value("Type"), "User");
  EXPECT_EQ(reply.value("message"), "Rate Exceeded.");
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_EQ(lambda.meter().throttled, 1);
  EXPECT_EQ(obey(lambda, {}).status, 200);
}

TEST(Limits, ReservedConcurrencyThrottles) {
  LocalLambdaOptions options = echo_options();
  options.reserved_concurrency = 1;
  const LocalLambda lambda(options);
  EXPECT_EQ(second_reply(lambda).value("Reason"),
            "ReservedFunctionConcurrentInvocationLimitExceeded");
}

TEST(Limits, ScalingRateThrottlesNewEnvironmentsAlone) {
  LocalLambdaOptions options = echo_options();
  options.scaling_rate = 1;
  const LocalLambda lambda(options);
  EXPECT_EQ(second_reply(lambda).value("Reason"), "CallerRateLimitExceeded");
  EXPECT_EQ(obey(lambda, {}).status, 200);  // warm
}

TEST(Limits, ScalingIsABurstAndThenATenthASecond) {
  local::ScalingBucket bucket(20);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(bucket.take(1s));
  EXPECT_FALSE(bucket.take(1s));
  EXPECT_FALSE(bucket.take(1s + 499ms));
  EXPECT_TRUE(bucket.take(1s + 501ms));
  EXPECT_FALSE(bucket.take(1s + 502ms));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(bucket.take(100s));  // never more than the burst
  EXPECT_FALSE(bucket.take(100s));
}

TEST(Events, AreAcceptedAndRun) {
  const LocalLambda lambda(echo_options());
  const Reply reply = send(lambda, event_of({}));
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "");
  EXPECT_TRUE(eventually([&] { return lambda.meter().invocations == 1; }));
  EXPECT_EQ(lambda.meter().retries, 0);
}

TEST(Events, ThatFailAreRunTwiceMore) {
  const TemporaryDirectory directory;
  LocalLambdaOptions options = echo_options();
  options.log = directory / "log";
  const LocalLambda lambda(options);
  send(lambda, event_of({"error"}));
  EXPECT_TRUE(eventually(
      [&] { return read_text(options.log).find("event dropped") != std::string::npos; }));
  EXPECT_EQ(lambda.meter().invocations, 3);
  EXPECT_EQ(lambda.meter().retries, 2);
  EXPECT_EQ(lambda.meter().errors, 3);
}

TEST(Events, ThatAreThrottledAreRunLater) {
  LocalLambdaOptions options = echo_options();
  options.concurrency = 1;
  const LocalLambda lambda(options);
  std::future<Reply> first = obey_meanwhile(lambda, {"sleep 0.3"});
  ASSERT_TRUE(eventually([&] { return lambda.meter().environments == 1; }));
  EXPECT_EQ(send(lambda, event_of({})).status, 202);
  EXPECT_EQ(first.get().status, 200);
  EXPECT_TRUE(eventually([&] { return lambda.meter().invocations == 2; }));
  EXPECT_GE(lambda.meter().throttled, 1);
  EXPECT_EQ(lambda.meter().errors, 0);
}

LocalLambdaOptions faulty(std::string_view faults) {
  LocalLambdaOptions options = echo_options();
  options.faults = parse_faults(faults);
  return options;
}

TEST(FaultsAtWork, ThrottlesAndServerErrors) {
  const LocalLambda throttled(faulty("throttle=1"));
  const Reply reply = obey(throttled, {});
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.value("Reason"), "CallerRateLimitExceeded");
  const LocalLambda broken(faulty("server_error=1"));
  const Reply error = obey(broken, {});
  EXPECT_EQ(error.status, 500);
  EXPECT_EQ(error.header("x-amzn-errortype"), "ServiceException");
  EXPECT_EQ(error.value("Type"), "Service");
  EXPECT_EQ(broken.meter().cold_starts, 0);
}

TEST(FaultsAtWork, AreTheSameForTheSameSeed) {
  const auto statuses = [](std::string_view faults) {
    const LocalLambda lambda(faulty(faults));
    std::vector<int> all;
    for (int i = 0; i < 40; ++i) all.push_back(obey(lambda, {}).status);
    return all;
  };
  const std::vector<int> first = statuses("throttle=0.3,server_error=0.3,seed=4");
  EXPECT_EQ(statuses("throttle=0.3,server_error=0.3,seed=4"), first);
  EXPECT_NE(statuses("throttle=0.3,server_error=0.3,seed=5"), first);
  EXPECT_THAT(first, testing::Contains(200));
  EXPECT_THAT(first, testing::Contains(429));
  EXPECT_THAT(first, testing::Contains(500));
}

TEST(FaultsAtWork, CrashesAndKillsEndTheInvocation) {
  const LocalLambda crashing(faulty("crash=1,within_seconds=0.1"));
  EXPECT_THAT(obey(crashing, {"sleep 600"}).value("errorMessage"), HasSubstr("signal: aborted"));
  const LocalLambda killing(faulty("kill=1,within_seconds=0.1"));
  EXPECT_THAT(obey(killing, {"sleep 600"}).value("errorMessage"), HasSubstr("signal: killed"));
  const LocalLambda often(faulty("kill_every_seconds=0.1"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(obey(often, {"sleep 600"}).value("errorMessage"), HasSubstr("signal: killed"));
  }
}

TEST(FaultsAtWork, StallsHoldTheProcessForTheirTime) {
  const LocalLambda lambda(faulty("stall=1,stall_seconds=0.6,within_seconds=0.001"));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(obey(lambda, {"sleep 0.05"}).status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 600ms);
}

TEST(FaultsAtWork, SlowStartsAreLate) {
  const LocalLambda lambda(faulty("slow_start=1,slow_start_seconds=0.4"));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(obey(lambda, {}).status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 400ms);
}

TEST(FaultsAtWork, DuplicatesAndGhostsAreServedAgain) {
  const LocalLambda doubled(faulty("duplicate=1"));
  EXPECT_EQ(obey(doubled, {"sleep 0.1"}).status, 200);
  EXPECT_TRUE(eventually([&] { return doubled.meter().invocations == 2; }));
  EXPECT_EQ(doubled.meter().cold_starts, 2);
  EXPECT_EQ(doubled.meter().requests, 1);
  const LocalLambda haunted(faulty("ghost=1,ghost_seconds=0.1"));
  const Reply reply = obey(haunted, {});
  EXPECT_EQ(haunted.meter().invocations, 1);
  EXPECT_TRUE(eventually([&] { return haunted.meter().invocations == 2; }));
  EXPECT_EQ(haunted.meter().cold_starts, 1);
}

TEST(FaultsAtWork, DropCutsTheConnectionToTheCoordinator) {
  boost::asio::io_context io;
  using boost::asio::ip::tcp;
  tcp::acceptor coordinator(io, {boost::asio::ip::address_v4::loopback(), 0});
  const std::string address = fmt::format("127.0.0.1:{}", coordinator.local_endpoint().port());
  const LocalLambda lambda(faulty("drop=1,within_seconds=0.5"));
  std::future<Reply> reply = std::async(std::launch::async, [&] {
    return invoke(lambda, "{\"do\":[\"relay\"],\"connect\":\"" + address + "\"}");
  });
  tcp::socket worker = coordinator.accept();
  boost::asio::write(worker, boost::asio::buffer(std::string("welcome")));
  std::array<char, 64> bytes;
  boost::system::error_code failure;
  std::string heard;
  while (!failure)
    heard.append(bytes.data(), worker.read_some(boost::asio::buffer(bytes), failure));
  EXPECT_EQ(heard, "hello\n");  // both ways, until it was cut: nobody here has closed anything
  EXPECT_EQ(reply.get().body, "\"welcome\"");
}

TEST(Emulator, ServesAnInvocationAtATimeInEachEnvironment) {
  LocalLambdaOptions options = echo_options();
  options.emulator = LAGGARD_ECHO_RUNTIME;  // poses as aws-lambda-rie
  const LocalLambda lambda(options);
  EXPECT_EQ(invoke(lambda, "{\"a\":1}").body, "{\"emulated\":{\"a\":1}}");
  EXPECT_EQ(invoke(lambda, "{\"a\":2}").body, "{\"emulated\":{\"a\":2}}");
  EXPECT_EQ(lambda.meter().cold_starts, 1);
  const Reply late = invoke(lambda, "{\"a\":\"timeout\"}");
  EXPECT_EQ(late.header("x-amz-function-error"), "Unhandled");
  EXPECT_EQ(late.value("errorType"), "Sandbox.Timedout");
  EXPECT_THAT(late.log_tail(), HasSubstr("Status: timeout"));
  EXPECT_EQ(invoke(lambda, "{\"a\":\"crash\"}").header("x-amz-function-error"), "Unhandled");
  EXPECT_EQ(invoke(lambda, "{\"a\":3}").status, 200);
  EXPECT_EQ(lambda.meter().cold_starts, 3);  // a failed one is not used again
}

TEST(Log, TellsRequestsFaultsAndOutputButNoSecret) {
  const TemporaryDirectory directory;
  LocalLambdaOptions options = faulty("kill=1,within_seconds=0.01");
  options.log = directory / "log";
  const LocalLambda lambda(options);
  obey(lambda, {"print hello there", "sleep 600"});
  const std::string text = read_text(options.log);
  EXPECT_THAT(text, HasSubstr("kill after 0.0"));
  EXPECT_THAT(text, HasSubstr("[1] ended: signal: killed"));
  EXPECT_THAT(text, HasSubstr("POST /2015-03-31/functions/echo/invocations 200"));
  EXPECT_THAT(text, testing::Not(HasSubstr(lambda.secret_key())));
}

struct Program {
  explicit Program(std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    arguments.insert(arguments.begin(), LAGGARD_LOCAL_LAMBDA);
    std::vector<char*> words;
    for (std::string& word : arguments) words.push_back(word.data());
    words.push_back(nullptr);
    id = ::fork();
    if (id == 0) {
      ::dup2(ends[1], 1);
      ::dup2(ends[1], 2);
      ::execv(words[0], words.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output = ends[0];
  }
  ~Program() { ::close(output); }
  std::string read(std::string_view until) {
    std::string text;
    char byte = 0;
    while (text.find(until) == std::string::npos && ::read(output, &byte, 1) == 1) text += byte;
    return text;
  }
  int wait() {
    int status = 0;
    ::waitpid(id, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  pid_t id = -1;
  int output = -1;
};

TEST(Program, PrintsWhatAClientNeedsAndEndsOnSignals) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Program program({"--worker", LAGGARD_ECHO_RUNTIME, "--function=echo"});
    const std::string text = program.read("SECRET_ACCESS_KEY=") + program.read("\n");
    EXPECT_THAT(text, HasSubstr("export AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:"));
    EXPECT_THAT(text, HasSubstr("export AWS_ACCESS_KEY_ID=local\n"));
    ::kill(program.id, signal);
    EXPECT_EQ(program.wait(), 0);
  }
}

TEST(Program, BadInputIsOneLineAndExitTwo) {
  const std::string worker = LAGGARD_ECHO_RUNTIME;
  const std::vector<std::vector<std::string>> all = {{},
                                                     {"--worker", "/no/such"},
                                                     {"--wroker", worker},
                                                     {"--worker"},
                                                     {"--worker", worker, "--timeout", "soon"},
                                                     {"--worker", worker, "--faults", "kill=2"},
                                                     {"--worker", worker, "--listen", "nowhere"},
                                                     {"--worker", worker, "--concurrency", "0"}};
  for (const auto& arguments : all) {
    Program program(arguments);
    const std::string text = program.read("\n");
    EXPECT_EQ(program.read("\n"), "") << text;
    EXPECT_EQ(program.wait(), 2) << text;
    EXPECT_TRUE(text.starts_with("local-lambda: ")) << text;
  }
}

}  // namespace
}  // namespace laggard
