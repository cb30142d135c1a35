#include "runners/channels/tls/address.hpp"

#include "core/io/error.hpp"

#include <gtest/gtest.h>

namespace laggard {
namespace {

TEST(Endpoint, IsANumericAddressAndAPort) {
  using Endpoint = boost::asio::ip::tcp::endpoint;
  EXPECT_EQ(parse_endpoint("10.1.2.3:4711", "x"),
            Endpoint(boost::asio::ip::make_address("10.1.2.3"), 4711));
  EXPECT_EQ(parse_endpoint("[::1]:0", "x"), Endpoint(boost::asio::ip::make_address("::1"), 0));
  EXPECT_EQ(to_text(parse_endpoint("10.1.2.3:4711", "x")), "10.1.2.3:4711");
  EXPECT_EQ(to_text(parse_endpoint("[::1]:0", "x")), "[::1]:0");
  for (const char* bad : {"", ":", "10.1.2.3", "10.1.2.3:", "host:1", "10.1.2.3:65536",
                          "10.1.2.3:-1", "10.1.2.3:1x", "::1:5", "[10.1.2.3]:5", "[::1]", "[]:1"}) {
    try {
      parse_endpoint(bad, "--listen");
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(),
                std::string("--listen: ") + bad +
                    ": expected ADDRESS:PORT or [ADDRESS6]:PORT, the address numeric");
    }
  }
}

TEST(Url, IsTakenApart) {
  const Url plain = parse_url("http://example.org/a/b?c=d", "x");
  EXPECT_FALSE(plain.secure);
  EXPECT_EQ(plain.host, "example.org");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.target, "/a/b?c=d");
  const Url six = parse_url("https://[::1]:8443", "x");
  EXPECT_TRUE(six.secure);
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.authority, "[::1]:8443");
  EXPECT_EQ(six.port, 8443);
  EXPECT_EQ(six.target, "/");
  EXPECT_EQ(parse_url("https://example.org?c=/d", "x").target, "/?c=/d");
  for (const char* bad : {"", "ftp://a/b", "http://", "http:///b", "https://user@a/b",
                          "http://a:0/", "http://a:x/"}) {
    try {
      parse_url(bad, "--shard-source");
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("--shard-source: "), 0u) << error.what();
    }
  }
}

// They would go into the request as further lines of it.
TEST(Url, HasNoBlanksAndNoOtherLines) {
  for (const char* bad : {"http://a/b c", "http://a/b\r\nX: y", "http://a\n/b", "http://a\t/",
                          "http://\xc3\xa4.org/", "http://a/\x7f"}) {
    try {
      parse_url(bad, "--shard-source");
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      const std::string_view text = error.what();
      EXPECT_NE(text.find("printable ASCII without blanks"), text.npos) << text;
      EXPECT_EQ(text.find_first_of("\r\n\t\x7f"), text.npos) << text;
    }
  }
}

TEST(Url, IsShownWithoutUserAndQuery) {
  EXPECT_EQ(without_secrets("https://me:key@a.org/b@c?d=e"), "https://...@a.org/b@c?...");
  EXPECT_EQ(without_secrets("--shard-source=https://a.org?key"),
            "--shard-source=https://a.org?...");
  EXPECT_EQ(without_secrets("https://a.org/b"), "https://a.org/b");
  EXPECT_EQ(without_secrets("what?@"), "what?@");
  EXPECT_EQ(without_secrets("http://me:k/ey@a.org/b"), "http://me:k/ey@a.org/b")
      << "no user: '/' ends the host";
}

}  // namespace
}  // namespace laggard
