#include "runners/live/server.hpp"

#include "core/io/error.hpp"
#include "tests/support/eventually.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <string>

namespace laggard::live {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A client that says what it likes.
class Client {
 public:
  explicit Client(int port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
  }
  void send(const std::string& text) { asio::write(socket_, asio::buffer(text)); }
  // All that comes until the server hangs up.
  std::string rest() {
    boost::system::error_code ended;
    asio::read(socket_, asio::dynamic_buffer(text_), ended);
    return text_;
  }
  // What has come, once `wanted` is among it.
  std::string until(const std::string& wanted) {
    boost::system::error_code ended;
    while (text_.find(wanted) == std::string::npos && !ended)
      asio::read(socket_, asio::dynamic_buffer(text_), asio::transfer_at_least(1), ended);
    return text_;
  }

 private:
  asio::io_context io_;
  tcp::socket socket_;
  std::string text_;
};

class LiveServer : public testing::Test {
 protected:
  std::string get(const std::string& head) {
    Client client(server_->port());
    client.send(head + "\r\n\r\n");
    return client.rest();
  }
  std::string host() const { return fmt::format("127.0.0.1:{}", server_->port()); }
  std::string page(const std::string& more = "") {
    return get("GET / HTTP/1.1\r\nHost: " + host() + more);
  }
  std::unique_ptr<Client> watch() {
    auto client = std::make_unique<Client>(server_->port());
    client->send("GET /events HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
    return client;
  }

  std::atomic<int> asked_{0};
  std::string text_ = "{}";  // of every document
  std::unique_ptr<Server> server_ = std::make_unique<Server>(0, "<p>the page</p>", [this] {
    ++asked_;
    return text_;
  });
};

TEST_F(LiveServer, GivesThePageToWhoNamesIt) {
  const std::string reply = page();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n<p>the page</p>"));
  EXPECT_THAT(reply, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(get(fmt::format("GET /?a=b HTTP/1.1\r\nHost: localhost:{}", server_->port())),
              StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(server_->url(), "http://" + host() + "/");
}

// A name of somebody's that resolves to 127.0.0.1: its page may read what it loads from there.
TEST_F(LiveServer, RefusesOtherHosts) {
  const std::string port = std::to_string(server_->port());
  for (const std::string& head :
       {std::string("Host: evil.example:") + port, "Host: 127.0.0.1.evil.example:" + port,
        "Host: 127.0.0.1:" + std::to_string(server_->port() + 1), std::string("Host: 127.0.0.1"),
        std::string("Host: "), std::string("Accept: */*"),
        "Host: " + host() + "\r\nHost: evil.example", "Host: localhost.:" + port}) {
    for (const char* target : {"/", "/events"}) {
      const std::string reply = get(fmt::format("GET {} HTTP/1.1\r\n{}", target, head));
      EXPECT_THAT(reply, StartsWith("HTTP/1.1 403 Forbidden\r\n")) << head;
      EXPECT_THAT(reply, Not(HasSubstr("the page"))) << head;
    }
  }
}

TEST_F(LiveServer, RefusesOtherPages) {
  for (const std::string& origin :
       {std::string("http://evil.example"), std::string("null"), "https://" + host(),
        "http://" + host() + ".evil.example", std::string("http://127.0.0.1")})
    EXPECT_THAT(page("\r\nOrigin: " + origin), StartsWith("HTTP/1.1 403")) << origin;
  EXPECT_THAT(page("\r\nOrigin: http://" + host()), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(page("\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors"),
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(page("\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate"),
              StartsWith("HTTP/1.1 200"));
}

TEST_F(LiveServer, OnlyGets) {
  for (const char* method : {"POST", "HEAD", "OPTIONS", "DELETE", "PUT"}) {
    const std::string reply =
        get(fmt::format("{} / HTTP/1.1\r\nHost: {}\r\nContent-Length: 0", method, host()));
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 405")) << method;
    EXPECT_THAT(reply, HasSubstr("Allow: GET\r\n")) << method;
  }
  EXPECT_THAT(get("GET /other HTTP/1.1\r\nHost: " + host()), StartsWith("HTTP/1.1 404"));
}

TEST_F(LiveServer, HangsUpOnWhatIsNoRequest) {
  EXPECT_EQ(get("\x16\x03\x01"), "");
  EXPECT_EQ(get("GET / HTTP/1.1\r\nHost: " + host() + "\r\nX: " + std::string(20'000, 'x')), "");
}

TEST_F(LiveServer, SendsTheDocumentToWhoWatchesAndALastTimeAtTheEnd) {
  EXPECT_FALSE(server_->is_watched());
  text_ = R"({"round":1})";
  const auto client = watch();
  EXPECT_THAT(client->until("\n\n"), HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(client->until("\"round\":1}\n\n"), HasSubstr("\r\n\r\ndata: {\"round\":1}\n\n"));
  EXPECT_TRUE(server_->is_watched());
  server_.reset();
  EXPECT_TRUE(client->rest().ends_with("data: {\"round\":1}\n\n"));
}

TEST_F(LiveServer, AsksForNothingWhileNobodyWatches) {
  page();
  EXPECT_EQ(asked_, 0);
  auto client = watch();
  client->until("data: ");
  EXPECT_GT(asked_, 0);
  client.reset();
  EXPECT_TRUE(eventually([&] { return !server_->is_watched(); }));
  server_.reset();
}

// A client that reads nothing: others are served, and the end does not wait for it.
TEST_F(LiveServer, DoesNotWaitForWhoDoesNotRead) {
  text_ = '"' + std::string(32 << 20, 'x') + '"';  // more than sockets hold
  const auto lazy = watch();
  lazy->until("HTTP/1.1 200");
  EXPECT_TRUE(eventually([&] { return server_->is_watched(); }));
  EXPECT_THAT(page(), StartsWith("HTTP/1.1 200"));
  const auto begin = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(LiveServer, LetsInSoManyAndNoMore) {
  std::list<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < kMostClients; ++i) {
    clients.push_back(watch());
    clients.back()->until("data: ");
  }
  Client late(server_->port());
  boost::system::error_code ignored;
  EXPECT_EQ(late.rest(), "");
  clients.pop_back();
  EXPECT_TRUE(eventually([&] { return !page().empty(); }));
}

TEST_F(LiveServer, TellsThatThePortIsTaken) {
  try {
    Server second(server_->port(), "", [] { return std::string(); });
    FAIL() << "both listen";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), StartsWith(fmt::format("--serve: cannot listen on {}: ", host())));
  }
}

}  // namespace
}  // namespace laggard::live
