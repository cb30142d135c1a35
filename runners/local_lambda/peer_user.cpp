#include "runners/local_lambda/peer_user.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace laggard::local {
namespace {

using boost::asio::ip::tcp;

// As /proc/net/tcp has it: the bytes of the address from the last to the first.
std::string in_table(const tcp::endpoint& end) {
  const auto bytes = end.address().to_v4().to_bytes();
  return fmt::format("{:02X}{:02X}{:02X}{:02X}:{:04X}", bytes[3], bytes[2], bytes[1], bytes[0], end.port());
}

}  // namespace

bool is_this_users(const tcp::socket& socket) {
  boost::system::error_code gone;
  const tcp::endpoint here = socket.local_endpoint(gone), there = socket.remote_endpoint(gone);
  if (gone || !here.address().is_v4() || !there.address().is_v4()) return true;
  const std::string local = in_table(there), remote = in_table(here);
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string number, from, to, skipped;
    long user = -1;
    fields >> number >> from >> to;
    if (from != local || to != remote) continue;
    for (int i = 0; i < 4; ++i) fields >> skipped;  // st, queues, timer, retransmits
    fields >> user;
    return user == 0 || user == static_cast<long>(::geteuid());
  }
  return true;
}

}  // namespace laggard::local
