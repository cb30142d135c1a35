// The Invoke API as libcurl sees it.
#include "runners/local_lambda/front.hpp"
#include "client.hpp"
#include "core/io/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::string functions(const std::string& name, const std::string& what = "invocations") {
  return "/2015-03-31/functions/" + name + "/" + what;
}

TEST(Front, NamesAreReadInAllForms) {
  const auto text = [](std::string_view name) {
    const local::FunctionName read = local::parse_function_name(name);
    return read.name + "|" + read.qualifier;
  };
  const auto place = [](std::string_view name) {
    const local::FunctionName read = local::parse_function_name(name);
    return read.region + "|" + read.account;
  };
  EXPECT_EQ(place("f:1"), "|");
  EXPECT_EQ(place("123456789012:function:f"), "|123456789012");
  EXPECT_EQ(place("arn:aws:lambda:eu-west-1:123456789012:function:f"), "eu-west-1|123456789012");
  EXPECT_EQ(text("f"), "f|");
  EXPECT_EQ(text("f:1"), "f|1");
  EXPECT_EQ(text("f%3A%24LATEST"), "f|$LATEST");
  EXPECT_EQ(text("123456789012:function:f"), "f|");
  EXPECT_EQ(text("arn:aws:lambda:eu-west-1:123456789012:function:f:live"), "f|live");
  EXPECT_EQ(text("arn%3Aaws%3Alambda%3Ar%3A1%3Afunction%3Af"), "f|");
}

TEST(Front, AnswerCarriesPayloadVersionRequestIdAndTail) {
  const LocalLambda lambda(echo_options());
  const Reply reply = obey(lambda, {"print good day", "echo"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, payload_of({"print good day", "echo"}));
  EXPECT_EQ(reply.header("x-amz-executed-version"), "$LATEST");
  EXPECT_EQ(reply.header("x-amz-function-error"), "");
  const std::string id = reply.header("x-amzn-requestid");
  EXPECT_THAT(id,
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_THAT(
      reply.log_tail(),
      MatchesRegex("START RequestId: " + id + " Version: .LATEST\ngood day\nEND RequestId: " + id +
                   "\nREPORT RequestId: " + id +
                   "\tDuration: [0-9.]+ ms\tBilled Duration: [0-9]+ ms\tMemory Size: 256 "
                   "MB\tMax Memory Used: [1-9][0-9]* MB\tInit Duration: [0-9.]+ ms\t\n"));
  Request quiet;
  quiet.tail = false;
  EXPECT_EQ(send(lambda, quiet).header("x-amz-log-result"), "");
}

TEST(Front, TailIsTheLastFourKilobytes) {
  const LocalLambda lambda(echo_options());
  const std::string tail = obey(lambda, {"print first", "flood 100000", "print last"}).log_tail();
  EXPECT_EQ(tail.size(), 4096u);
  EXPECT_THAT(tail, HasSubstr("xxx\nlast\nEND"));
}

TEST(Front, EmptyPayloadIsAnEmptyObject) {
  const LocalLambda lambda(echo_options());
  EXPECT_EQ(invoke(lambda, "").status, 200);
}

TEST(Front, DryRunIs204AndStartsNothing) {
  const LocalLambda lambda(echo_options());
  Request request;
  request.type = "DryRun";
  EXPECT_EQ(send(lambda, request).status, 204);
  EXPECT_EQ(lambda.meter().invocations, 0);
  EXPECT_EQ(lambda.meter().cold_starts, 0);
}

TEST(Front, UnknownFunctionsAndVersionsAre404) {
  const LocalLambda lambda(echo_options());
  Request request;
  for (const std::string& path : {functions("other"), functions("echo") + "?Qualifier=7",
                                  functions("echo") + "?Qualifier=prod"}) {
    request.path = path;
    const Reply reply = send(lambda, request);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.header("x-amzn-errortype"), "ResourceNotFoundException");
    EXPECT_EQ(reply.value("Type"), "User");
    EXPECT_THAT(reply.value("Message"), HasSubstr("Function not found: arn:aws:lambda:local:"));
  }
  request.path = functions("echo") + "?Qualifier=%24LATEST";
  EXPECT_EQ(send(lambda, request).status, 200);
  request.path = "/2015-03-31/layers";
  EXPECT_EQ(send(lambda, request).status, 404);
}

TEST(Front, BadSignaturesAre403) {
  const LocalLambda lambda(echo_options());
  const auto type_of = [&](const Request& request) {
    const Reply reply = send(lambda, request);
    EXPECT_EQ(reply.status, 403);
    EXPECT_NE(reply.value("message"), "");
    EXPECT_THAT(reply.body, testing::Not(HasSubstr(lambda.secret_key())));
    return reply.header("x-amzn-errortype");
  };
  Request request;
  request.sign = false;
  EXPECT_EQ(type_of(request), "MissingAuthenticationTokenException");
  request = {};
  request.secret_key = "wrong";
  EXPECT_EQ(type_of(request), "InvalidSignatureException");
  request = {};
  request.access_key = "somebody";
  EXPECT_EQ(type_of(request), "UnrecognizedClientException");
  request = {};
  request.region = "eu-central-1";
  EXPECT_EQ(type_of(request), "InvalidSignatureException");
  request = {};
  request.headers = {"X-Amz-Date: 20150830T123600Z"};
  EXPECT_EQ(type_of(request), "InvalidSignatureException");
  EXPECT_EQ(lambda.meter().cold_starts, 0);
}

TEST(Front, PayloadsThatAreNoJsonAre400) {
  const LocalLambda lambda(echo_options());
  for (const char* bad : {"{", "hello", "{} {}", "{\"a\":}"}) {
    const Reply reply = invoke(lambda, bad);
    EXPECT_EQ(reply.status, 400) << bad;
    EXPECT_EQ(reply.header("x-amzn-errortype"), "InvalidRequestContentException");
  }
  Request request;
  request.type = "Sometimes";
  EXPECT_EQ(send(lambda, request).status, 400);
}

TEST(Front, PayloadsOverTheLimitAre413) {
  const LocalLambda lambda(echo_options());
  const auto status = [&](std::size_t bytes, const char* type) {
    Request request;
    request.body = "\"" + std::string(bytes - 2, 'x') + "\"";
    request.type = type;
    return send(lambda, request).status;
  };
  EXPECT_EQ(status(6 << 20, "RequestResponse"), 200);
  EXPECT_EQ(status((6 << 20) + 1, "RequestResponse"), 413);
  EXPECT_EQ(status(40 << 20, "RequestResponse"), 413);  // not even read
  EXPECT_EQ(status(1 << 20, "Event"), 202);
  EXPECT_EQ(status((1 << 20) + 1, "Event"), 413);
}

TEST(Front, ConfigurationAndLimitsAreTold) {
  LocalLambdaOptions options = echo_options();
  options.timeout = std::chrono::seconds(20);
  options.concurrency = 50;
  options.reserved_concurrency = 8;
  const LocalLambda lambda(options);
  Request request;
  request.method = "GET";
  request.path = functions("echo", "configuration");
  Reply reply = send(lambda, request);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.value("FunctionName"), "echo");
  EXPECT_EQ(reply.value("Runtime"), "provided.al2023");
  EXPECT_EQ(reply.value("Architectures"), "[\"x86_64\"]");
  EXPECT_EQ(reply.value("Timeout"), "20");
  EXPECT_EQ(reply.value("MemorySize"), "256");
  EXPECT_EQ(reply.value("State"), "Active");
  request.path = functions("other", "configuration");
  EXPECT_EQ(send(lambda, request).status, 404);
  request.path = "/2016-08-19/account-settings";
  EXPECT_EQ(send(lambda, request).value("AccountLimit"),
            R"({"ConcurrentExecutions":50,"UnreservedConcurrentExecutions":42})");
  request.path = "/2019-09-30/functions/echo/concurrency";
  EXPECT_EQ(send(lambda, request).value("ReservedConcurrentExecutions"), "8");
  const LocalLambda unreserved(echo_options());
  EXPECT_EQ(send(unreserved, request).body, "{}");
}

