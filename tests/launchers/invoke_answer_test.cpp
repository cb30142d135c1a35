#include "tests/launchers/invoke_test_bed.hpp"

#include "runners/launchers/lambda/invoke_answer.hpp"
#include "tests/support/case_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace laggard {
namespace {

using testing::HasSubstr;

std::string base64(const std::string& text) {
  std::string out(text.size() * 2 + 8, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()),
      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()))));
  return out;
}

InvokeContext context(bool any_connected = false) {
  return {function_address("w", "us-east-1", ""), any_connected, "203.0.113.5:9000"};
}

HttpResponse refused(int status, const std::string& type, const std::string& body = "{}") {
  HttpResponse response;
  response.status = status;
  response.sent = true;
  response.headers["x-amzn-errortype"] = type;
  response.body = body;
  return response;
}

HttpResponse function_error(const std::string& type, const std::string& message) {
  HttpResponse response;
  response.status = 200;
  response.sent = true;
  response.headers["x-amz-function-error"] = "Unhandled";
  response.body = R"({"errorType":")" + type + R"(","errorMessage":")" + message + "\"}";
  return response;
}

TEST(Billing, IsReadFromTheReportLine) {
  const std::string log =
      "START RequestId: 8f5 Version: $LATEST\nEND RequestId: 8f5\n"
      "REPORT RequestId: 8f5\tDuration: 1203.31 ms\tBilled Duration: 1290 ms\tMemory Size: 1769 "
      "MB\t"
      "Max Memory Used: 31 MB\tInit Duration: 86.27 ms\t\n";
  const auto billing = read_billing(base64(log));
  ASSERT_TRUE(billing);
  EXPECT_DOUBLE_EQ(billing->seconds, 1.29);
  EXPECT_DOUBLE_EQ(billing->memory_mb, 1769);
}

TEST(Billing, IsUnknownWhereTheLogHasNoReport) {
  EXPECT_FALSE(read_billing(""));
  EXPECT_FALSE(read_billing("not base64!"));
  EXPECT_FALSE(read_billing(base64("START RequestId: 8f5\nsome text\n")));
  EXPECT_FALSE(
      read_billing(base64("REPORT RequestId: 1\tBilled Duration: nan ms\tMemory Size: 1 MB")));
}

TEST(InvokeAnswer, OfAFunctionThatEndedWellIsNoFailure) {
  HttpResponse response;
  response.status = 200;
  response.body = "{}";
  const InvokeAnswer answer = read_answer(response, context());
  EXPECT_FALSE(answer.end.failed);
  EXPECT_FALSE(answer.not_started);
}

struct Refusal {
  int status;
  const char* type;
  const char* body;
  const char* remedy;  // part of the message; empty: not hopeless
};

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, IsHopelessWhereNothingMendsIt) {
  const Refusal& refusal = GetParam();
  const InvokeAnswer answer =
      read_answer(refused(refusal.status, refusal.type, refusal.body), context());
  EXPECT_TRUE(answer.end.failed);
  EXPECT_TRUE(answer.not_started);
  EXPECT_EQ(answer.end.hopeless, *refusal.remedy != '\0') << answer.end.why;
  EXPECT_THAT(answer.end.why, HasSubstr(refusal.remedy));
  EXPECT_EQ(answer.end.why.find('\n'), std::string::npos);
  EXPECT_EQ(answer.end.throttled, refusal.status == 429);
}

INSTANTIATE_TEST_SUITE_P(
    Lambda, RefusalTest,
    testing::Values(
        Refusal{404, "ResourceNotFoundException", R"({"Message":"Function not found"})",
                "check the name, --region"},
        Refusal{403, "ExpiredTokenException", R"({"message":"The security token is expired"})",
                "get new ones"},
        Refusal{403, "UnrecognizedClientException", R"({"message":"token is invalid"})",
                "check the access key"},
        Refusal{403, "InvalidSignatureException",
                R"({"message":"Signature expired: 20260101T000000Z is now earlier"})", "clock"},
        Refusal{403, "InvalidSignatureException", R"({"message":"does not match"})",
                "check the secret key"},
        Refusal{403, "AccessDeniedException:http://x", R"({"Message":"not authorized"})",
                "invoke policy"},
        Refusal{413, "RequestEntityTooLargeException", "{}", "--endpoint"},
        Refusal{301, "", "<html>", "--endpoint"},
        Refusal{502, "InvalidRuntimeException", "{}", "deploy it again"},
        Refusal{502, "InvalidZipFileException", "{}", "deploy it again"},
        Refusal{502, "EC2ThrottledException", "{}", ""},
        Refusal{500, "ServiceException", R"({"Message":"internal error"})", ""},
        Refusal{503, "", "Service Unavailable", ""},
        Refusal{409, "ResourceConflictException", R"({"Message":"update in progress"})", ""},
        Refusal{429, "TooManyRequestsException", R"({"Reason":"CallerRateLimitExceeded"})", ""}),
    [](const auto& test) {
      return case_name("{} {} {}", test.param.status, test.param.type, test.param.remedy);
    });

