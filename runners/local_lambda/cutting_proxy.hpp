// A TCP proxy that cuts the connection: the fault `drop`.
#pragma once

#include "core/task/types.hpp"

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

namespace laggard::local {

class CuttingProxy {
 public:
  // Listens on a free loopback port and forwards to `target`, "ADDRESS:PORT". The first connection
  // is cut `after` it came, both ways and at once; later ones are refused. Throws Error.
  CuttingProxy(boost::asio::io_context& io, const std::string& target, Time after);
  ~CuttingProxy();
  std::string address() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The value of the key "connect" of a JSON object, if it is there and an address.
std::optional<std::string> connect_address(const std::string& payload);
std::string with_connect_address(const std::string& payload, const std::string& address);

}  // namespace laggard::local