TEST(Front, GetFunctionTellsTheConfiguration) {
  const LocalLambda lambda(echo_options());
  Request request;
  request.method = "GET";
  request.path = "/2015-03-31/functions/echo";
  const Reply reply = send(lambda, request);
  EXPECT_EQ(reply.status, 200);
  const auto told = boost::json::parse(reply.body).at("Configuration");
  EXPECT_EQ(told.at("FunctionName"), "echo");
  EXPECT_EQ(told.at("State"), "Active");
  request.path = functions("echo", "configuration");
  EXPECT_EQ(boost::json::parse(send(lambda, request).body), told);
}

TEST(Front, ASlashAtTheEndOfAPathIsNothing) {
  const LocalLambda lambda(echo_options());
  Request request;
  request.method = "GET";
  request.path = "/2016-08-19/account-settings/";
  EXPECT_EQ(send(lambda, request).status, 200);
}

TEST(Front, SessionTokensAreLookedAt) {
  LocalLambdaOptions options = echo_options();
  const LocalLambda lambda(options);
  Request request;
  request.headers = {"X-Amz-Security-Token: another"};
  EXPECT_EQ(send(lambda, request).header("x-amzn-errortype"), "UnrecognizedClientException");
  options.session_token = "another";
  const LocalLambda temporary(options);
  EXPECT_EQ(send(temporary, request).status, 200);
}

TEST(Front, WhatCannotBeStartedIsRefusedAtOnce) {
  const auto error_of = [](const LocalLambdaOptions& options) -> std::string {
    try {
      const LocalLambda lambda(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  LocalLambdaOptions options = echo_options();
  options.worker = "/no/such/worker";
  EXPECT_THAT(error_of(options), HasSubstr("--worker: '/no/such/worker'"));
  options = echo_options();
  options.listen = "localhost:1";
  EXPECT_THAT(error_of(options), HasSubstr("--listen: localhost:1: expected ADDRESS:PORT"));
  const LocalLambda first(echo_options());
  options.listen = first.endpoint().substr(7);
  EXPECT_THAT(error_of(options), HasSubstr(options.listen));
}

}  // namespace
}  // namespace laggard