TEST(InvokeAnswer, TellsARateFromAWantOfRoom) {
  const auto read = [](const std::string& reason) {
    return read_answer(refused(429, "TooManyRequestsException", R"({"Reason":")" + reason + "\"}"),
                       context());
  };
  EXPECT_TRUE(read("ConcurrentInvocationLimitExceeded").no_room);
  EXPECT_TRUE(read("ReservedFunctionConcurrentInvocationLimitExceeded").no_room);
  EXPECT_FALSE(read("FunctionInvocationRateLimitExceeded").no_room);
  EXPECT_FALSE(read("CallerRateLimitExceeded").no_room);
}

TEST(InvokeAnswer, HeedsRetryAfterWithinBounds) {
  HttpResponse response = refused(429, "TooManyRequestsException");
  response.headers["retry-after"] = "7";
  EXPECT_EQ(read_answer(response, context()).end.retry_after, std::chrono::seconds(7));
  response.headers["retry-after"] = "86400";
  EXPECT_EQ(read_answer(response, context()).end.retry_after, std::chrono::seconds(60));
  response.headers["retry-after"] = "soon";
  EXPECT_EQ(read_answer(response, context()).end.retry_after, Time{});
}

TEST(InvokeAnswer, OfAWorkerThatCannotReachTheCoordinatorIsHopelessUntilOneCould) {
  const HttpResponse response = function_error("Laggard.Unreachable", "connection timed out");
  const InvokeAnswer first = read_answer(response, context(false));
  EXPECT_TRUE(first.end.hopeless);
  EXPECT_FALSE(first.not_started);
  EXPECT_THAT(first.end.why, HasSubstr("--advertise 203.0.113.5:9000"));
  const InvokeAnswer later = read_answer(response, context(true));
  EXPECT_TRUE(later.end.failed);
  EXPECT_FALSE(later.end.hopeless);
}

TEST(InvokeAnswer, OfAFunctionThatCannotBeTheWorkerIsHopeless) {
  const auto why = [](const char* type, const char* message) {
    const InvokeAnswer answer = read_answer(function_error(type, message), context(true));
    EXPECT_TRUE(answer.end.hopeless) << type;
    return answer.end.why;
  };
  EXPECT_THAT(why("Runtime.InvalidEntrypoint", "fork/exec /var/task/bootstrap: exec format error"),
              HasSubstr("x86_64"));
  EXPECT_THAT(why("Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s)"),
              HasSubstr("bootstrap"));
  EXPECT_THAT(why("Laggard.OlderWorker", "speaks wire version 1"), HasSubstr("lambda_zip"));
  EXPECT_THAT(why("Laggard.BadAssignment", "no key connect"), HasSubstr("lambda_zip"));
}

TEST(InvokeAnswer, OfAFunctionThatFailedIsForTheLifecycle) {
  const auto read = [](const char* type, const char* message) {
    const InvokeAnswer answer = read_answer(function_error(type, message), context());
    EXPECT_TRUE(answer.end.failed);
    EXPECT_FALSE(answer.end.hopeless);
    EXPECT_FALSE(answer.not_started);
    return answer.end.why;
  };
  EXPECT_EQ(read("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 20.00 seconds"),
            "the function timed out");
  EXPECT_THAT(read("Runtime.ExitError", "Runtime exited with error: exit status 1"),
              HasSubstr("exit status 1"));
  EXPECT_THAT(read("Laggard.Rejected", "an earlier incarnation"), HasSubstr("Laggard.Rejected"));
  EXPECT_EQ(read("X", "two\\nlines"), "the function failed: X: two lines");
}

TEST(InvokeAnswer, ARequestThatMayHaveArrivedIsNotSaidToHaveStartedNothing) {
  HttpResponse response;
  response.error = "Empty reply from server";
  response.sent = true;
  EXPECT_FALSE(read_answer(response, context()).not_started);
  response.sent = false;
  EXPECT_TRUE(read_answer(response, context()).not_started);
}

}  // namespace
}  // namespace laggard
