#include "tests/lambda/invoke_test_bed.hpp"

#include "runners/lambda/doctor.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

namespace laggard {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;

std::string date(int seconds_from_now) {
  const std::time_t time = std::time(nullptr) + seconds_from_now;
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&time));
  return text;
}

ScriptedReply dated(ScriptedReply reply, int seconds_from_now) {
  reply.headers["Date"] = date(seconds_from_now);
  return reply;
}

DoctorOptions options_for(const ScriptedServer& server) {
  DoctorOptions options;
  options.function = "laggard-worker";
  options.region = "us-east-1";
  options.endpoint = server.url();
  options.doors.listen = {boost::asio::ip::address_v4::loopback(), 0};
  options.workers = 8;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "AWS_ACCESS_KEY_ID") return "AKIDEXAMPLE";
    if (name == "AWS_SECRET_ACCESS_KEY") return kSecretKey;
    return std::nullopt;
  };
  return options;
}

ScriptedReply dry_run(const ServedRequest& request) {
  EXPECT_EQ(request.headers.at("x-amz-invocation-type"), "DryRun");
  return {.status = 204};
}

TEST(Doctor, FindsAWorkingSetUpHealthyAndInvokesNothing) {
  ScriptedServer server(
      [](const ServedRequest& request) { return dated(healthy(request, dry_run), 0); });
  const auto findings = examine(options_for(server));
  const std::string text = to_text(findings);
  EXPECT_TRUE(is_healthy(findings)) << text;
  for (const char* part : {"credentials: found in the environment", "clock:", "time-out 300 s, 1024 MB",
                           "permission:", "concurrency:", "can listen on 127.0.0.1:"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("warn")));
  EXPECT_THAT(text, Not(HasSubstr(kSecretKey)));
}

TEST(Doctor, ComparesTheClocks) {
  for (const int skew : {-400, 400}) {
    ScriptedServer server(
        [&](const ServedRequest& request) { return dated(healthy(request, dry_run), skew); });
    const auto findings = examine(options_for(server));
    EXPECT_FALSE(is_healthy(findings));
    EXPECT_THAT(to_text(findings), HasSubstr("FAIL  clock: "));
    EXPECT_THAT(to_text(findings), HasSubstr("set this machine's clock"));
  }
  ScriptedServer server(
      [](const ServedRequest& request) { return dated(healthy(request, dry_run), -120); });
  EXPECT_THAT(to_text(examine(options_for(server))), HasSubstr("warn  clock: 12"));
}

TEST(Doctor, TellsWhatIsWrongWithTheFunctionAndLooksAtTheNetworkStill) {
  ScriptedServer server([](const ServedRequest&) {
    return ScriptedReply{.status = 404,
                         .body = R"({"Message":"Function not found"})",
                         .headers = {{"x-amzn-ErrorType", "ResourceNotFoundException"}}};
  });
  const auto findings = examine(options_for(server));
  EXPECT_FALSE(is_healthy(findings));
  EXPECT_THAT(to_text(findings), HasSubstr("FAIL  --function laggard-worker in us-east-1"));
  EXPECT_THAT(to_text(findings), HasSubstr("can listen on"));
}

TEST(Doctor, TellsThatAPortIsTaken) {
  boost::asio::io_context loop;
  tcp::acceptor taken(loop, {boost::asio::ip::address_v4::loopback(), 0});
  ScriptedServer server(
      [](const ServedRequest& request) { return dated(healthy(request, dry_run), 0); });
  DoctorOptions options = options_for(server);
  options.doors.listen = taken.local_endpoint();
  const auto findings = examine(options);
  EXPECT_FALSE(is_healthy(findings));
  EXPECT_THAT(to_text(findings), HasSubstr("FAIL  --listen 127.0.0.1:"));
}

// A worker as far as the probe can tell: it dials where its assignment says, and reports that nobody
// spoke to it.
ScriptedReply dial(const ServedRequest& request, bool really) {
  const auto assignment = boost::json::parse(request.body).as_object();
  const std::string connect(assignment.at("connect").as_string());
  const std::size_t colon = connect.rfind(':');
  if (really) {
    boost::asio::io_context loop;
    tcp::socket socket(loop);
    socket.connect({boost::asio::ip::make_address(connect.substr(0, colon)),
                    static_cast<std::uint16_t>(std::stoi(connect.substr(colon + 1)))});
    char byte;
    boost::system::error_code end;
    boost::asio::read(socket, boost::asio::buffer(&byte, 1), end);
    EXPECT_TRUE(end) << "the probe hangs up";
  }
  return {.body = R"({"errorType":"Laggard.Unreachable","errorMessage":"no answer"})",
          .headers = {{"X-Amz-Function-Error", "Unhandled"}}};
}

TEST(Doctor, ProbesWhetherTheWorkerReachesTheCoordinator) {
  for (const bool really : {true, false}) {
    ScriptedServer server([&](const ServedRequest& request) {
      const ScriptedReply reply = healthy(request, [&](const ServedRequest& invocation) {
        return invocation.headers.at("x-amz-invocation-type") == "DryRun" ? ScriptedReply{.status = 204}
                                                                          : dial(invocation, really);
      });
      return dated(reply, 0);
    });
    DoctorOptions options = options_for(server);
    options.probe = true;
    const auto findings = examine(options);
    EXPECT_EQ(is_healthy(findings), really) << to_text(findings);
    EXPECT_THAT(to_text(findings), HasSubstr(really ? "ok    probe: a worker of this version"
                                                    : "FAIL  probe: the function ran, but did not"));
  }
}

TEST(Doctor, ProbeTellsAWorkerOfAnotherVersion) {
  ScriptedServer server([](const ServedRequest& request) {
    const ScriptedReply reply = healthy(request, [](const ServedRequest& invocation) {
      if (invocation.headers.at("x-amz-invocation-type") == "DryRun") {
        return ScriptedReply{.status = 204};
      }
      return ScriptedReply{.body = R"({"errorType":"Laggard.OlderWorker","errorMessage":"version 0"})",
                           .headers = {{"X-Amz-Function-Error", "Unhandled"}}};
    });
    return dated(reply, 0);
  });
  DoctorOptions options = options_for(server);
  options.probe = true;
  EXPECT_THAT(to_text(examine(options)), HasSubstr("deploy the lambda_zip of this build"));
}

}  // namespace
}  // namespace laggard
