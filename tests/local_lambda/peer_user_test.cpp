#include "runners/local_lambda/peer_user.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>

#include <csignal>

namespace laggard::local {
namespace {

using boost::asio::ip::tcp;

constexpr uid_t kNobody = 65534;

class PeerUser : public testing::Test {
 protected:
  // What is said of a process of that user that connects, by IPv4 or by the IPv6 address that
  // stands for it.
  bool is_let_in(uid_t user, int family) {
    const std::uint16_t port = htons(acceptor.local_endpoint().port());
    const pid_t caller = ::fork();
    if (caller == 0) {
      if (user != ::getuid() && ::setuid(user) != 0) std::_Exit(1);
      const int socket = ::socket(family, SOCK_STREAM, 0);
      sockaddr_in four{};
      four.sin_family = AF_INET;
      four.sin_port = port;
      four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      sockaddr_in6 six{};
      six.sin6_family = AF_INET6;
      six.sin6_port = port;
      ::inet_pton(AF_INET6, "::ffff:127.0.0.1", &six.sin6_addr);
      const auto* address = family == AF_INET ? reinterpret_cast<const sockaddr*>(&four)
                                              : reinterpret_cast<const sockaddr*>(&six);
      if (::connect(socket, address, family == AF_INET ? sizeof four : sizeof six) != 0)
        std::_Exit(1);
      ::pause();
      std::_Exit(0);
    }
    const tcp::socket accepted = acceptor.accept();
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const rlimit fewer{std::min(most_files, files.rlim_cur), files.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &fewer);
    const bool let_in = is_this_users(accepted);
    ::setrlimit(RLIMIT_NOFILE, &files);
    ::kill(caller, SIGKILL);
    ::waitpid(caller, nullptr, 0);
    return let_in;
  }

  void SetUp() override { prepare_peer_user(); }

  rlim_t most_files = RLIM_INFINITY;  // that may be open when it is asked
  boost::asio::io_context loop;
  tcp::acceptor acceptor{loop, {boost::asio::ip::address_v4::loopback(), 0}};
};

TEST_F(PeerUser, OnesOwnProcessesAreLetIn) {
  EXPECT_TRUE(is_let_in(::getuid(), AF_INET));
  EXPECT_TRUE(is_let_in(::getuid(), AF_INET6));
}

TEST_F(PeerUser, ThoseOfAnotherUserAreNot) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can play another user";
  EXPECT_FALSE(is_let_in(kNobody, AF_INET));
  EXPECT_FALSE(is_let_in(kNobody, AF_INET6));
}

TEST_F(PeerUser, IsToldWithNoDescriptorLeft) {
  most_files = 0;
  EXPECT_TRUE(is_let_in(::getuid(), AF_INET));
  if (::getuid() != 0) GTEST_SKIP() << "only root can play another user";
  EXPECT_FALSE(is_let_in(kNobody, AF_INET));
}

TEST_F(PeerUser, IsToldOfIPv6) {
  boost::system::error_code none;
  tcp::acceptor six(loop);
  six.open(tcp::v6());
  six.bind({boost::asio::ip::address_v6::loopback(), 0}, none);
  if (none) GTEST_SKIP() << "no IPv6 here";
  six.listen();
  tcp::socket caller(loop);
  caller.connect(six.local_endpoint());
  const tcp::socket here = six.accept();
  EXPECT_TRUE(is_this_users(here));
  caller.close();
  EXPECT_FALSE(is_this_users(here));
}

TEST_F(PeerUser, WhoIsGoneIsNot) {
  tcp::socket caller(loop);
  caller.connect(acceptor.local_endpoint());
  const tcp::socket here = acceptor.accept();
  EXPECT_TRUE(is_this_users(here));
  caller.close();
  EXPECT_FALSE(is_this_users(here));
}

}  // namespace
}  // namespace laggard::local
