// Real processes behind the endpoint: cold, warm, frozen, failing, ended.
#include "client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <csignal>
#include <filesystem>

namespace laggard {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

int pid_of(const Reply& reply) {
  return reply.value("pid").empty() ? 0 : std::stoi(reply.value("pid"));
}
bool is_gone(int id) { return ::kill(id, 0) != 0 && errno == ESRCH; }
int open_files() {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST(Environment, IsReusedWarmAndFrozenInBetween) {
  const LocalLambda lambda(echo_options());
  const Reply first = obey(lambda, {});
  EXPECT_EQ(first.value("served"), "1");
  EXPECT_TRUE(eventually([&] { return process_state(pid_of(first)) == 'T'; }));
  const Reply second = obey(lambda, {});
  EXPECT_EQ(second.value("served"), "2");
  EXPECT_EQ(second.value("pid"), first.value("pid"));
  EXPECT_THAT(first.log_tail(), HasSubstr("Init Duration"));
  EXPECT_THAT(second.log_tail(), Not(HasSubstr("Init Duration")));
  EXPECT_EQ(lambda.meter().cold_starts, 1);
  EXPECT_EQ(lambda.meter().invocations, 2);
}

TEST(Environment, ConcurrentInvocationsHaveOneEach) {
  const LocalLambda lambda(echo_options());
  std::future<Reply> slow = obey_meanwhile(lambda, {"sleep 0.5"});
  ASSERT_TRUE(eventually([&] { return lambda.meter().environments == 1; }));
  const Reply quick = obey(lambda, {});
  const Reply slow_reply = slow.get();
  EXPECT_NE(quick.value("pid"), slow_reply.value("pid"));
  EXPECT_EQ(lambda.meter().most_environments, 2);
  // The one that was used last is the first to be used again.
  EXPECT_EQ(obey(lambda, {}).value("pid"), slow_reply.value("pid"));
}

TEST(Environment, ProcessesAndDescriptorsAreGoneAfterwards) {
  {
    const LocalLambda first(echo_options());
  }  // whose socket of the kernel's diagnoses stays open
  const int files = open_files();
  int busy = 0, idle = 0, its_child = 0;
  {
    const LocalLambda lambda(echo_options());
    const Reply reply = obey(lambda, {"fork"});
    idle = pid_of(reply);
    const std::string tail = reply.log_tail();
    ASSERT_THAT(tail, HasSubstr("child "));
    its_child = std::stoi(tail.substr(tail.find("child ") + 6));
    std::future<Reply> unheard = obey_meanwhile(lambda, {"sleep 0.3"});
    busy = pid_of(unheard.get());
    ASSERT_NE(process_state(idle), '\0');
    ASSERT_NE(process_state(busy), '\0');
    EXPECT_GE(children(), 1);
  }
  EXPECT_TRUE(is_gone(idle));
  EXPECT_TRUE(is_gone(busy));
  EXPECT_TRUE(eventually([&] {  // init may take its time to reap it
    const char state = process_state(its_child);
    return state == '\0' || state == 'Z';
  }));
  EXPECT_EQ(children(), 0);
  EXPECT_EQ(open_files(), files);
}

TEST(Environment, EndOfTheEndpointEndsInvocationsUnderWay) {
  std::future<Reply> unheard;
  std::unique_ptr<LocalLambda> lambda = std::make_unique<LocalLambda>(echo_options());
  const LocalLambda& endpoint = *lambda;
  const int warm = pid_of(obey(endpoint, {}));
  const std::string url = endpoint.endpoint();
  unheard = obey_meanwhile(endpoint, {"sleep 600"});
  ASSERT_TRUE(eventually([&] { return lambda->meter().requests == 2; }));
  lambda.reset();
  EXPECT_EQ(unheard.get().status, 0);
  EXPECT_TRUE(is_gone(warm));
  EXPECT_EQ(children(), 0);
}

TEST(Environment, ClientThatGoesAwayDoesNotEndItsInvocation) {
  const LocalLambda lambda(echo_options());
  Request request;
  request.body = payload_of({"sleep 0.4"});
  request.timeout_ms = 200;
  EXPECT_EQ(send(lambda, request).status, 0);
  EXPECT_TRUE(eventually([&] { return lambda.meter().invocations == 1; }));
  EXPECT_EQ(lambda.meter().errors, 0);
}

TEST(Environment, FunctionErrorsLeaveItWarm) {
  const LocalLambda lambda(echo_options());
  const int first = pid_of(obey(lambda, {}));
  const Reply reply = obey(lambda, {"error"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("x-amz-function-error"), "Unhandled");
  EXPECT_EQ(reply.body, R"({"errorType":"Mine","errorMessage":"no"})");
  EXPECT_EQ(pid_of(obey(lambda, {})), first);
  EXPECT_EQ(lambda.meter().errors, 1);
}

TEST(Environment, ExitsAreExitErrorsAndTheNextOneIsCold) {
  const LocalLambda lambda(echo_options());
  const int first = pid_of(obey(lambda, {}));
  Reply reply = obey(lambda, {"exit 3"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("x-amz-function-error"), "Unhandled");
  EXPECT_EQ(reply.value("errorType"), "Runtime.ExitError");
  const std::string id = reply.header("x-amzn-requestid");
  EXPECT_EQ(reply.value("errorMessage"),
            "RequestId: " + id + " Error: Runtime exited with error: exit status 3");
  EXPECT_THAT(reply.log_tail(), HasSubstr("Status: error\tError Type: Runtime.ExitError"));
  EXPECT_TRUE(is_gone(first));
  reply = obey(lambda, {"abort"});
  EXPECT_THAT(reply.value("errorMessage"), HasSubstr("signal: aborted"));
  reply = obey(lambda, {"exit 0"});
  EXPECT_THAT(reply.value("errorMessage"), HasSubstr("exited without providing a reason"));
  EXPECT_EQ(lambda.meter().cold_starts, 3);
  EXPECT_TRUE(eventually([&] { return lambda.meter().environments == 0; }));
}

TEST(Environment, AnswerBeforeAnExitCounts) {
  const LocalLambda lambda(echo_options());
  const Reply reply = obey(lambda, {"echo", "exit 1"});
  EXPECT_EQ(reply.header("x-amz-function-error"), "");
  EXPECT_EQ(reply.body, payload_of({"echo", "exit 1"}));
}

TEST(Environment, TimeoutKillsAndIsBilledInFull) {
  LocalLambdaOptions options = echo_options();
  options.timeout = 400ms;
  options.memory_mb = 1024;
  const LocalLambda lambda(options);
  const int warm = pid_of(obey(lambda, {}));
  const double before = lambda.meter().billed_gb_seconds;
  const Reply reply = obey(lambda, {"sleep 600"});
  EXPECT_EQ(reply.value("errorType"), "Sandbox.Timedout");
  const std::string id = reply.header("x-amzn-requestid");
  EXPECT_EQ(reply.value("errorMessage"),
            "RequestId: " + id + " Error: Task timed out after 0.40 seconds");
  EXPECT_THAT(reply.log_tail(), HasSubstr("Duration: 400.00 ms\tBilled Duration: 400 ms"));
  EXPECT_THAT(reply.log_tail(), HasSubstr("Status: timeout"));
  EXPECT_NEAR(lambda.meter().billed_gb_seconds - before, 0.4, 1e-12);
  EXPECT_TRUE(is_gone(warm));
}

TEST(Environment, TooMuchMemoryKills) {
  LocalLambdaOptions options = echo_options();
  options.memory_mb = 128;
  const LocalLambda lambda(options);
  EXPECT_EQ(obey(lambda, {"allocate 20"}).header("x-amz-function-error"), "");
  const Reply reply = obey(lambda, {"allocate 400", "sleep 600"});
  EXPECT_EQ(reply.value("errorType"), "Runtime.OutOfMemory");
  EXPECT_THAT(reply.value("errorMessage"), HasSubstr("signal: killed"));
}

TEST(Environment, ReportTellsThePeakOfMemory) {
  LocalLambdaOptions options = echo_options();
  options.memory_mb = 4000;
  const LocalLambda lambda(options);
  const std::string tail = obey(lambda, {"allocate 300"}).log_tail();
  const std::size_t at = tail.find("Max Memory Used: ");
  ASSERT_NE(at, std::string::npos);
  const int used = std::stoi(tail.substr(at + 17));
  EXPECT_GE(used, 300);
  EXPECT_LE(used, 1200);  // sanitizers keep as much again beside
}

TEST(Environment, FailedInitialisationIsTheAnswer) {
  LocalLambdaOptions options = echo_options();
  Request request;
  const auto answer = [&](const std::string& function) {
    options.function = function;
    const LocalLambda lambda(options);
    request.path = "/2015-03-31/functions/" + function + "/invocations";
    const Reply reply = send(lambda, request);
    EXPECT_EQ(reply.header("x-amz-function-error"), "Unhandled");
    EXPECT_TRUE(eventually([&] { return lambda.meter().environments == 0; }));
    return reply;
  };
  EXPECT_EQ(answer("fails").body, R"({"errorType":"Mine.Init","errorMessage":"bad"})");
  EXPECT_THAT(answer("exits").value("errorMessage"), HasSubstr("exit status 7"));
  options.init_timeout = 300ms;
  EXPECT_THAT(answer("hangs").value("errorMessage"), HasSubstr("timed out after 0.30 seconds"));
}

TEST(Environment, VariablesAreThoseOfLambdaAndNothingOfOurs) {
  ::setenv("LAGGARD_TEST_SECRET", "hunter2", 1);
  const LocalLambda lambda(echo_options());
  const std::string text = obey(lambda, {"environment"}).body;
  for (const char* wanted :
       {"AWS_LAMBDA_FUNCTION_NAME=echo;", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256;",
        "AWS_LAMBDA_FUNCTION_VERSION=$LATEST;", "AWS_REGION=local;", "_HANDLER=", "TZ=:UTC;",
        "LAMBDA_TASK_ROOT=/", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:"}) {
    EXPECT_THAT(text, HasSubstr(wanted));
  }
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, Not(HasSubstr(lambda.secret_key())));
  ::unsetenv("LAGGARD_TEST_SECRET");
}

TEST(Environment, NoDescriptorOfOursIsInherited) {
  const LocalLambda lambda(echo_options());
  EXPECT_EQ(obey(lambda, {"descriptors"}).body, "0");
}

TEST(Environment, HeadersOfAnInvocationAreThoseOfTheRuntimeApi) {
  LocalLambdaOptions options = echo_options();
  options.timeout = 100s;
  const LocalLambda lambda(options);
  const auto clock = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const auto before = clock();
  const Reply reply = obey(lambda, {"headers"});
  const auto after = clock();
  EXPECT_THAT(reply.body,
              HasSubstr("Lambda-Runtime-Aws-Request-Id: " + reply.header("x-amzn-requestid")));
  EXPECT_THAT(reply.body, HasSubstr("Lambda-Runtime-Invoked-Function-Arn: "
                                    "arn:aws:lambda:local:000000000000:function:echo\r\n"));
  EXPECT_THAT(reply.body, HasSubstr("Lambda-Runtime-Trace-Id: Root=1-"));
  const std::string name = "Lambda-Runtime-Deadline-Ms: ";
  const long deadline = std::stol(reply.body.substr(reply.body.find(name) + name.size()));
  EXPECT_GE(deadline, before + 100000);
  EXPECT_LE(deadline, after + 100000);
}

TEST(Environment, RuntimeApiRefusesWhatIsOutOfOrder) {
  const LocalLambda lambda(echo_options());
  const std::string tail = obey(lambda, {"next", "stale"}).log_tail();
  EXPECT_THAT(tail, HasSubstr("early next: HTTP/1.1 403"));
  EXPECT_THAT(tail, HasSubstr("refused: HTTP/1.1 400"));
}

TEST(Environment, AnswersOverSixMegabytesAreErrors) {
  const LocalLambda lambda(echo_options());
  EXPECT_EQ(obey(lambda, {"big 6000000"}).body.size(), 6000002u);
  EXPECT_EQ(obey(lambda, {"big 7000000"}).value("errorType"), "Function.ResponseSizeTooLarge");
}

TEST(Environment, IdleOnesAreEnded) {
  LocalLambdaOptions options = echo_options();
  options.idle_timeout = 50ms;
  for (const char* function : {"echo", "extends", "stubborn"}) {
    options.function = function;
    const LocalLambda lambda(options);
    Request request;
    request.path = std::string("/2015-03-31/functions/") + function + "/invocations";
    const int id = pid_of(send(lambda, request));
    ASSERT_GT(id, 0) << function;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return is_gone(id); })) << function;
    const auto took = std::chrono::steady_clock::now() - start;
    if (std::string(function) == "stubborn") {
      EXPECT_GE(took, 400ms);  // SIGKILL 500 ms after SIGTERM
    }
    EXPECT_TRUE(eventually([&] { return lambda.meter().environments == 0; }));
  }
}

}  // namespace
}  // namespace laggard
