// The worker program under AWS's own Runtime Interface Emulator, where that is installed: on PATH
// as aws-lambda-rie, or $LAGGARD_RIE.
#include "runners/channels/tls/address.hpp"
#include "tests/worker/fake_coordinator.hpp"
#include "tests/worker/http_server.hpp"
#include "tests/worker/work_of_test.hpp"
#include "tests/worker/worker_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <future>
#include <sstream>
#include <thread>

namespace laggard {
namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;
using ::testing::HasSubstr;

std::string find_emulator() {
  if (const char* given = std::getenv("LAGGARD_RIE")) return given;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/aws-lambda-rie";
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

std::string free_address() {
  asio::io_context loop;
  const tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
}

// Connects as soon as somebody listens.
void connect(tcp::socket& socket, const tcp::endpoint& peer) {
  boost::system::error_code error;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  do {
    socket.close(error);
    socket.connect(peer, error);
    if (error) std::this_thread::yield();
  } while (error && std::chrono::steady_clock::now() < end);
  if (error) throw boost::system::system_error(error);
}

HttpResponse invoke(const std::string& address, const std::string& payload) {
  asio::io_context loop;
  tcp::socket socket(loop);
  connect(socket, parse_endpoint(address, "emulator"));
  HttpRequest request(http::verb::post, "/2015-03-31/functions/function/invocations", 11);
  request.set(http::field::host, address);
  request.body() = payload;
  request.prepare_payload();
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  HttpResponse response;
  http::read(socket, buffer, response);
  return response;
}

class Emulator : public ::testing::Test {
 protected:
  void SetUp() override {
    if (find_emulator().empty())
      GTEST_SKIP() << "aws-lambda-rie is neither on PATH nor named by LAGGARD_RIE";
  }
  void start(const std::string& timeout, WorkerProcess::Environment environment = {}) {
    environment.emplace_back("AWS_LAMBDA_FUNCTION_TIMEOUT", timeout);
    emulator = std::make_unique<WorkerProcess>(
        std::vector<std::string>{"--runtime-interface-emulator-address", address,
                                 "--runtime-api-address", free_address(), LAGGARD_WORKER},
        environment, find_emulator());
  }
  std::future<HttpResponse> invoke_worker(const Assignment& assignment) {
    return std::async(std::launch::async, invoke, address, to_json(assignment));
  }
  static std::string ended(const HttpResponse& response) {
    return std::string(boost::json::parse(response.body()).at("ended").as_string());
  }

  Problem whole = small_whole();
  FakeCoordinator coordinator;
  const std::string address = free_address();
  std::unique_ptr<WorkerProcess> emulator;
};

TEST_F(Emulator, ServesTwoInvocationsInOneEnvironment) {
  start("60");
  const Work work = work_of(whole);
  for (const bool cold : {true, false}) {
    std::future<HttpResponse> answer = invoke_worker(coordinator.assignment());
    Peer peer = coordinator.welcome(work, whole);
    EXPECT_EQ(peer.hello.cold, cold);
    EXPECT_LE(peer.hello.remaining, std::chrono::seconds(60));
    const Task task = prox_task(whole, 0, 0);
    peer.task(task, false);
    EXPECT_EQ(peer.report().vectors, computed_here(work, whole, task).vectors);
    peer.goodbye();
    EXPECT_EQ(ended(answer.get()), "goodbye");
  }
}

TEST_F(Emulator, EndsBeforeTheFunctionsTimeout) {
  start("2");
  Work work = work_of(whole);
  work.straggler = "fixed:60";
  std::future<HttpResponse> answer = invoke_worker(coordinator.assignment());
  Peer peer = coordinator.welcome(work, whole);
  peer.task(prox_task(whole, 0, 0), false);
  EXPECT_TRUE(peer.closed());
  EXPECT_EQ(ended(answer.get()), "deadline");
}

TEST_F(Emulator, TellsWhomItCannotReach) {
  start("60");
  const Assignment assignment = coordinator.assignment();
  coordinator.acceptor.close();
  const HttpResponse response = invoke_worker(assignment).get();
  EXPECT_THAT(response.body(), HasSubstr("Laggard.Unreachable"));
}

TEST_F(Emulator, ACrashIsAnErrorOfTheFunction) {
  start("60");
  Work work = work_of(whole);
  work.straggler = "crash:p=1";
  std::future<HttpResponse> answer = invoke_worker(coordinator.assignment());
  Peer peer = coordinator.welcome(work, whole);
  peer.task(prox_task(whole, 0, 0), false);
  EXPECT_TRUE(peer.closed());
  EXPECT_THAT(answer.get().body(), ::testing::Not(HasSubstr("ended")));
}

TEST_F(Emulator, AStartThatFailsIsAnErrorOfTheFunction) {
  start("60", {{"LAGGARD_CA", "/nowhere/ca.pem"}});
  EXPECT_THAT(invoke_worker(coordinator.assignment()).get().body(), HasSubstr("Laggard.Init"));
}

}  // namespace
}  // namespace laggard
