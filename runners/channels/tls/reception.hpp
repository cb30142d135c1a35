// Where workers call in: accepts connections, shakes hands, and hears the first message of each.
// What is not a worker is refused within seconds, counted, and costs little.
#pragma once

#include "runners/channels/tls/connection.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace laggard {

// Why connections were refused, and how many for each reason.
using Refusals = std::map<std::string, std::int64_t>;

class Reception {
 public:
  // Decides about whoever said a well-formed HELLO. Called on the loop.
  using Arrived = std::function<void(std::shared_ptr<Connection>, const Hello&)>;

  // Listens at once. `tls` null: plain TCP. Throws Error naming --listen. `loop` must outlive it.
  Reception(asio::io_context& loop, const asio::ip::tcp::endpoint& listen,
            std::shared_ptr<asio::ssl::context> tls, Arrived arrived);
  ~Reception();

  asio::ip::tcp::endpoint local_endpoint() const;

  // Counts a refusal and ends the connection, which is told `reason`.
  void refuse(const std::shared_ptr<Connection>& connection, std::string reason);
  void count(const std::string& reason);
  Refusals refused() const;

  void close();  // no new connection from now on

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace laggard
