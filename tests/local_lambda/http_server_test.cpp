// What the HTTP server lets in, and how much of it it holds.
#include "client.hpp"
#include "runners/local_lambda/http.hpp"
#include "tests/support/mutate.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <deque>
#include <thread>

namespace laggard::local {
namespace {

using boost::asio::ip::tcp;
using testing::AllOf;
using testing::EndsWith;
using testing::StartsWith;

// A client that says what it is told to, byte by byte.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }
  void say(std::string_view text) { boost::asio::write(socket_, boost::asio::buffer(text)); }
  void end() {
    boost::system::error_code gone;  // the other side may have hung up
    socket_.shutdown(tcp::socket::shutdown_send, gone);
  }
  // What comes until the other side ends the connection, or until `text`.
  std::string hear(std::string_view until = "") {
    std::string all;
    char byte = 0;
    boost::system::error_code end;
    while ((until.empty() || all.find(until) == all.npos) &&
           boost::asio::read(socket_, boost::asio::buffer(&byte, 1), end) == 1)
      all += byte;
    return all;
  }

 private:
  boost::asio::io_context loop_;
  tcp::socket socket_{loop_};
};

std::string post_of(std::size_t bytes, std::string_view headers = "") {
  return fmt::format("POST / HTTP/1.1\r\nHost: h\r\n{}Content-Length: {}\r\n\r\n", headers, bytes);
}

// A server in a thread of its own that answers with the size of the body.
class Served : public testing::Test {
 protected:
  std::uint16_t serve(const HttpServerOptions& options, HttpAdmit admit = nullptr) {
    server_.emplace(
        loop_, options,
        [](const HttpRequest& request, const HttpRespond& respond) {
          respond({200, {}, std::to_string(request.body.size())});
        },
        std::move(admit));
    thread_ = std::thread([this] { loop_.run(); });
    return server_->port();
  }
  ~Served() override {
    loop_.stop();
    thread_.join();
  }

 private:
  boost::asio::io_context loop_;
  std::optional<HttpServer> server_;
  std::thread thread_;
};

TEST_F(Served, WhoIsNotAdmittedIsAnsweredBeforeItsBodyIsRead) {
  RawClient client(serve({}, [](const HttpRequest& head) {
    return head.header("x-good").empty() ? std::optional(HttpReply{403, {}, "no"}) : std::nullopt;
  }));
  client.say(post_of(6 << 20));
  EXPECT_THAT(client.hear(), StartsWith("HTTP/1.1 403 "));
}

TEST_F(Served, WhoIsStillSendingHearsTheAnswerAllTheSame) {
  RawClient client(serve({}, [](const HttpRequest&) { return HttpReply{403, {}, "no"}; }));
  client.say(post_of(6 << 20) + std::string(6 << 20, 'x'));
  EXPECT_THAT(client.hear(), StartsWith("HTTP/1.1 403 "));
}

TEST_F(Served, BodiesOnTheirWayAreHeldUpToALimit) {
  HttpServerOptions options;
  options.most_bytes = 100;
  const std::uint16_t port = serve(options);
  RawClient first(port), second(port);
  first.say(post_of(80, "Expect: 100-continue\r\n"));
  EXPECT_THAT(first.hear("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));  // so its bytes are counted
  second.say(post_of(80));
  EXPECT_THAT(second.hear(), StartsWith("HTTP/1.1 503 "));
  first.say(std::string(80, 'x'));
  EXPECT_THAT(first.hear("80"), StartsWith("HTTP/1.1 200 "));
  RawClient third(port);
  third.say(post_of(80) + std::string(80, 'x'));
  EXPECT_THAT(third.hear("80"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Served, WhoWaitsLongestMakesRoom) {
  HttpServerOptions options;
  options.most_connections = 4;
  const std::uint16_t port = serve(options);
  std::deque<RawClient> silent;
  for (int i = 0; i < 20; ++i) silent.emplace_back(port);
  RawClient late(port);
  late.say(post_of(0));
  EXPECT_THAT(late.hear("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  // The server has room for four at most: all but the last three have been hung up on.
  for (int i = 0; i < 17; ++i) EXPECT_EQ(silent[static_cast<std::size_t>(i)].hear(), "");
}

// Requests that no client should send, each from a client that then is silent: they are answered,
// or the server hangs up. Whoever sends a good one meanwhile is served.
void disturb(std::uint16_t port, const std::vector<std::string>& good,
             const std::function<void()>& expect_served) {
  std::uint64_t answered = 0, dropped = 0;
  for (std::uint64_t seed = 1; seed <= seeds(1000); ++seed) {
    std::mt19937_64 random(seed);
    std::string request = good[random() % good.size()];
    mutate(request, random);
    RawClient client(port);
    client.say(request);
    client.end();
    const std::string reply = client.hear();
    ++(reply.empty() ? dropped : answered);
    EXPECT_TRUE(reply.empty() || reply.starts_with("HTTP/1.1 "))
        << "seed " << seed << ": " << request << " was answered by " << reply;
    if (seed % 100 == 0) expect_served();
  }
  expect_served();
  // How many it answers before it sees that the client is gone is chance.
  EXPECT_GT(answered, 0u);
  EXPECT_GT(dropped, 0u);
}

TEST_F(Served, NoRequestDisturbsAnother) {
  HttpServerOptions options;
  options.body_limit = 1000;
  const std::uint16_t port = serve(options);
  disturb(port,
          {post_of(5) + "abcde", post_of(5, "Expect: 100-continue\r\n") + "abcde",
           post_of(5, "Connection: close\r\n") + "abcde", post_of(1001) + std::string(1001, 'x'),
           "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n" + post_of(2) + "ab",
           "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
          [port] {
            RawClient client(port);
            client.say(post_of(7, "Connection: close\r\n") + "1234567");
            EXPECT_THAT(client.hear(), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n7")));
          });
}

TEST(Strangers, DisturbNoEndpoint) {
  const LocalLambda lambda(echo_options());
  const std::string& endpoint = lambda.endpoint();
  const int port = std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
  const std::string signed_by_nobody =
      "Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/local/lambda/aws4_request, "
      "SignedHeaders=host;x-amz-date, Signature=0123456789abcdef\r\n"
      "X-Amz-Date: 20260101T000000Z\r\nX-Amz-Invocation-Type: Event\r\n";
  const std::string head = "/2015-03-31/functions/f%3Aa/invocations?Qualifier=1 HTTP/1.1\r\n";
  disturb(static_cast<std::uint16_t>(port),
          {"POST " + head + "Host: h\r\n" + signed_by_nobody + "Content-Length: 2\r\n\r\n{}",
           "GET " + head + signed_by_nobody + "\r\n", "DELETE / HTTP/1.1\r\nHost: h\r\n\r\n"},
          [&lambda] { EXPECT_EQ(obey(lambda, {}).status, 200); });
}

TEST(Strangers, CannotUseUpTheFilesOfAnEndpoint) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const LocalLambda lambda(echo_options());
  const int port = std::stoi(lambda.endpoint().substr(lambda.endpoint().rfind(':') + 1));
  std::deque<RawClient> crowd;
  const auto most = static_cast<std::size_t>(files.rlim_max / 8);
  if (most > 4000) GTEST_SKIP() << "the limit on open files is too high to be reached";
  for (std::size_t i = 0; i < most + 50; ++i) crowd.emplace_back(static_cast<std::uint16_t>(port));
  EXPECT_EQ(obey(lambda, {}).status, 200);
  EXPECT_EQ(crowd.front().hear(), "");
}

}  // namespace
}  // namespace laggard::local
