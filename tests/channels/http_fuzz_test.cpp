// Answers that no server should give.
#include "runners/channels/http/client.hpp"
#include "tests/support/mutate.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>

namespace laggard {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t kMostBody = 200;

const std::vector<std::string> kGood = {
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX-A: b\r\n\r\n0123456789",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\nA;x=y\r\n0123456789\r\n"
    "0\r\nX-Trailer: t\r\n\r\n",
    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\nabcde",
    "HTTP/1.0 404 Not Found\r\nServer: s\r\n\r\nuntil the end",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 200 OK\r\nConnection: close\r\nX-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n"};

// Says `bytes` in pieces of 1 to `most` bytes, then ends.
class Script final : public ByteStream {
 public:
  Script(std::string bytes, std::size_t most, std::uint64_t seed)
      : bytes_(std::move(bytes)), most_(most), random_(seed) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer buffer) override {
    if (at_ == bytes_.size()) throw boost::system::system_error(asio::error::eof);
    const std::size_t size =
        std::min({1 + random_() % most_, bytes_.size() - at_, std::size_t{buffer.size()}});
    std::memcpy(buffer.data(), bytes_.data() + at_, size);
    at_ += size;
    co_return size;
  }
  asio::awaitable<void> write(asio::const_buffer) override { co_return; }

 private:
  std::string bytes_;
  std::size_t most_, at_ = 0;
  std::mt19937_64 random_;
};

// Nothing: refused with the error that is promised. Any other exception ends the test.
std::optional<HttpAnswer> answer_to(const std::string& bytes, std::size_t most_a_piece,
                                    std::uint64_t seed) {
  Script script(bytes, most_a_piece, seed);
  asio::io_context loop;
  std::optional<HttpAnswer> answer;
  std::exception_ptr failure;
  int heads = 0;
  const HttpHead on_head = [&](const HttpAnswer&) { ++heads; };
  asio::co_spawn(loop, exchange(script, HttpCall{}, "h", kMostBody, on_head),
                 [&](std::exception_ptr thrown, HttpAnswer given) {
                   failure = thrown;
                   if (!thrown) answer = std::move(given);
                 });
  loop.run();
  EXPECT_TRUE(heads == 1 || (heads == 0 && !answer)) << heads;
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const boost::system::system_error&) {
  }
  return answer;
}

TEST(HttpFuzz, AnyAnswerIsRefusedOrReadHoweverItComes) {
  std::uint64_t read = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    std::mt19937_64 random(seed);
    for (const std::string& good : kGood) {
      std::string bytes = good;
      mutate(bytes, random);
      SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << bytes);
      const auto whole = answer_to(bytes, bytes.size() + 1, seed);
      const auto pieces = answer_to(bytes, 1 + random() % 9, seed);
      ++(whole ? read : refused);
      ASSERT_EQ(whole.has_value(), pieces.has_value());
      if (!whole) continue;
      EXPECT_EQ(whole->status, pieces->status);
      EXPECT_EQ(whole->headers, pieces->headers);
      EXPECT_EQ(whole->length, pieces->length);
      EXPECT_EQ(whole->body, pieces->body);
      EXPECT_LE(whole->body.size(), kMostBody);
    }
  }
  EXPECT_GT(read, seeds() / 2);
  EXPECT_GT(refused, seeds() / 2);
}

TEST(HttpFuzz, SilenceIsNoAnswer) { EXPECT_FALSE(answer_to("", 1, 1)); }

TEST(HttpFuzz, WhatIsNotChangedIsReadByteByByte) {
  for (const std::string& good : kGood) EXPECT_TRUE(answer_to(good, 1, 1)) << good;
  EXPECT_EQ(answer_to(kGood[1], 1, 1)->body, "abcd0123456789");
  EXPECT_EQ(answer_to(kGood[3], 1, 1)->body, "until the end");
}

}  // namespace
}  // namespace laggard
