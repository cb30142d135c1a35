#include "runners/local_lambda/peer_user.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

namespace laggard::local {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

void copy_address(const asio::ip::address& from, __be32 (&to)[4]) {
  if (from.is_v4()) {
    const auto bytes = from.to_v4().to_bytes();
    std::memcpy(to, bytes.data(), bytes.size());
  } else {
    const auto bytes = from.to_v6().to_bytes();
    std::memcpy(to, bytes.data(), bytes.size());
  }
}

// The kernel's table of sockets, asked for one of them.
class SocketTable {
 public:
  SocketTable() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {
    if (socket_ < 0) refuse(std::strerror(errno));
    // It must know a socket that is there for certain.
    asio::io_context io;
    const tcp::acceptor known(io, {asio::ip::address_v4::loopback(), 0});
    if (!find(known.local_endpoint(), {})) refuse("it does not know this program's own socket");
  }
  ~SocketTable() { ::close(socket_); }
  SocketTable(const SocketTable&) = delete;
  SocketTable& operator=(const SocketTable&) = delete;

  // The socket of this machine that is bound to `here` and connected to `there`, of either family
  // where an IPv6 address stands for an IPv4 one. An `there` of zeros: it listens.
  std::optional<inet_diag_msg> find(const tcp::endpoint& here, const tcp::endpoint& there) {
    struct {
      nlmsghdr header;
      inet_diag_req_v2 wanted;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.wanted.sdiag_family = here.address().is_v4() ? AF_INET : AF_INET6;
    request.wanted.sdiag_protocol = IPPROTO_TCP;
    request.wanted.idiag_states = ~0U;
    request.wanted.id.idiag_sport = htons(here.port());
    request.wanted.id.idiag_dport = htons(there.port());
    request.wanted.id.idiag_cookie[0] = request.wanted.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    copy_address(here.address(), request.wanted.id.idiag_src);
    copy_address(there.address(), request.wanted.id.idiag_dst);
    const std::lock_guard one_at_a_time(mutex_);
    request.header.nlmsg_seq = ++asked_;
    if (::send(socket_, &request, sizeof request, 0) != sizeof request) return std::nullopt;
    return answer();
  }

 private:
  [[noreturn]] static void refuse(const char* why) {
    throw Error(fmt::format(
        "the local endpoint: the system does not tell whose processes call (sock_diag): {}", why));
  }

  // The kernel has answered by the time that send() returns.
  std::optional<inet_diag_msg> answer() {
    alignas(nlmsghdr) char bytes[4096];
    while (true) {
      const ssize_t got = ::recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      nlmsghdr header;
      if (got < static_cast<ssize_t>(sizeof header)) return std::nullopt;
      std::memcpy(&header, bytes, sizeof header);
      if (header.nlmsg_seq != asked_) continue;  // of a question that was given up
      inet_diag_msg found;
      if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
          got < ssize_t{NLMSG_HDRLEN} + ssize_t{sizeof found})
        return std::nullopt;
      std::memcpy(&found, bytes + NLMSG_HDRLEN, sizeof found);
      return found;
    }
  }

  int socket_;
  std::mutex mutex_;
  std::uint32_t asked_ = 0;
};

SocketTable& socket_table() {
  static SocketTable table;
  return table;
}

}  // namespace

void prepare_peer_user() { socket_table(); }

bool is_this_users(const tcp::socket& socket) {
  boost::system::error_code gone;
  const tcp::endpoint here = socket.local_endpoint(gone);
  if (gone) return false;
  const tcp::endpoint there = socket.remote_endpoint(gone);
  if (gone) return false;
  const auto caller = socket_table().find(there, here);
  // Once closed, a socket is told to be root's.
  if (!caller || caller->idiag_state != TCP_ESTABLISHED) return false;
  return caller->idiag_uid == 0 || caller->idiag_uid == ::geteuid();
}

}  // namespace laggard::local
