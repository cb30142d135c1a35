#include "tests/launchers/invoke_test_bed.hpp"

#include "core/wire/assignment.hpp"
#include "laggard/version.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/channels/tls/connection.hpp"
#include "runners/launchers/lambda/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json.hpp>

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
  for (const char* part :
       {"credentials: found in the environment", "clock:", "time-out 300 s, 1024 MB",
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

std::uint64_t a_kilobyte(MessageKind, const void*) { return 1000; }

enum class Comer { worker, worker_of_another_release, stranger, nobody };

// Who dials where the assignment says.
ScriptedReply dial(const ServedRequest& request, Comer comer) {
  const Assignment assignment = parse_assignment(request.body);
  boost::asio::io_context loop;
  const auto connection = std::make_shared<Connection>(
      tcp::socket(loop), comer == Comer::stranger ? nullptr : pinned_context(assignment.pin));
  const auto visit = [&]() -> boost::asio::awaitable<void> {
    co_await connection->connect(parse_endpoint(assignment.connect, "connect"));
    if (comer != Comer::stranger) {
      Hello hello;
      hello.run = assignment.run;
      hello.version = comer == Comer::worker ? LAGGARD_VERSION : "0.0.1";
      Bytes frame;
      encode(hello, frame);
      connection->send(std::move(frame));
      Frame answer;
      co_await connection->read(answer, &a_kilobyte, nullptr);
      EXPECT_EQ(answer.header.kind, MessageKind::reject);
    }
    connection->close();
  };
  if (comer != Comer::nobody) {
    boost::asio::co_spawn(loop, visit(),
                          [](const std::exception_ptr& failure) { EXPECT_FALSE(failure); });
    loop.run();
  }
  return {.body =
              R"({"errorType":"Laggard.Rejected",
              "errorMessage":"the coordinator refused this worker"})",
          .headers = {{"X-Amz-Function-Error", "Unhandled"}}};
}

TEST(Doctor, ProbesWhetherTheWorkerReachesTheCoordinator) {
  const std::pair<Comer, const char*> cases[] = {
      {Comer::worker, "ok    probe: a worker of this version"},
      {Comer::worker_of_another_release, "FAIL  probe: the function's worker is of version 0.0.1"},
      {Comer::stranger, "FAIL  probe: the function ran, but did not"},
      {Comer::nobody, "FAIL  probe: the function ran, but did not"}};
  for (const auto& [comer, says] : cases) {
    ScriptedServer server([&, who = comer](const ServedRequest& request) {
      const ScriptedReply reply = healthy(request, [&](const ServedRequest& invocation) {
        return invocation.headers.at("x-amz-invocation-type") == "DryRun"
                   ? ScriptedReply{.status = 204}
                   : dial(invocation, who);
      });
      return dated(reply, 0);
    });
    DoctorOptions options = options_for(server);
    options.probe = true;
    const auto findings = examine(options);
    EXPECT_EQ(is_healthy(findings), comer == Comer::worker) << to_text(findings);
    EXPECT_THAT(to_text(findings), HasSubstr(says));
  }
}

TEST(Doctor, ProbeTellsAWorkerOfAnotherVersion) {
  ScriptedServer server([](const ServedRequest& request) {
    const ScriptedReply reply = healthy(request, [](const ServedRequest& invocation) {
      if (invocation.headers.at("x-amz-invocation-type") == "DryRun") {
        return ScriptedReply{.status = 204};
      }
      return ScriptedReply{
          .body = R"({"errorType":"Laggard.OlderWorker","errorMessage":"version 0"})",
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
